/**
 * Exact distinct counts of numbers.
 *
 * Up to a few thousand distinct values one hash table in the processor's cache does it. Beyond that the values are
 * first dealt out into parts by their hash, so that each part's table stays in the cache too.
 *
 * @module
 */

/** Distinct values one small table takes before the column is dealt out. */
const SMALL_LIMIT = 2048;
/** Rows per part when dealing out. */
const PART_ROWS = 1024;

/**
 * Counts the distinct finite values of a column exactly. -0 and 0 are one value.
 *
 * @param values the column; non-finite values are skipped
 * @returns how many different finite values there are
 * @example
 * ```ts
 * import { countDistinct } from "./distinct.ts";
 *
 * countDistinct(Float64Array.of(1, 2, 2, NaN)); // 2
 * ```
 */
export function countDistinct(values: Float64Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const small = countSmall(words, SMALL_LIMIT);
  return small >= 0 ? small : countDealt(values, words);
}

/** Mixes the two halves of a double; the finaliser is that of MurmurHash3. */
function hash(low: number, high: number): number {
  let h = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The count, or -1 when there are more than `limit`. */
function countSmall(words: Uint32Array, limit: number): number {
  const size = limit * 2;
  const mask = size - 1;
  const lows = new Uint32Array(size);
  const highs = new Uint32Array(size);
  const used = new Uint8Array(size);
  let count = 0;
  for (let i = 0; i < words.length; i += 2) {
    const low = words[i] as number;
    let high = words[i + 1] as number;
    if ((high & 0x7ff00000) === 0x7ff00000) continue;
    if (low === 0 && high === 0x80000000) high = 0;
    let at = hash(low, high) & mask;
    while (used[at] === 1 && (lows[at] !== low || highs[at] !== high)) at = (at + 1) & mask;
    if (used[at] === 1) continue;
    if (count === limit) return -1;
    used[at] = 1;
    lows[at] = low;
    highs[at] = high;
    count++;
  }
  return count;
}

function countDealt(values: Float64Array, words: Uint32Array): number {
  const bits = Math.min(16, Math.max(1, Math.ceil(Math.log2(values.length / PART_ROWS))));
  const shift = 32 - bits;
  const parts = 1 << bits;
  const starts = new Float64Array(parts + 1);
  for (let i = 0; i < words.length; i += 2) {
    const low = words[i] as number;
    let high = words[i + 1] as number;
    if ((high & 0x7ff00000) === 0x7ff00000) continue;
    if (low === 0 && high === 0x80000000) high = 0;
    const part = hash(low, high) >>> shift;
    starts[part + 1] = (starts[part + 1] as number) + 1;
  }
  let largest = 0;
  for (let part = 0; part < parts; part++) {
    largest = Math.max(largest, starts[part + 1] as number);
    starts[part + 1] = (starts[part + 1] as number) + (starts[part] as number);
  }
  const dealt = new Float64Array(starts[parts] as number);
  const dealtWords = new Uint32Array(dealt.buffer);
  const next = starts.slice(0, parts);
  for (let i = 0; i < values.length; i++) {
    const low = words[2 * i] as number;
    let high = words[2 * i + 1] as number;
    if ((high & 0x7ff00000) === 0x7ff00000) continue;
    if (low === 0 && high === 0x80000000) high = 0;
    const part = hash(low, high) >>> shift;
    const at = next[part] as number;
    next[part] = at + 1;
    dealtWords[2 * at] = low;
    dealtWords[2 * at + 1] = high;
  }
  let size = 16;
  while (size < largest * 2) size *= 2;
  return countParts(dealtWords, starts, parts, size);
}

function countParts(
  words: Uint32Array,
  starts: Float64Array,
  parts: number,
  size: number,
): number {
  const mask = size - 1;
  const lows = new Uint32Array(size);
  const highs = new Uint32Array(size);
  // Which part last wrote a slot: clears the table for the next part for nothing.
  const owner = new Uint32Array(size);
  let count = 0;
  for (let part = 0; part < parts; part++) {
    const end = starts[part + 1] as number;
    for (let i = starts[part] as number; i < end; i++) {
      const low = words[2 * i] as number;
      const high = words[2 * i + 1] as number;
      let at = hash(low, high) & mask;
      while (owner[at] === part + 1 && (lows[at] !== low || highs[at] !== high)) {
        at = (at + 1) & mask;
      }
      if (owner[at] === part + 1) continue;
      owner[at] = part + 1;
      lows[at] = low;
      highs[at] = high;
      count++;
    }
  }
  return count;
}
