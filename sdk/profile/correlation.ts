/**
 * Measures of association between columns. Rows where either value is missing are left out, pair by pair.
 *
 * @module
 */

import type { TextColumn } from "../data/mod.ts";
import { ascendingOrder, momentsOf, rangeOf } from "../data/stats/mod.ts";

/** Rows that are standardised together, so that all columns' rows fit the processor's cache. */
const BLOCK = 512;

/**
 * Pearson's correlation of every pair of columns.
 *
 * @param columns equally long columns; non-finite values are left out pair by pair
 * @returns a square matrix, row by row; `NaN` where a column is constant
 * @example
 * ```ts
 * import { pearsonMatrix } from "./mod.ts";
 *
 * pearsonMatrix([Float64Array.of(1, 2, 3), Float64Array.of(2, 4, 6)])[1]; // 1
 * ```
 */
export function pearsonMatrix(columns: readonly (Float64Array | Float32Array)[]): Float64Array {
  const k = columns.length;
  const rows = columns[0]?.length ?? 0;
  const moments = columns.map((column) => {
    const doubles = column instanceof Float64Array ? column : new Float64Array(column);
    return momentsOf(doubles, rangeOf(doubles));
  });
  const out = new Float64Array(k * k).fill(NaN);
  const clean = columns.map((_, i) => i).filter((i) => moments[i]?.count === rows);
  const sums = new Float64Array(clean.length * clean.length);
  const block = new Float64Array(clean.length * BLOCK);
  const widened = new Float64Array(BLOCK);
  for (let start = 0; start < rows; start += BLOCK) {
    const size = Math.min(BLOCK, rows - start);
    clean.forEach((column, at) => {
      const { mean, m2, scale } = moments[column] as { mean: number; m2: number; scale: number };
      const factor = 1 / Math.sqrt(m2);
      const values = columns[column] as Float64Array | Float32Array;
      const isDouble = values instanceof Float64Array;
      // One kind of array in the loop over cells keeps that loop fast.
      if (!isDouble) widened.set(values.subarray(start, start + size));
      standardise(
        isDouble ? values : widened,
        isDouble ? start : 0,
        size,
        mean,
        scale,
        factor,
        block,
        at * BLOCK,
      );
    });
    for (let i = 0; i < clean.length; i++) {
      for (let j = i; j < clean.length; j++) {
        const cell = i * clean.length + j;
        sums[cell] = (sums[cell] as number) + dot(block, i * BLOCK, j * BLOCK, size);
      }
    }
  }
  clean.forEach((a, i) => {
    clean.forEach((b, j) => {
      if (j < i) return;
      out[a * k + b] = out[b * k + a] = clampToOne(sums[i * clean.length + j] as number);
    });
  });
  for (let a = 0; a < k; a++) {
    for (let b = a; b < k; b++) {
      if (moments[a]?.count === rows && moments[b]?.count === rows) continue;
      const [x, y] = completePairs(
        columns[a] as Float64Array | Float32Array,
        columns[b] as Float64Array | Float32Array,
      );
      const pair = x.length === 0 ? NaN : pearsonMatrix([x, y])[1] as number;
      out[a * k + b] = out[b * k + a] = pair;
    }
  }
  return out;
}

function standardise(
  values: Float64Array,
  start: number,
  size: number,
  mean: number,
  scale: number,
  factor: number,
  out: Float64Array,
  at: number,
): void {
  // Scaled first and subtracted after: the difference of two huge values may overflow.
  const center = mean * scale;
  for (let i = 0; i < size; i++) {
    out[at + i] = ((values[start + i] as number) * scale - center) * factor;
  }
}

function dot(block: Float64Array, a: number, b: number, size: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < size; i += 4) {
    s0 += (block[a + i] as number) * (block[b + i] as number);
    s1 += (block[a + i + 1] as number) * (block[b + i + 1] as number);
    s2 += (block[a + i + 2] as number) * (block[b + i + 2] as number);
    s3 += (block[a + i + 3] as number) * (block[b + i + 3] as number);
  }
  for (; i < size; i++) s0 += (block[a + i] as number) * (block[b + i] as number);
  return (s0 + s1) + (s2 + s3);
}

function clampToOne(r: number): number {
  return r > 1 ? 1 : r < -1 ? -1 : r;
}

function completePairs(
  x: Float64Array | Float32Array,
  y: Float64Array | Float32Array,
): [Float64Array, Float64Array] {
  const rows: number[] = [];
  for (let i = 0; i < x.length; i++) {
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) rows.push(i);
  }
  const pick = (from: Float64Array | Float32Array) =>
    Float64Array.from(rows, (row) => from[row] as number);
  return [pick(x), pick(y)];
}

