/** Cells of the look-up table. */
const CELLS = 4096;
/** Edges that are compared one after the other, which beats the table for the usual ten bins. */
const UNROLLED = 9;
/** Marks a cell in which an edge lies. */
const MIXED = -1;

/**
 * Puts numbers into bins. Bin i (zero-based) holds `edge[i-1] < value <= edge[i]`; the first and last are open, so
 * +∞ falls into the last one.
 *
 * A table over a grid of equal-width cells tells a cell's bin; only values in a cell that an edge divides are looked up by
 * bisection.
 *
 * @example
 * ```ts
 * import { NumericBinner } from "./mod.ts";
 *
 * new NumericBinner([2.75, 4.5, 6.25]).indexOf(4.5); // 1
 * ```
 */
export class NumericBinner {
  /** How many bins there are. */
  readonly binCount: number;
  readonly #edges: Float64Array;
  /** The bin of each cell, or MIXED. */
  readonly #table: Int32Array;
  readonly #origin: number;
  readonly #scale: number;

  /**
   * Prepares the table for given edges.
   *
   * @param edges the inner edges, ascending; repeated edges make empty bins
   */
  constructor(edges: ArrayLike<number>) {
    this.#edges = Float64Array.from(edges);
    this.binCount = edges.length + 1;
    const low = this.#edges[0] ?? 0;
    const width = (this.#edges[edges.length - 1] ?? 0) - low;
    // The grid reaches as far again to both sides, so that most values of the open bins lie on it too.
    const scale = CELLS / (3 * width);
    const usable = scale > 0 && scale < Infinity && Number.isFinite(low - width);
    this.#origin = usable ? low - width : 0;
    this.#scale = usable ? scale : 0;
    this.#table = new Int32Array(CELLS + 2).fill(MIXED);
    if (usable) this.#fillTable();
  }

  /**
   * The bin of one value.
   *
   * @param value any number
   * @returns the zero-based bin, or -1 for `NaN` and -∞, which lie in no bin
   */
  indexOf(value: number): number {
    return value > -Infinity ? edgesBelow(this.#edges, value) : -1;
  }

  /**
   * Counts a column's finite values per bin.
   *
   * @param values the column
   * @param counts one counter per bin, added to
   */
  count(values: Float64Array, counts: Float64Array): void {
    const edges = this.#edges;
    const table = this.#table;
    const origin = this.#origin;
    const scale = this.#scale;
    // Whole numbers in the loop; a block is too short for them to overflow.
    const block = new Uint32Array(Math.max(this.binCount, UNROLLED + 1));
    for (let start = 0; start < values.length; start += 2 ** 30) {
      const end = Math.min(values.length, start + 2 ** 30);
      if (edges.length <= UNROLLED) countFew(values, start, end, edges, block);
      else {for (let i = start; i < end; i++) {
          const value = values[i] as number;
          if (value - value !== 0) continue;
          const position = (value - origin) * scale;
          // Cell 0 is left of the grid, the last cell right of it.
          const cell = position < 0 ? 0 : position >= CELLS ? CELLS + 1 : (position | 0) + 1;
          let bin = table[cell] as number;
          if (bin === MIXED) bin = edgesBelow(edges, value);
          block[bin] = (block[bin] as number) + 1;
        }}
      for (let bin = 0; bin < this.binCount; bin++) {
        counts[bin] = (counts[bin] as number) + (block[bin] as number);
      }
      block.fill(0);
    }
  }

  #fillTable(): void {
    const edges = this.#edges;
    const cellOf = (value: number): number => {
      const position = (value - this.#origin) * this.#scale;
      return position < 0 ? 0 : position >= CELLS ? CELLS + 1 : (position | 0) + 1;
    };
    // A value in cell c lies above every edge in an earlier cell and not above any edge in a later one.
    let bin = 0;
    for (let cell = 0; cell < this.#table.length; cell++) {
      const first = bin;
      while (bin < edges.length && cellOf(edges[bin] as number) <= cell) bin++;
      if (bin === first) this.#table[cell] = bin;
    }
  }
}

/** Counts the values above each of up to nine edges, without a branch; bins are the differences. */
function countFew(
  values: Float64Array,
  start: number,
  end: number,
  edges: Float64Array,
  counts: Uint32Array,
): void {
  const [a = Infinity, b = Infinity, c = Infinity, d = Infinity, e = Infinity] = edges;
  const [f = Infinity, g = Infinity, h = Infinity, j = Infinity] = edges.subarray(5);
  let [n, na, nb, nc, nd, ne, nf, ng, nh, nj] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = start; i < end; i++) {
    const value = values[i] as number;
    if (value - value !== 0) continue;
    n++;
    na += +(value > a);
    nb += +(value > b);
    nc += +(value > c);
    nd += +(value > d);
    ne += +(value > e);
    nf += +(value > f);
    ng += +(value > g);
    nh += +(value > h);
    nj += +(value > j);
  }
  const above = [n, na, nb, nc, nd, ne, nf, ng, nh, nj, 0];
  for (let bin = 0; bin <= UNROLLED; bin++) {
    counts[bin] = (above[bin] as number) - (above[bin + 1] as number);
  }
}

/** The number of edges below the value. */
function edgesBelow(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
