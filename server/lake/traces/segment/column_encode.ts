/**
 * Turns a row range of a column into Parquet column chunks. Byte columns become views; dictionaries are remapped to
 * the entries in use.
 *
 * @module
 */
import { ByteSink, writeInt32 } from "../../parquet/byte_sink.ts";
import { bitWidthFor, writeHybrid, writeRun } from "../../parquet/hybrid.ts";
import type { LeafChunk } from "../../parquet/writer.ts";
import type { DictionaryData } from "./byte_dictionary.ts";
import {
  type ColumnData,
  type DictColumn,
  type Int64Column,
  lowerBound,
  type MapColumn,
  type SparseBytesColumn,
  type SparseDictColumn,
  type SparseIntColumn,
  type SparseListColumn,
} from "./column_data.ts";

/** Statistics longer than this are left out: an upper bound may not simply be cut. */
const MAX_STATISTIC_BYTES = 256;

/** Asks for min and max of the columns that readers prune by. */
export interface EncodeColumnOptions {
  readonly statistics: boolean;
}

/** Level bytes: 32-bit length, then the hybrid. */
function levels(values: ArrayLike<number>, count: number, bitWidth: number): Uint8Array {
  const sink = new ByteSink(64 + (count >> 3) * bitWidth);
  sink.int32(0);
  writeHybrid(sink, values, 0, count, bitWidth);
  writeInt32(sink.buf, 0, sink.length - 4);
  return sink.view();
}

function constantLevels(value: number, count: number, bitWidth: number): Uint8Array {
  const sink = new ByteSink(16);
  sink.int32(0);
  writeRun(sink, value, count, bitWidth);
  writeInt32(sink.buf, 0, sink.length - 4);
  return sink.view();
}

/** Definition levels of an optional flat column whose present rows are `rows[first, last)`. */
function presence(
  rows: Int32Array,
  first: number,
  last: number,
  from: number,
  to: number,
): Uint8Array {
  const count = to - from;
  if (first === last) return constantLevels(0, count, 1);
  if (last - first === count) return constantLevels(1, count, 1);
  const present = new Uint8Array(count);
  for (let i = first; i < last; i++) present[rows[i]! - from] = 1;
  return levels(present, count, 1);
}

interface Remapped {
  readonly index: Int32Array;
  readonly dictionary: { readonly bytes: Uint8Array; readonly count: number };
  /** Dictionary indices of the entries in use, in new order. */
  readonly used: Int32Array;
}

/** Renumbers `index[first, last)` densely, skipping -1, and gathers the entries in use. */
function remap(data: DictionaryData, index: Int32Array, first: number, last: number): Remapped {
  const renumbered = new Int32Array(data.count);
  const used = new Int32Array(Math.min(data.count, last - first));
  const out = new Int32Array(last - first);
  let count = 0;
  let size = 0;
  for (let i = first; i < last; i++) {
    const old = index[i]!;
    if (old < 0) {
      out[i - first] = -1;
      continue;
    }
    let fresh = renumbered[old]!;
    if (fresh === 0) {
      used[count] = old;
      fresh = renumbered[old] = ++count;
      size += data.ends[old]! - (old === 0 ? 0 : data.ends[old - 1]!);
    }
    out[i - first] = fresh - 1;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const old = used[i]!;
    const entry = data.bytes.subarray(old === 0 ? 0 : data.ends[old - 1]!, data.ends[old]!);
    bytes.set(entry, at);
    at += entry.length;
  }
  return { index: out, dictionary: { bytes, count }, used: used.subarray(0, count) };
}

function indexBytes(index: ArrayLike<number>, count: number, entries: number): Uint8Array {
  const bitWidth = bitWidthFor(entries - 1);
  const sink = new ByteSink(64 + (count * bitWidth >> 3));
  sink.byte(bitWidth);
  writeHybrid(sink, index, 0, count, bitWidth);
  return sink.view();
}

