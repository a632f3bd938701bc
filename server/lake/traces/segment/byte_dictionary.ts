/**
 * Interns byte strings into a Parquet dictionary: entries in PLAIN form, found by an open-addressing hash table.
 *
 * @module
 */
import { ByteSink } from "../../parquet/byte_sink.ts";
import { Int32List } from "./growable.ts";
import { isValidUtf8 } from "./utf8.ts";

/** The finished entries of a dictionary. */
export interface DictionaryData {
  /** Entries in PLAIN form: 32-bit length, bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** End offset of each entry in `bytes`. */
  readonly ends: Int32Array<ArrayBuffer>;
  readonly count: number;
}

/** Answer of {@linkcode ByteDictionary.intern} for bytes that are not valid UTF-8. */
export const INVALID_UTF8 = -1;

// Not persisted; differs per process so that colliding keys cannot be prepared.
const SEED = Math.floor(Math.random() * 0x7fffffff) | 1;

/** End, hash, successor and two hash slots of an entry. */
const ENTRY_OVERHEAD_BYTES = 28;

/** Distinct byte strings in order of first appearance. */
export class ByteDictionary {
  readonly entries: ByteSink = new ByteSink(256);
  readonly ends: Int32List = new Int32List(16);
  #slots = new Int32Array(32).fill(-1);
  #hashes: Int32List = new Int32List(16);
  // Spans of one kind bring the same entries in the same order: the entry that followed the last one before is
  // compared first, which is cheaper than hashing.
  #last = 0;
  readonly #next: Int32List = new Int32List(16);

  /** Number of distinct entries. */
  get count(): number {
    return this.ends.length;
  }

  /** Bytes held. */
  get byteSize(): number {
    return this.entries.length + this.ends.length * ENTRY_OVERHEAD_BYTES;
  }

  #start(index: number): number {
    return index === 0 ? 4 : this.ends.data[index - 1]! + 4;
  }

  #equals(index: number, bytes: Uint8Array, start: number, size: number): boolean {
    let at = this.#start(index);
    if (this.ends.data[index]! - at !== size) return false;
    const held = this.entries.buf;
    for (let i = start, end = start + size; i < end; i++) if (held[at++] !== bytes[i]) return false;
    return true;
  }

  /**
   * Finds or adds `bytes[start, end)`.
   *
   * @returns the entry's index, or {@linkcode INVALID_UTF8}
   */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const size = end - start;
    const last = this.#last;
    if (last < this.ends.length) {
      const expected = this.#next.data[last]!;
      if (this.#equals(expected, bytes, start, size)) {
        this.#last = expected;
        return expected;
      }
    }
    let hash = SEED;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 13;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const index = this.#slots[slot]!;
      if (index < 0) break;
      if (this.#hashes.data[index] === hash && this.#equals(index, bytes, start, size)) {
        this.#next.data[last] = index;
        this.#last = index;
        return index;
      }
      slot = slot + 1 & mask;
    }
    if (!isValidUtf8(bytes, start, end)) return INVALID_UTF8;
    const index = this.count;
    this.entries.int32(size);
    this.entries.copy(bytes, start, end);
    this.ends.push(this.entries.length);
    this.#hashes.push(hash);
    this.#slots[slot] = index;
    this.#next.push(index);
    this.#next.data[last] = index;
    this.#last = index;
    if (this.count * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let index = 0; index < this.count; index++) {
      let slot = this.#hashes.data[index]! & mask;
      while (slots[slot]! >= 0) slot = slot + 1 & mask;
      slots[slot] = index;
    }
    this.#slots = slots;
  }

  /** The text of an entry. */
  text(index: number): string {
    return decoder.decode(this.entries.buf.subarray(this.#start(index), this.ends.data[index]!));
  }

  /** Forgets the entries from `count` on. */
  truncate(count: number): void {
    if (count >= this.count) return;
    const mask = this.#slots.length - 1;
    // Linear probing stays intact when the newest entries go first.
    for (let index = this.count - 1; index >= count; index--) {
      let slot = this.#hashes.data[index]! & mask;
      while (this.#slots[slot] !== index) slot = slot + 1 & mask;
      this.#slots[slot] = -1;
    }
    this.ends.length = count;
    this.#hashes.length = count;
    this.#next.length = count;
    for (let index = 0; index < count; index++) {
      if (this.#next.data[index]! >= count) this.#next.data[index] = index;
    }
    this.entries.length = count === 0 ? 0 : this.ends.data[count - 1]!;
    this.#last = 0;
  }

  /** The entries, sharing this dictionary's buffers. */
  data(): DictionaryData {
    return { bytes: this.entries.buf, ends: this.ends.data, count: this.count };
  }
}

const decoder = new TextDecoder();

/** The text of entry `index` of finished entries. */
export function dictionaryText(data: DictionaryData, index: number): string {
  const start = index === 0 ? 4 : data.ends[index - 1]! + 4;
  return decoder.decode(data.bytes.subarray(start, data.ends[index]!));
}
