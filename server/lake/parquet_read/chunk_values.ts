/**
 * Values of single rows of a column chunk; everything else in it is stepped over.
 *
 * @module
 */

import { bitWidthFor } from "../parquet/hybrid.ts";
import { ParquetReadError } from "./error.ts";
import { pickHybrid, rankOnes, readLevels } from "./hybrid_reader.ts";
import { type ChunkBytes, ChunkPages, type DictionaryPage, type OpenPage } from "./pages.ts";

/** What the values of a leaf become: `Uint8Array`, string, number or bigint. */
export type ValueKind = "binary" | "string" | "int32" | "int64";

/** Byte strings keep a leading U+FEFF: it is part of the value. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const viewOf = (bytes: Uint8Array) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const cutOff = () => new ParquetReadError("A value reaches beyond its page.");

/** 0, 1, … below `count`. */
function upTo(count: number): Int32Array {
  const numbers = new Int32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = i;
  return numbers;
}

/** Positions of length-prefixed values in `bytes`. */
interface Located {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
}

/** Where the entries with these ascending ordinals begin, in PLAIN byte arrays that start at `at`. */
function locatePlain(bytes: Uint8Array, at: number, ordinals: ArrayLike<number>): Int32Array {
  const offsets = new Int32Array(ordinals.length);
  const view = viewOf(bytes);
  const size = bytes.length;
  let entry = 0;
  for (let i = 0; i < ordinals.length; i++) {
    const ordinal = ordinals[i] as number;
    for (; entry < ordinal; entry++) {
      if (at + 4 > size) throw cutOff();
      at += 4 + view.getUint32(at, true);
    }
    if (at + 4 > size || at + 4 + view.getUint32(at, true) > size) throw cutOff();
    offsets[i] = at;
  }
  return offsets;
}

/** Reads values out of the pages of one chunk. */
class ValueReader {
  readonly pages: ChunkPages;
  #dictionary: DictionaryPage | null = null;
  #entryOffsets: Int32Array | null = null;

  constructor(chunk: ChunkBytes) {
    this.pages = new ChunkPages(chunk);
  }

  #indices(page: OpenPage, ordinals: ArrayLike<number>): [DictionaryPage, Int32Array] {
    const dictionary = this.#dictionary ??= this.pages.dictionary();
    const { bytes, valuesAt } = page;
    const width = bytes[valuesAt];
    if (width === undefined) throw cutOff();
    const indices = pickHybrid(bytes, valuesAt + 1, bytes.length, width, ordinals);
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number;
      if (index < 0 || index >= dictionary.count) {
        throw new ParquetReadError("A value points outside of its dictionary.");
      }
    }
    return [dictionary, indices];
  }

  /** Finds byte arrays by their ascending ordinals among the stored values of a page. */
  locate(page: OpenPage, ordinals: ArrayLike<number>): Located {
    if (!page.isDictionary) {
      return { bytes: page.bytes, offsets: locatePlain(page.bytes, page.valuesAt, ordinals) };
    }
    const [dictionary, indices] = this.#indices(page, ordinals);
    const entries = this.#entryOffsets ??= locatePlain(
      dictionary.bytes,
      0,
      upTo(dictionary.count),
    );
    return { bytes: dictionary.bytes, offsets: indices.map((index) => entries[index] as number) };
  }

  /** Decodes values by their ascending ordinals among the stored values of a page. */
  values(page: OpenPage, ordinals: ArrayLike<number>, kind: ValueKind): unknown[] {
    if (kind === "int32" || kind === "int64") return this.#integers(page, ordinals, kind);
    const { bytes, offsets } = this.locate(page, ordinals);
    const view = viewOf(bytes);
    const values: unknown[] = new Array(offsets.length);
    let lastAt = -1;
    let last: unknown;
    for (let i = 0; i < offsets.length; i++) {
      const at = offsets[i] as number;
      if (at !== lastAt || kind === "binary") {
        const end = at + 4 + view.getUint32(at, true);
        last = kind === "string"
          ? decoder.decode(bytes.subarray(at + 4, end))
          : bytes.slice(at + 4, end);
        lastAt = at;
      }
      values[i] = last;
    }
    return values;
  }

  #integers(page: OpenPage, ordinals: ArrayLike<number>, kind: "int32" | "int64"): unknown[] {
    const width = kind === "int32" ? 4 : 8;
    let source = page.bytes;
    let base = page.valuesAt;
    let entries = ordinals;
    if (page.isDictionary) {
      const [dictionary, indices] = this.#indices(page, ordinals);
      source = dictionary.bytes;
      base = 0;
      entries = indices;
    }
    const view = viewOf(source);
    const values: unknown[] = new Array(entries.length);
    for (let i = 0; i < entries.length; i++) {
      const at = base + (entries[i] as number) * width;
      if (at + width > source.length) throw cutOff();
      values[i] = kind === "int32" ? view.getInt32(at, true) : view.getBigInt64(at, true);
    }
    return values;
  }
}

/** Ordinals of the stored values at some positions of a page; -1 for nulls. */
function ordinalsOf(
  page: OpenPage,
  maxLevel: number,
  positions: ArrayLike<number>,
): ArrayLike<number> {
  return maxLevel === 0
    ? positions
    : rankOnes(page.bytes, page.definitionAt, page.definitionEnd, positions);
}