/** The same values as PLAIN bytes, for columns where hardly a value repeats. */
function plainEntries(
  data: DictionaryData,
  index: Int32Array,
  first: number,
  last: number,
): Uint8Array {
  let size = 0;
  for (let i = first; i < last; i++) {
    const entry = index[i]!;
    size += data.ends[entry]! - (entry === 0 ? 0 : data.ends[entry - 1]!);
  }
  const sink = new ByteSink(size);
  for (let i = first; i < last; i++) {
    const entry = index[i]!;
    sink.copy(data.bytes, entry === 0 ? 0 : data.ends[entry - 1]!, data.ends[entry]!);
  }
  return sink.view();
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const size = Math.min(a.length, b.length);
  for (let i = 0; i < size; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function dictionaryBounds(
  data: DictionaryData,
  used: Int32Array,
): { min?: Uint8Array; max?: Uint8Array } {
  let min: Uint8Array | undefined;
  let max: Uint8Array | undefined;
  for (const entry of used) {
    const start = entry === 0 ? 4 : data.ends[entry - 1]! + 4;
    const bytes = data.bytes.subarray(start, data.ends[entry]!);
    if (min === undefined || compareBytes(bytes, min) < 0) min = bytes;
    if (max === undefined || compareBytes(bytes, max) > 0) max = bytes;
  }
  if (min === undefined || max === undefined) return {};
  if (min.length > MAX_STATISTIC_BYTES || max.length > MAX_STATISTIC_BYTES) return {};
  return { min: min.slice(), max: max.slice() };
}

function dictChunk(
  data: DictionaryData,
  index: Int32Array,
  first: number,
  last: number,
  rows: number,
  presenceLevels: Uint8Array | null,
  statistics: boolean,
): LeafChunk {
  const values = last - first;
  const mapped = remap(data, index, first, last);
  const parts: Uint8Array[] = presenceLevels === null ? [] : [presenceLevels];
  const base = { valueCount: rows, nullCount: rows - values };
  const bounds = statistics ? dictionaryBounds(data, mapped.used) : {};
  if (mapped.dictionary.count * 2 > values && values > 16) {
    parts.push(plainEntries(data, index, first, last));
    return { ...base, ...bounds, parts };
  }
  parts.push(indexBytes(mapped.index, values, mapped.dictionary.count));
  return { ...base, ...bounds, parts, dictionary: mapped.dictionary };
}

function encodeDict(column: DictColumn, from: number, to: number, statistics: boolean): LeafChunk {
  const rows = to - from;
  if (!column.nullable) {
    return dictChunk(column.dictionary, column.index, from, to, rows, null, statistics);
  }
  const present = new Uint8Array(rows);
  const index = new Int32Array(rows);
  let count = 0;
  for (let row = from; row < to; row++) {
    const entry = column.index[row]!;
    if (entry < 0) continue;
    present[row - from] = 1;
    index[count++] = entry;
  }
  if (count === 0) return allNull(rows);
  return dictChunk(column.dictionary, index, 0, count, rows, levels(present, rows, 1), statistics);
}

function allNull(rows: number): LeafChunk {
  return { valueCount: rows, nullCount: rows, parts: [constantLevels(0, rows, 1)] };
}

function encodeSparseDict(column: SparseDictColumn, from: number, to: number): LeafChunk {
  const first = lowerBound(column.rows, column.count, from);
  const last = lowerBound(column.rows, column.count, to);
  if (first === last) return allNull(to - from);
  const present = presence(column.rows, first, last, from, to);
  return dictChunk(column.dictionary, column.index, first, last, to - from, present, false);
}

function encodeSparseBytes(column: SparseBytesColumn, from: number, to: number): LeafChunk {
  const first = lowerBound(column.rows, column.count, from);
  const last = lowerBound(column.rows, column.count, to);
  if (first === last) return allNull(to - from);
  const start = first === 0 ? 0 : column.ends[first - 1]!;
  return {
    valueCount: to - from,
    nullCount: to - from - (last - first),
    parts: [
      presence(column.rows, first, last, from, to),
      column.bytes.subarray(start, column.ends[last - 1]!),
    ],
  };
}

function bytesOf(values: Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function encodeSparseInt(column: SparseIntColumn, from: number, to: number): LeafChunk {
  const first = lowerBound(column.rows, column.count, from);
  const last = lowerBound(column.rows, column.count, to);
  if (first === last) return allNull(to - from);
  const words = column.width >> 2;
  return {
    valueCount: to - from,
    nullCount: to - from - (last - first),
    parts: [
      presence(column.rows, first, last, from, to),
      bytesOf(column.words.subarray(first * words, last * words)),
    ],
  };
}

function int64Bytes(value: number): Uint8Array {
  return bytesOf(Int32Array.of(value, Math.floor(value / 4294967296)));
}

function encodeInt64(
  column: Int64Column,
  from: number,
  to: number,
  statistics: boolean,
): LeafChunk {
  const rows = to - from;
  const words = new Int32Array(rows * 2);
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < rows; i++) {
    const value = column.values[from + i]!;
    if (value < min) min = value;
    if (value > max) max = value;
    const high = Math.floor(value / 4294967296);
    words[i * 2] = value - high * 4294967296;
    words[i * 2 + 1] = high;
  }
  const bounds = statistics && rows > 0 ? { min: int64Bytes(min), max: int64Bytes(max) } : {};
  return { valueCount: rows, nullCount: 0, parts: [bytesOf(words)], ...bounds };
}

/** Most distinct values for which a 32-bit column is worth a dictionary. */
const MAX_INT32_DICTIONARY = 64;

function encodeInt32(values: Int32Array, statistics: boolean): LeafChunk {
  const rows = values.length;
  const distinct: number[] = [];
  const index = new Uint8Array(rows);
  let previous = NaN;
  let entry = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i]!;
    if (value !== previous) {
      previous = value;
      entry = distinct.indexOf(value);
      if (entry < 0) entry = distinct.push(value) - 1;
      if (entry === MAX_INT32_DICTIONARY) break;
    }
    index[i] = entry;
  }
  const base = { valueCount: rows, nullCount: 0 };
  let bounds = {};
  if (statistics && rows > 0) {
    let min = values[0]!;
    let max = min;
    for (const value of values) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
    bounds = { min: bytesOf(Int32Array.of(min)), max: bytesOf(Int32Array.of(max)) };
  }
  if (distinct.length > MAX_INT32_DICTIONARY) {
    return { ...base, ...bounds, parts: [bytesOf(values)] };
  }
  return {
    ...base,
    ...bounds,
    parts: [indexBytes(index, rows, distinct.length)],
    dictionary: { bytes: bytesOf(Int32Array.from(distinct)), count: distinct.length },
  };
}

