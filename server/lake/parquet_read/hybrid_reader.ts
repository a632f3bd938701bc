/**
 * Reading of Parquet's RLE / bit-packing hybrid: all of it, or only some positions.
 *
 * @module
 */

import { ParquetReadError } from "./error.ts";

const POPCOUNT = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>>= 1) count += rest & 1;
  return count;
});

/** Walks the runs of one hybrid section. */
class Runs {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #bitWidth: number;
  #at: number;
  /** Values in the current run; a bit-packed one may end in padding. */
  count = 0;
  /** The repeated value, or -1 in a bit-packed run. */
  value = 0;
  /** First byte of a bit-packed run. */
  packedAt = 0;

  constructor(bytes: Uint8Array, at: number, end: number, bitWidth: number) {
    if (bitWidth > 24) throw new ParquetReadError(`A bit width of ${bitWidth} is beyond reason.`);
    if (at < 0 || end > bytes.length) throw new ParquetReadError("Levels reach beyond their page.");
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#bitWidth = bitWidth;
  }

  #take(): number {
    if (this.#at >= this.#end) throw new ParquetReadError("A run of values is cut off.");
    return this.#bytes[this.#at++] as number;
  }

  next(): void {
    let header = 0;
    for (let shift = 0; shift < 32; shift += 7) {
      const byte = this.#take();
      header |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    header >>>= 0;
    if ((header & 1) === 1) {
      this.count = (header >>> 1) * 8;
      this.value = -1;
      this.packedAt = this.#at;
      // Writers may leave out the padding of the last group.
      this.#at = Math.min(this.#end, this.#at + (header >>> 1) * this.#bitWidth);
    } else {
      this.count = header >>> 1;
      this.value = 0;
      for (let shift = 0; shift < this.#bitWidth; shift += 8) this.value |= this.#take() << shift;
    }
  }

  /** Value `index` of a bit-packed run. */
  packed(index: number): number {
    const width = this.#bitWidth;
    if (width === 0) return 0;
    const bit = index * width;
    const at = this.packedAt + (bit >>> 3);
    if (this.packedAt + ((bit + width - 1) >>> 3) >= this.#end) {
      throw new ParquetReadError("A run of values is cut off.");
    }
    const bytes = this.#bytes;
    const word = (bytes[at] as number) | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0) << 16 |
      (bytes[at + 3] ?? 0) << 24;
    return (word >>> (bit & 7)) & ((1 << width) - 1);
  }
}

/** Decodes `count` values of at most 8 bits. */
export function readLevels(
  bytes: Uint8Array,
  at: number,
  end: number,
  bitWidth: number,
  count: number,
): Uint8Array {
  const out = new Uint8Array(count);
  const runs = new Runs(bytes, at, end, bitWidth);
  for (let to = 0; to < count;) {
    runs.next();
    const size = Math.min(runs.count, count - to);
    if (runs.value >= 0) {
      if (runs.value > 0) out.fill(runs.value, to, to + size);
    } else if (bitWidth === 1) {
      if (runs.packedAt + ((size + 7) >>> 3) > end) {
        throw new ParquetReadError("A run of values is cut off.");
      }
      for (let i = 0; i < size; i++) {
        out[to + i] = ((bytes[runs.packedAt + (i >>> 3)] as number) >>> (i & 7)) & 1;
      }
    } else for (let i = 0; i < size; i++) out[to + i] = runs.packed(i);
    to += size;
  }
  return out;
}

/**
 * Picks the values at some positions.
 *
 * @param positions Ascending.
 */
export function pickHybrid(
  bytes: Uint8Array,
  at: number,
  end: number,
  bitWidth: number,
  positions: ArrayLike<number>,
): Int32Array {
  const out = new Int32Array(positions.length);
  if (bitWidth === 0) return out;
  const runs = new Runs(bytes, at, end, bitWidth);
  let base = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number;
    while (position >= base + runs.count) {
      base += runs.count;
      runs.next();
    }
    out[i] = runs.value >= 0 ? runs.value : runs.packed(position - base);
  }
  return out;
}

/**
 * For 1-bit levels: where in the stored values each position's value is.
 *
 * @param positions Ascending.
 * @returns For each position the number of ones before it, or -1 where its level is 0.
 */
export function rankOnes(
  bytes: Uint8Array,
  at: number,
  end: number,
  positions: ArrayLike<number>,
): Int32Array {
  const out = new Int32Array(positions.length);
  const runs = new Runs(bytes, at, end, 1);
  let base = 0;
  let ones = 0;
  // Inside a bit-packed run: whole bytes counted so far.
  let countedBytes = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number;
    while (position >= base + runs.count) {
      if (runs.value > 0) ones += runs.count;
      else if (runs.value < 0) {
        const last = Math.min(end, runs.packedAt + (runs.count >>> 3));
        for (let b = runs.packedAt + countedBytes; b < last; b++) {
          ones += POPCOUNT[bytes[b] as number] as number;
        }
      }
      countedBytes = 0;
      base += runs.count;
      runs.next();
    }
    if (runs.value >= 0) {
      out[i] = runs.value === 0 ? -1 : ones + position - base;
      continue;
    }
    const index = position - base;
    const byte = index >>> 3;
    if (runs.packedAt + byte >= end) throw new ParquetReadError("A run of values is cut off.");
    for (; countedBytes < byte; countedBytes++) {
      ones += POPCOUNT[bytes[runs.packedAt + countedBytes] as number] as number;
    }
    const word = bytes[runs.packedAt + byte] as number;
    const bit = index & 7;
    out[i] = (word >>> bit & 1) === 0 ? -1 : ones + (POPCOUNT[word & ((1 << bit) - 1)] as number);
  }
  return out;
}