/**
 * Reads some rows of a column that neither repeats nor nests.
 *
 * @param rows Ascending row numbers within the row group.
 */
export function readFlat(
  chunk: ChunkBytes,
  rows: readonly number[],
  kind: ValueKind,
): unknown[] {
  const reader = new ValueReader(chunk);
  const out: unknown[] = new Array(rows.length).fill(null);
  let base = 0;
  let done = 0;
  while (done < rows.length) {
    const page = reader.pages.next();
    if (page === null) throw new ParquetReadError("A column chunk has fewer rows than its group.");
    const from = done;
    while (done < rows.length && (rows[done] as number) < base + page.values) done++;
    if (done > from) {
      const positions = rows.slice(from, done).map((row) => row - base);
      const open = page.open();
      const ordinals = ordinalsOf(open, chunk.leaf.maxDefinitionLevel, positions);
      const present: number[] = [];
      const targets: number[] = [];
      for (let i = 0; i < ordinals.length; i++) {
        const ordinal = ordinals[i] as number;
        if (ordinal < 0) continue;
        present.push(ordinal);
        targets.push(from + i);
      }
      if (present.length > 0) {
        reader.values(open, present, kind).forEach((value, i) => {
          out[targets[i] as number] = value;
        });
      }
    }
    base += page.values;
  }
  return out;
}

/**
 * Reads some rows of a leaf inside one repeated group: a list's elements, or a map's keys or values.
 *
 * @param rows Ascending row numbers within the row group.
 * @returns For each row its entries, or null where the list or map itself is null.
 */
export function readRepeated(
  chunk: ChunkBytes,
  rows: readonly number[],
  kind: ValueKind,
): (unknown[] | null)[] {
  const { presentLevel, entryLevel, maxDefinitionLevel } = chunk.leaf;
  const reader = new ValueReader(chunk);
  const out: (unknown[] | null)[] = new Array(rows.length).fill(null);
  const width = bitWidthFor(maxDefinitionLevel);
  let row = -1;
  // The wanted row at or after `row`.
  let wanted = 0;
  const lastRow = rows[rows.length - 1] ?? -1;
  for (let page = reader.pages.next(); page !== null; page = reader.pages.next()) {
    const open = page.open();
    const { bytes } = open;
    const count = page.values;
    const repetition = readLevels(bytes, open.repetitionAt, open.repetitionEnd, 1, count);
    const definition = readLevels(bytes, open.definitionAt, open.definitionEnd, width, count);
    const ordinals: number[] = [];
    const holders: unknown[][] = [];
    const slots: number[] = [];
    let stored = 0;
    for (let slot = 0; slot < count; slot++) {
      if (repetition[slot] === 0 && ++row > lastRow) break;
      while (wanted < rows.length && (rows[wanted] as number) < row) wanted++;
      const level = definition[slot] as number;
      if (rows[wanted] === row && level >= presentLevel) {
        const entries = out[wanted] ??= [];
        if (level === maxDefinitionLevel) {
          ordinals.push(stored);
          holders.push(entries);
          slots.push(entries.length);
        }
        if (level >= entryLevel) entries.push(null);
      }
      if (level === maxDefinitionLevel) stored++;
    }
    if (ordinals.length > 0) {
      reader.values(open, ordinals, kind).forEach((value, i) => {
        (holders[i] as unknown[])[slots[i] as number] = value;
      });
    }
    if (row > lastRow) break;
  }
  if (row < lastRow) throw new ParquetReadError("A column chunk has fewer rows than its group.");
  return out;
}

/** A 32-bit digest of 16 bytes; equal ids have equal words. */
export function idWord(bytes: Uint8Array, at = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 16);
  return view.getInt32(0, true) ^ view.getInt32(4, true) ^ view.getInt32(8, true) ^
    view.getInt32(12, true);
}

/**
 * The {@linkcode idWord} of every row of a chunk of 16-byte ids. Rows without such an id have word 0.
 *
 * @param rows Rows of the row group.
 */
export function readIdWords(chunk: ChunkBytes, rows: number): Int32Array {
  const reader = new ValueReader(chunk);
  const words = new Int32Array(rows);
  let base = 0;
  for (let page = reader.pages.next(); page !== null; page = reader.pages.next()) {
    if (base + page.values > rows) {
      throw new ParquetReadError("A column chunk has more rows than its group.");
    }
    const open = page.open();
    const positions = upTo(page.values);
    const ordinals = ordinalsOf(open, chunk.leaf.maxDefinitionLevel, positions);
    const present = chunk.leaf.maxDefinitionLevel === 0
      ? positions
      : positions.filter((position) => (ordinals[position] as number) >= 0);
    const { bytes, offsets } = reader.locate(
      open,
      present.length === positions.length ? positions : upTo(present.length),
    );
    const view = viewOf(bytes);
    for (let i = 0; i < offsets.length; i++) {
      const at = offsets[i] as number;
      if (view.getUint32(at, true) !== 16) continue;
      words[base + (present[i] as number)] = view.getInt32(at + 4, true) ^
        view.getInt32(at + 8, true) ^ view.getInt32(at + 12, true) ^ view.getInt32(at + 16, true);
    }
    base += page.values;
  }
  if (base !== rows) {
    throw new ParquetReadError("A column chunk has fewer rows than its group.");
  }
  return words;
}
