/**
 * Order statistics by bucket selection: a few values out of a column without sorting it.
 *
 * One pass counts values per cell of an equal-width grid, a second collects only the cells that hold a wanted rank;
 * those are sorted, or split again when they are large. The map from value to cell is monotone in floating-point
 * arithmetic, so the answer is exact. Linear in the number of rows for any data whose cells shrink by splitting;
 * where they do not, the part in question is sorted.
 *
 * @module
 */

import { type Range, rangeOf } from "./moments.ts";

/** Below this size sorting wins. */
const SORT_BELOW = 2048;
const CELLS = 4096;

/**
 * The values at given ranks of a column's finite values in ascending order.
 *
 * @param values the column; non-finite values are skipped, nothing is reordered
 * @param ranks zero-based ranks, ascending, each below the number of finite values
 * @param range the column's range, when already known
 * @returns one value per rank
 * @throws RangeError when a rank is not a position of a finite value
 * @example
 * ```ts
 * import { orderStatistics } from "./select.ts";
 *
 * orderStatistics(Float64Array.of(30, 10, 20), [0, 2]); // Float64Array [10, 30]
 * ```
 */
export function orderStatistics(
  values: Float64Array,
  ranks: readonly number[],
  range: Range = rangeOf(values),
): Float64Array {
  const out = new Float64Array(ranks.length);
  for (let i = 0; i < ranks.length; i++) {
    const rank = ranks[i] as number;
    if (!Number.isInteger(rank) || rank < 0 || rank >= range.count) {
      throw new RangeError(`Rank ${rank} is not one of the column's ${range.count} finite values`);
    }
  }
  if (ranks.length > 0) select(values, range, ranks, out, 0, 0);
  return out;
}

function select(
  values: Float64Array,
  range: Range,
  ranks: readonly number[],
  out: Float64Array,
  outStart: number,
  depth: number,
): void {
  const { count, min, max } = range;
  if (min === max) {
    out.fill(min, outStart, outStart + ranks.length);
    return;
  }
  const scale = CELLS / (max - min);
  if (count < SORT_BELOW || depth > 6 || !(scale < Infinity) || scale === 0) {
    sortAndPick(values, count, ranks, out, outStart);
    return;
  }
  const clean = count === values.length;
  const counts = new Uint32Array(CELLS + 1);
  countCells(values, min, scale, clean, counts);
  // Which cells hold a wanted rank, and where each one's values will be gathered.
  const slotOfCell = new Int32Array(CELLS + 1).fill(-1);
  const parts: { ranks: number[]; outStart: number; start: number; size: number }[] = [];
  let before = 0;
  let gathered = 0;
  let cell = 0;
  for (let r = 0; r < ranks.length; r++) {
    const rank = ranks[r] as number;
    while (before + (counts[cell] as number) <= rank) before += counts[cell++] as number;
    if (slotOfCell[cell] === -1) {
      slotOfCell[cell] = parts.length;
      const size = counts[cell] as number;
      parts.push({ ranks: [], outStart: outStart + r, start: gathered, size });
      gathered += size;
    }
    parts[parts.length - 1]?.ranks.push(rank - before);
  }
  const buffer = new Float64Array(gathered);
  const next = Float64Array.from(parts, (part) => part.start);
  gather(values, min, scale, clean, slotOfCell, next, buffer);
  for (const part of parts) {
    const inside = buffer.subarray(part.start, part.start + part.size);
    if (part.size < SORT_BELOW) sortAndPick(inside, part.size, part.ranks, out, part.outStart);
    else select(inside, rangeOf(inside), part.ranks, out, part.outStart, depth + 1);
  }
}

function countCells(
  values: Float64Array,
  min: number,
  scale: number,
  clean: boolean,
  counts: Uint32Array,
): void {
  if (clean) {
    for (let i = 0; i < values.length; i++) {
      const cell = (((values[i] as number) - min) * scale) | 0;
      counts[cell] = (counts[cell] as number) + 1;
    }
    return;
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value - value !== 0) continue;
    const cell = ((value - min) * scale) | 0;
    counts[cell] = (counts[cell] as number) + 1;
  }
}

function gather(
  values: Float64Array,
  min: number,
  scale: number,
  clean: boolean,
  slotOfCell: Int32Array,
  next: Float64Array,
  buffer: Float64Array,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!clean && value - value !== 0) continue;
    const slot = slotOfCell[((value - min) * scale) | 0] as number;
    if (slot < 0) continue;
    const at = next[slot] as number;
    buffer[at] = value;
    next[slot] = at + 1;
  }
}

function sortAndPick(
  values: Float64Array,
  count: number,
  ranks: readonly number[],
  out: Float64Array,
  outStart: number,
): void {
  const sorted = sortedFinite(values, count);
  for (let r = 0; r < ranks.length; r++) {
    out[outStart + r] = sorted[ranks[r] as number] as number;
  }
}

/** The finite values in ascending order, as a new array. */
export function sortedFinite(
  values: Float64Array,
  count: number = rangeOf(values).count,
): Float64Array {
  if (count === values.length) return values.slice().sort();
  const kept = new Float64Array(count);
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value - value === 0) kept[at++] = value;
  }
  return kept.sort();
}
