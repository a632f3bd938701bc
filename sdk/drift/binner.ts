/** Cells of the look-up table. */
const CELLS = 1024;

/**
 * Puts numbers into bins. Bin i (zero-based) holds `edge[i-1] < value <= edge[i]`; the first and last are open, so
 * +∞ falls into the last one.
 *
 * A table over a grid of equal-width cells tells the first and last bin that a cell touches; mostly they are one, and
 * what is left is found by bisection.
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
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #origin: number;
  readonly #scale: number;

  /** @param edges the inner edges, ascending; repeated edges make empty bins */
  constructor(edges: ArrayLike<number>) {
    this.#edges = Float64Array.from(edges);
    this.binCount = edges.length + 1;
    const low = this.#edges[0] ?? 0;
    const high = this.#edges[edges.length - 1] ?? 0;
    const scale = CELLS / (high - low);
    // Without a usable grid every value is found by bisection.
    this.#origin = scale > 0 && scale < Infinity ? low : 0;
    this.#scale = scale > 0 && scale < Infinity ? scale : 0;
    this.#first = new Int32Array(CELLS + 2);
    this.#last = new Int32Array(CELLS + 2).fill(edges.length);
    if (this.#scale > 0) this.#fillTable();
  }

  /**
   * The bin of one value.
   *
   * @param value any number
   * @returns the zero-based bin, or -1 for `NaN` and -∞, which lie in no bin
   */
  indexOf(value: number): number {
    if (!(value > -Infinity)) return -1;
    return bisect(this.#edges, value, 0, this.#edges.length);
  }

  /**
   * Counts a column's finite values per bin.
   *
   * @param values the column
   * @param counts one counter per bin, added to
   */
  count(values: Float64Array, counts: Float64Array): void {
    const edges = this.#edges;
    const first = this.#first;
    const last = this.#last;
    const origin = this.#origin;
    const scale = this.#scale;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (value - value !== 0) continue;
      const position = (value - origin) * scale;
      // Cell 0 is left of the grid, the last cell right of it.
      const cell = position < 0 ? 0 : position >= CELLS ? CELLS + 1 : (position | 0) + 1;
      let bin = first[cell] as number;
      const end = last[cell] as number;
      if (bin !== end) bin = bisect(edges, value, bin, end);
      counts[bin] = (counts[bin] as number) + 1;
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
    for (let cell = 0; cell < this.#first.length; cell++) {
      this.#first[cell] = bin;
      while (bin < edges.length && cellOf(edges[bin] as number) <= cell) bin++;
      this.#last[cell] = bin;
    }
  }
}

/** The number of edges below the value, known to lie within [low, high]. */
function bisect(edges: Float64Array, value: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
