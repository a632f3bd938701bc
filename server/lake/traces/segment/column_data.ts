/**
 * The finished form of each kind of column: plain objects of typed arrays, so that they can be transferred to a
 * worker. Row numbers are segment-relative; sparse columns list the rows that have a value, ascending.
 *
 * @module
 */
import type { DictionaryData } from "./byte_dictionary.ts";

/** Ids of one width, PLAIN form (32-bit length before each), all rows present. */
export interface IdColumn {
  readonly kind: "id";
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes per row, length prefix included; a multiple of four. */
  readonly rowBytes: number;
}

/** 32-bit integers, all rows present. */
export interface Int32Column {
  readonly kind: "int32";
  readonly values: Int32Array<ArrayBuffer>;
}

/** 64-bit integers within ±2^53, all rows present. */
export interface Int64Column {
  readonly kind: "int64";
  readonly values: Float64Array<ArrayBuffer>;
}

/** Dictionary strings; index -1 is null. */
export interface DictColumn {
  readonly kind: "dict";
  readonly nullable: boolean;
  readonly index: Int32Array<ArrayBuffer>;
  readonly dictionary: DictionaryData;
}

/** Dictionary strings that most rows lack. */
export interface SparseDictColumn {
  readonly kind: "sparseDict";
  readonly count: number;
  readonly rows: Int32Array<ArrayBuffer>;
  readonly index: Int32Array<ArrayBuffer>;
  readonly dictionary: DictionaryData;
}

/** Byte strings that most rows lack, PLAIN form. */
export interface SparseBytesColumn {
  readonly kind: "sparseBytes";
  readonly count: number;
  readonly rows: Int32Array<ArrayBuffer>;
  readonly ends: Int32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Integers that most rows lack; `width` 4 or 8 bytes, little-endian words. */
export interface SparseIntColumn {
  readonly kind: "sparseInt";
  readonly width: 4 | 8;
  readonly count: number;
  readonly rows: Int32Array<ArrayBuffer>;
  readonly words: Int32Array<ArrayBuffer>;
}

/** Maps of string to string, all rows present, values in PLAIN form. */
export interface MapColumn {
  readonly kind: "map";
  /** Entry count up to and including each row. */
  readonly rowEnds: Int32Array<ArrayBuffer>;
  readonly keys: Int32Array<ArrayBuffer>;
  readonly dictionary: DictionaryData;
  readonly valueEnds: Int32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Lists of strings that most rows lack; a present list has at least one element. */
export interface SparseListColumn {
  readonly kind: "sparseList";
  readonly count: number;
  readonly rows: Int32Array<ArrayBuffer>;
  /** Element count up to and including each present row. */
  readonly listEnds: Int32Array<ArrayBuffer>;
  readonly valueEnds: Int32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Any column. */
export type ColumnData =
  | IdColumn
  | Int32Column
  | Int64Column
  | DictColumn
  | SparseDictColumn
  | SparseBytesColumn
  | SparseIntColumn
  | MapColumn
  | SparseListColumn;

/** All columns of a segment in file order. */
export interface SegmentData {
  /** Which table the rows are of; that of spans when absent. */
  readonly table?: "logs";
  readonly rowCount: number;
  readonly columns: readonly ColumnData[];
}

/** The buffers of a segment, to be handed to a worker. */
export function transferables(segment: SegmentData): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (value: unknown): void => {
    if (
      value instanceof Uint8Array || value instanceof Int32Array || value instanceof Float64Array
    ) {
      if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
    } else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  segment.columns.forEach(visit);
  return [...found];
}

/** First index in `rows[0, count)` that is not below `row`. */
export function lowerBound(rows: Int32Array, count: number, row: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = low + high >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}
