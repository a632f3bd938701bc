/**
 * Reorders the rows of columns.
 *
 * @module
 */
import type {
  ColumnData,
  MapColumn,
  SegmentData,
  SparseBytesColumn,
  SparseDictColumn,
  SparseIntColumn,
  SparseListColumn,
} from "./column_data.ts";

type SparseColumn =
  | SparseBytesColumn
  | SparseDictColumn
  | SparseIntColumn
  | SparseListColumn;

/** The segment with row `order[i]` at row `i`. */
export function permuteSegment(segment: SegmentData, order: Int32Array): SegmentData {
  const lookup = new Int32Array(segment.rowCount);
  return {
    ...segment,
    rowCount: order.length,
    columns: segment.columns.map((column) => permuteColumn(column, order, lookup)),
  };
}

function gatherInts(values: Int32Array, order: Int32Array): Int32Array<ArrayBuffer> {
  const out = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) out[i] = values[order[i]!]!;
  return out;
}

/** @param lookup scratch, one entry per row of the segment */
function permuteColumn(column: ColumnData, order: Int32Array, lookup: Int32Array): ColumnData {
  switch (column.kind) {
    case "id": {
      const width = column.rowBytes >> 2;
      const from = new Int32Array(column.bytes.buffer, column.bytes.byteOffset);
      const to = new Int32Array(order.length * width);
      for (let i = 0, at = 0; i < order.length; i++) {
        const row = order[i]! * width;
        for (let word = 0; word < width; word++) to[at++] = from[row + word]!;
      }
      return { ...column, bytes: new Uint8Array(to.buffer) };
    }
    case "int32":
      return { kind: "int32", values: gatherInts(column.values, order) };
    case "int64": {
      const values = new Float64Array(order.length);
      for (let i = 0; i < order.length; i++) values[i] = column.values[order[i]!]!;
      return { kind: "int64", values };
    }
    case "dict":
      return { ...column, index: gatherInts(column.index, order) };
    case "map":
      return permuteMap(column, order);
    default:
      return permuteSparse(column, order, lookup);
  }
}

/** Copies byte ranges one after another. */
class RangeCopier {
  readonly bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  readonly #source: Uint8Array;

  constructor(source: Uint8Array, sizeBytes: number) {
    this.#source = source;
    this.bytes = new Uint8Array(sizeBytes);
  }

  copy(start: number, end: number): void {
    const size = end - start;
    const { bytes, length } = this;
    if (size > 64) bytes.set(this.#source.subarray(start, end), length);
    else for (let i = 0; i < size; i++) bytes[length + i] = this.#source[start + i]!;
    this.length = length + size;
  }
}

function before(ends: Int32Array, index: number): number {
  return index === 0 ? 0 : ends[index - 1]!;
}

function permuteMap(column: MapColumn, order: Int32Array): MapColumn {
  const { rowEnds, valueEnds } = column;
  let entries = 0;
  let size = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const first = before(rowEnds, row);
    const last = rowEnds[row]!;
    entries += last - first;
    size += before(valueEnds, last) - before(valueEnds, first);
  }
  const newRowEnds = new Int32Array(order.length);
  const keys = new Int32Array(entries);
  const newValueEnds = new Int32Array(entries);
  const copier = new RangeCopier(column.bytes, size);
  let at = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const first = before(rowEnds, row);
    const last = rowEnds[row]!;
    const start = before(valueEnds, first);
    const shift = copier.length - start;
    for (let entry = first; entry < last; entry++) {
      keys[at] = column.keys[entry]!;
      newValueEnds[at++] = valueEnds[entry]! + shift;
    }
    copier.copy(start, before(valueEnds, last));
    newRowEnds[i] = at;
  }
  return { ...column, rowEnds: newRowEnds, keys, valueEnds: newValueEnds, bytes: copier.bytes };
}

function permuteSparse(
  column: SparseColumn,
  order: Int32Array,
  lookup: Int32Array,
): ColumnData {
  if (column.count === 0) return column;
  lookup.fill(-1);
  for (let i = 0; i < column.count; i++) lookup[column.rows[i]!] = i;
  const rows = new Int32Array(column.count);
  const picked = new Int32Array(column.count);
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const at = lookup[order[i]!]!;
    if (at < 0) continue;
    rows[count] = i;
    picked[count++] = at;
  }
  switch (column.kind) {
    case "sparseDict":
      return { ...column, count, rows, index: gatherInts(column.index, picked) };
    case "sparseInt": {
      if (column.width === 4) {
        return { ...column, count, rows, words: gatherInts(column.words, picked) };
      }
      const words = new Int32Array(count * 2);
      for (let i = 0; i < count; i++) {
        words[i * 2] = column.words[picked[i]! * 2]!;
        words[i * 2 + 1] = column.words[picked[i]! * 2 + 1]!;
      }
      return { ...column, count, rows, words };
    }
    case "sparseBytes": {
      const copier = new RangeCopier(column.bytes, column.ends[column.count - 1]!);
      const ends = new Int32Array(count);
      for (let i = 0; i < count; i++) {
        copier.copy(before(column.ends, picked[i]!), column.ends[picked[i]!]!);
        ends[i] = copier.length;
      }
      return { ...column, count, rows, ends, bytes: copier.bytes };
    }
    case "sparseList": {
      const values = column.listEnds[column.count - 1]!;
      const copier = new RangeCopier(column.bytes, before(column.valueEnds, values));
      const listEnds = new Int32Array(count);
      const valueEnds = new Int32Array(values);
      let at = 0;
      for (let i = 0; i < count; i++) {
        const last = column.listEnds[picked[i]!]!;
        for (let value = before(column.listEnds, picked[i]!); value < last; value++) {
          copier.copy(before(column.valueEnds, value), column.valueEnds[value]!);
          valueEnds[at++] = copier.length;
        }
        listEnds[i] = at;
      }
      return { ...column, count, rows, listEnds, valueEnds, bytes: copier.bytes };
    }
  }
}
