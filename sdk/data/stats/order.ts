/**
 * The order of a column's rows by value.
 *
 * A bucket sort: rows are dealt out over equal-width cells of the column's range, about four to a cell, and each cell is
 * sorted by itself. Where a distribution crowds into few cells, those are dealt out again over their own range.
 *
 * @module
 */

import { rangeOf } from "./moments.ts";

/** Cells this small are sorted by insertion. */
const SMALL = 24;
/** Dealings out before comparison sort takes over. */
const MAX_DEPTH = 8;

/**
 * Row numbers of a column's finite values, ascending by value.
 *
 * @param values the column; rows with non-finite values are left out
 * @returns row numbers
 * @example
 * ```ts
 * import { ascendingOrder } from "./order.ts";
 *
 * ascendingOrder(Float64Array.of(30, NaN, 10)); // Uint32Array [2, 0]
 * ```
 */
export function ascendingOrder(values: Float64Array): Uint32Array {
  const { count } = rangeOf(values);
  const keys = new Float64Array(count);
  const rows = new Uint32Array(count);
  for (let i = 0, at = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value - value !== 0) continue;
    keys[at] = value;
    rows[at++] = i;
  }
  sortPairs(keys, rows, 0, count, 0);
  return rows;
}

function sortPairs(
  keys: Float64Array,
  rows: Uint32Array,
  start: number,
  end: number,
  depth: number,
): void {
  const size = end - start;
  if (size <= SMALL) {
    insertionSort(keys, rows, start, end);
    return;
  }
  const part = keys.subarray(start, end);
  const { min, max } = rangeOf(part);
  if (min === max) return;
  const cells = Math.max(2, size >>> 2);
  const scale = cells / (max - min);
  if (depth >= MAX_DEPTH || !(scale > 0 && scale < Infinity)) {
    comparisonSort(keys, rows, start, end);
    return;
  }
  const starts = new Uint32Array(cells + 2);
  for (let i = 0; i < size; i++) {
    const cell = (((part[i] as number) - min) * scale) | 0;
    starts[cell + 1] = (starts[cell + 1] as number) + 1;
  }
  for (let cell = 0; cell <= cells; cell++) {
    starts[cell + 1] = (starts[cell + 1] as number) + (starts[cell] as number);
  }
  const next = starts.slice();
  const dealtKeys = new Float64Array(size);
  const dealtRows = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    const key = part[i] as number;
    const cell = ((key - min) * scale) | 0;
    const at = next[cell] as number;
    next[cell] = at + 1;
    dealtKeys[at] = key;
    dealtRows[at] = rows[start + i] as number;
  }
  keys.set(dealtKeys, start);
  rows.set(dealtRows, start);
  for (let cell = 0; cell <= cells; cell++) {
    const from = start + (starts[cell] as number);
    const to = start + (starts[cell + 1] as number);
    if (to - from > 1) sortPairs(keys, rows, from, to, depth + 1);
  }
}

function insertionSort(keys: Float64Array, rows: Uint32Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const key = keys[i] as number;
    const row = rows[i] as number;
    let at = i;
    while (at > start && (keys[at - 1] as number) > key) {
      keys[at] = keys[at - 1] as number;
      rows[at] = rows[at - 1] as number;
      at--;
    }
    keys[at] = key;
    rows[at] = row;
  }
}

function comparisonSort(keys: Float64Array, rows: Uint32Array, start: number, end: number): void {
  const order = Uint32Array.from({ length: end - start }, (_, i) => start + i)
    .sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
  const sortedKeys = Float64Array.from(order, (at) => keys[at] as number);
  const sortedRows = Uint32Array.from(order, (at) => rows[at] as number);
  keys.set(sortedKeys, start);
  rows.set(sortedRows, start);
}