function encodeMap(column: MapColumn, from: number, to: number): LeafChunk[] {
  const first = from === 0 ? 0 : column.rowEnds[from - 1]!;
  const last = to === 0 ? 0 : column.rowEnds[to - 1]!;
  const entries = last - first;
  let empty = 0;
  let start = first;
  for (let row = from; row < to; row++) {
    const end = column.rowEnds[row]!;
    if (end === start) empty++;
    start = end;
  }
  const slots = entries + empty;
  const repetition = new Uint8Array(slots).fill(1);
  const definition = empty === 0 ? null : new Uint8Array(slots).fill(1);
  let slot = 0;
  start = first;
  for (let row = from; row < to; row++) {
    const end = column.rowEnds[row]!;
    repetition[slot] = 0;
    if (end === start) {
      if (definition !== null) definition[slot] = 0;
      slot++;
    } else slot += end - start;
    start = end;
  }
  const levelParts = [
    levels(repetition, slots, 1),
    definition === null ? constantLevels(1, slots, 1) : levels(definition, slots, 1),
  ];
  const startByte = first === 0 ? 0 : column.valueEnds[first - 1]!;
  const endByte = last === 0 ? 0 : column.valueEnds[last - 1]!;
  const base = { valueCount: slots, nullCount: empty };
  const mapped = remap(column.dictionary, column.keys, first, last);
  const keyChunk: LeafChunk = entries === 0 ? { ...base, parts: levelParts } : {
    ...base,
    parts: [...levelParts, indexBytes(mapped.index, entries, mapped.dictionary.count)],
    dictionary: mapped.dictionary,
  };
  return [keyChunk, { ...base, parts: [...levelParts, column.bytes.subarray(startByte, endByte)] }];
}

function encodeSparseList(column: SparseListColumn, from: number, to: number): LeafChunk {
  const rows = to - from;
  const first = lowerBound(column.rows, column.count, from);
  const last = lowerBound(column.rows, column.count, to);
  if (first === last) {
    const zero = [constantLevels(0, rows, 1), constantLevels(0, rows, 2)];
    return { valueCount: rows, nullCount: rows, parts: zero };
  }
  const firstValue = first === 0 ? 0 : column.listEnds[first - 1]!;
  const lastValue = column.listEnds[last - 1]!;
  const slots = rows - (last - first) + (lastValue - firstValue);
  const repetition = new Uint8Array(slots);
  const definition = new Uint8Array(slots);
  let slot = 0;
  let present = first;
  let value = firstValue;
  for (let row = from; row < to; row++) {
    if (present < last && column.rows[present] === row) {
      const end = column.listEnds[present++]!;
      for (let nth = 0; value < end; nth++, value++, slot++) {
        repetition[slot] = nth === 0 ? 0 : 1;
        definition[slot] = 2;
      }
    } else slot++;
  }
  const startByte = firstValue === 0 ? 0 : column.valueEnds[firstValue - 1]!;
  return {
    valueCount: slots,
    nullCount: rows - (last - first),
    parts: [
      levels(repetition, slots, 1),
      levels(definition, slots, 2),
      column.bytes.subarray(startByte, column.valueEnds[lastValue - 1]!),
    ],
  };
}

/** Encodes rows [from, to) of a column: one chunk, or key and value chunks for a map. */
export function encodeColumn(
  column: ColumnData,
  from: number,
  to: number,
  { statistics }: EncodeColumnOptions,
): LeafChunk[] {
  switch (column.kind) {
    case "id":
      return [{
        valueCount: to - from,
        nullCount: 0,
        parts: [column.bytes.subarray(from * column.rowBytes, to * column.rowBytes)],
      }];
    case "int32":
      return [encodeInt32(column.values.subarray(from, to), statistics)];
    case "int64":
      return [encodeInt64(column, from, to, statistics)];
    case "dict":
      return [encodeDict(column, from, to, statistics)];
    case "sparseDict":
      return [encodeSparseDict(column, from, to)];
    case "sparseBytes":
      return [encodeSparseBytes(column, from, to)];
    case "sparseInt":
      return [encodeSparseInt(column, from, to)];
    case "map":
      return encodeMap(column, from, to);
    case "sparseList":
      return [encodeSparseList(column, from, to)];
  }
}