/**
 * Ranks of a column's values, 1 for the smallest; equal values share the mean of their ranks. Pearson's correlation of
 * ranks is Spearman's ρ.
 *
 * @param values the column; `NaN` and infinities get `NaN`
 * @returns one rank per row
 * @example
 * ```ts
 * import { ranks } from "./mod.ts";
 *
 * ranks(Float64Array.of(10, 30, 10)); // [1.5, 3, 1.5]
 * ```
 */
export function ranks(values: Float64Array): Float64Array {
  return fillRanks(new Float64Array(values.length), values);
}

/** Single precision has 24 bits: halves are exact up to here. */
const EXACT_HALVES = 2 ** 23;

/**
 * {@linkcode ranks} in half the memory where single precision holds every rank exactly, which it does up to 8,388,608
 * rows.
 *
 * @param values the column; `NaN` and infinities get `NaN`
 * @returns one rank per row
 * @example
 * ```ts
 * import { compactRanks } from "./mod.ts";
 *
 * compactRanks(Float64Array.of(10, 30, 10)); // [1.5, 3, 1.5]
 * ```
 */
export function compactRanks(values: Float64Array): Float64Array | Float32Array {
  return values.length <= EXACT_HALVES
    ? fillRanks(new Float32Array(values.length), values)
    : ranks(values);
}

function fillRanks<Out extends Float64Array | Float32Array>(out: Out, values: Float64Array): Out {
  out.fill(NaN);
  const order = ascendingOrder(values);
  for (let start = 0; start < order.length;) {
    const value = values[order[start] as number];
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === value) end++;
    // Ranks start + 1 … end, of which equal values share the mean.
    const rank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) out[order[i] as number] = rank;
    start = end;
  }
  return out;
}

/**
 * Cramér's V (1946): how strongly two categories go together, from 0 to 1.
 *
 * @param a one column
 * @param b another of the same length
 * @returns √(χ² / (n · (min(r, c) − 1))); `NaN` when one of them has a single value
 * @example
 * ```ts
 * import { textColumn } from "../data/mod.ts";
 * import { cramersV } from "./mod.ts";
 *
 * cramersV(textColumn("a", ["x", "y", "x"]), textColumn("b", ["u", "v", "u"])); // 1
 * ```
 */
export function cramersV(a: TextColumn, b: TextColumn): number {
  const pairs = new Map<number, number>();
  const rowTotals = new Map<number, number>();
  const columnTotals = new Map<number, number>();
  let n = 0;
  const width = b.dictionary.length;
  for (let i = 0; i < a.codes.length; i++) {
    const x = a.codes[i] as number;
    const y = b.codes[i] as number;
    if (x < 0 || y < 0) continue;
    n++;
    pairs.set(x * width + y, (pairs.get(x * width + y) ?? 0) + 1);
    rowTotals.set(x, (rowTotals.get(x) ?? 0) + 1);
    columnTotals.set(y, (columnTotals.get(y) ?? 0) + 1);
  }
  const smaller = Math.min(rowTotals.size, columnTotals.size);
  if (smaller < 2) return NaN;
  // χ² = n · (Σ o² / (row · column) − 1): cells that never occur add nothing.
  let sum = 0;
  for (const [key, observed] of pairs) {
    const row = rowTotals.get(Math.floor(key / width)) as number;
    sum += observed * observed / (row * (columnTotals.get(key % width) as number));
  }
  return Math.sqrt(Math.min(1, Math.max(0, (sum - 1) / (smaller - 1))));
}

/**
 * The correlation ratio η (Pearson 1905): the share of a number's spread that a category explains, as its square root.
 *
 * @param values the number
 * @param groups the category, of the same length
 * @returns √(between / total sum of squares); `NaN` for a constant number
 * @example
 * ```ts
 * import { textColumn } from "../data/mod.ts";
 * import { correlationRatio } from "./mod.ts";
 *
 * correlationRatio(Float64Array.of(1, 1, 5), textColumn("g", ["a", "a", "b"])); // 1
 * ```
 */
export function correlationRatio(values: Float64Array, groups: TextColumn): number {
  const used = Float64Array.from(
    values,
    (value, i) => (groups.codes[i] as number) < 0 ? NaN : value,
  );
  const { mean, m2, scale, count } = momentsOf(used);
  if (count === 0 || m2 === 0) return NaN;
  const sums = new Float64Array(groups.dictionary.length);
  const counts = new Float64Array(groups.dictionary.length);
  for (let i = 0; i < used.length; i++) {
    const value = used[i] as number;
    if (value - value !== 0) continue;
    const code = groups.codes[i] as number;
    sums[code] = (sums[code] as number) + (value * scale - mean * scale);
    counts[code] = (counts[code] as number) + 1;
  }
  const between = sums.reduce((total, sum, code) => {
    const size = counts[code] as number;
    return size === 0 ? total : total + sum * sum / size;
  }, 0);
  return Math.sqrt(Math.min(1, between / m2));
}
