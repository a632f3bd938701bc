/**
 * Columns under construction. Every builder can be cut back to a row count, so that a refused span or request leaves
 * no trace.
 *
 * @module
 */
import { ByteSink, writeInt32 } from "../../parquet/byte_sink.ts";
import { ByteDictionary } from "./byte_dictionary.ts";
import type {
  ColumnData,
  DictColumn,
  IdColumn,
  Int32Column,
  Int64Column,
  MapColumn,
  SparseBytesColumn,
  SparseDictColumn,
  SparseIntColumn,
  SparseListColumn,
} from "./column_data.ts";
import { Float64List, Int32List } from "./growable.ts";

/** What all builders offer. */
export interface ColumnBuilder {
  readonly byteSize: number;
  /** Drops the rows from `row` on. */
  truncate(row: number): void;
  /** The column, sharing this builder's buffers. */
  column(): ColumnData;
  /** Present when the column gathers text: where it goes. */
  readonly sink?: ByteSink;
  /** Present when the column interns its values. */
  readonly dictionary?: ByteDictionary;
}

/** Ids of one width, all rows present. */
export class IdBuilder implements ColumnBuilder {
  readonly #width: number;
  readonly #sink: ByteSink;

  /** @param width id size in bytes */
  constructor(width: number) {
    this.#width = width;
    this.#sink = new ByteSink((width + 4) * 1024);
  }

  get byteSize(): number {
    return this.#sink.length;
  }

  /** Appends the id at `bytes[at, at + width)`. */
  push(bytes: Uint8Array, at: number): void {
    const width = this.#width;
    const target = this.#sink.reserve(width + 4);
    let to = this.#sink.length;
    target[to] = width;
    to += 4; // The upper length bytes are never anything but zero.
    for (let i = 0; i < width; i++) target[to + i] = bytes[at + i]!;
    this.#sink.length = to + width;
  }

  truncate(row: number): void {
    this.#sink.length = row * (this.#width + 4);
  }

  column(): IdColumn {
    return { kind: "id", bytes: this.#sink.buf, rowBytes: this.#width + 4 };
  }
}

/** 32-bit integers, all rows present. */
export class Int32Builder extends Int32List implements ColumnBuilder {
  get byteSize(): number {
    return this.length * 4;
  }
  truncate(row: number): void {
    this.length = row;
  }
  column(): Int32Column {
    return { kind: "int32", values: this.data };
  }
}

/** 64-bit integers within ±2^53, all rows present. */
export class Int64Builder extends Float64List implements ColumnBuilder {
  get byteSize(): number {
    return this.length * 8;
  }
  truncate(row: number): void {
    this.length = row;
  }
  column(): Int64Column {
    return { kind: "int64", values: this.data };
  }
}

/** Dictionary strings with an index per row. */
export class DictBuilder implements ColumnBuilder {
  readonly dictionary: ByteDictionary = new ByteDictionary();
  readonly #index: Int32List = new Int32List(1024);
  readonly #nullable: boolean;

  constructor(nullable: boolean) {
    this.#nullable = nullable;
  }

  get byteSize(): number {
    return this.#index.length * 4 + this.dictionary.byteSize;
  }

  /** Appends a dictionary index, -1 for null. */
  push(index: number): void {
    this.#index.push(index);
  }

  truncate(row: number): void {
    this.#index.length = row;
  }

  column(): DictColumn {
    return {
      kind: "dict",
      nullable: this.#nullable,
      index: this.#index.data,
      dictionary: this.dictionary.data(),
    };
  }
}

/** Dictionary strings that most rows lack. */
export class SparseDictBuilder implements ColumnBuilder {
  readonly dictionary: ByteDictionary = new ByteDictionary();
  readonly #rows: Int32List = new Int32List();
  readonly #index: Int32List = new Int32List();

  get byteSize(): number {
    return this.#rows.length * 8 + this.dictionary.byteSize;
  }

  /** Whether `row`, the newest row, has a value. */
  has(row: number): boolean {
    return this.#rows.length > 0 && this.#rows.data[this.#rows.length - 1] === row;
  }

  /** Sets the value of `row`, the newest row. */
  push(row: number, index: number): void {
    this.#rows.push(row);
    this.#index.push(index);
  }

  truncate(row: number): void {
    const rows = this.#rows;
    while (rows.length > 0 && rows.data[rows.length - 1]! >= row) rows.length--;
    this.#index.length = rows.length;
  }

  column(): SparseDictColumn {
    return {
      kind: "sparseDict",
      count: this.#rows.length,
      rows: this.#rows.data,
      index: this.#index.data,
      dictionary: this.dictionary.data(),
    };
  }
}

/** Byte strings that most rows lack. */
export class SparseBytesBuilder implements ColumnBuilder {
  readonly #rows: Int32List = new Int32List();
  readonly #ends: Int32List = new Int32List();
  readonly sink: ByteSink = new ByteSink(256);
  #start = 0;

  get byteSize(): number {
    return this.#rows.length * 8 + this.sink.length;
  }

  /** Starts a value: append its bytes to the returned sink, then call {@linkcode SparseBytesBuilder.end}. */
  begin(): ByteSink {
    this.#start = this.sink.length;
    this.sink.int32(0);
    return this.sink;
  }

  /** Ends the value begun last and gives it to `row`, the newest row. */
  end(row: number): void {
    writeInt32(this.sink.buf, this.#start, this.sink.length - this.#start - 4);
    this.#rows.push(row);
    this.#ends.push(this.sink.length);
  }

  truncate(row: number): void {
    const rows = this.#rows;
    while (rows.length > 0 && rows.data[rows.length - 1]! >= row) rows.length--;
    this.#ends.length = rows.length;
    this.sink.length = rows.length === 0 ? 0 : this.#ends.data[rows.length - 1]!;
  }

  column(): SparseBytesColumn {
    return {
      kind: "sparseBytes",
      count: this.#rows.length,
      rows: this.#rows.data,
      ends: this.#ends.data,
      bytes: this.sink.buf,
    };
  }
}

/** Integers that most rows lack. */
export class SparseIntBuilder implements ColumnBuilder {
  readonly #width: 4 | 8;
  readonly #rows: Int32List = new Int32List();
  readonly #words: Int32List = new Int32List();

  /** @param width 4 for INT32, 8 for INT64 */
  constructor(width: 4 | 8) {
    this.#width = width;
  }

  get byteSize(): number {
    return this.#rows.length * (4 + this.#width);
  }

  /** Whether `row`, the newest row, has a value. */
  has(row: number): boolean {
    return this.#rows.length > 0 && this.#rows.data[this.#rows.length - 1] === row;
  }

  /** Sets the value of `row`, the newest row, from its low and high words (high only for 64-bit columns). */
  push(row: number, low: number, high: number): void {
    this.#rows.push(row);
    this.#words.push(low | 0);
    if (this.#width === 8) this.#words.push(high | 0);
  }

  truncate(row: number): void {
    const rows = this.#rows;
    while (rows.length > 0 && rows.data[rows.length - 1]! >= row) rows.length--;
    this.#words.length = rows.length * (this.#width >> 2);
  }

  column(): SparseIntColumn {
    return {
      kind: "sparseInt",
      width: this.#width,
      count: this.#rows.length,
      rows: this.#rows.data,
      words: this.#words.data,
    };
  }
}

/** What the attribute writer keeps for each key. */
const KEY_OVERHEAD_BYTES = 100;

/** Maps of string to JSON text. Duplicate keys inside a row are removed by {@linkcode MapBuilder.endRow}. */
export class MapBuilder implements ColumnBuilder {
  readonly dictionary: ByteDictionary = new ByteDictionary();
  /** Where values are written; see {@linkcode MapBuilder.add}. */
  readonly sink: ByteSink = new ByteSink(64 * 1024);
  readonly #rowEnds: Int32List = new Int32List(1024);
  readonly #keys: Int32List = new Int32List(8192);
  readonly #valueEnds: Int32List = new Int32List(8192);
  #dead = 0;
  #start = 0;

  get byteSize(): number {
    return this.#rowEnds.length * 4 + this.#keys.length * 8 + this.sink.length +
      this.dictionary.byteSize + this.dictionary.count * KEY_OVERHEAD_BYTES;
  }

  /** Number of entries so far; the next entry's number. */
  get entryCount(): number {
    return this.#keys.length;
  }

  /** Starts a value: append its bytes to {@linkcode MapBuilder.sink}, then call {@linkcode MapBuilder.add}. */
  begin(): ByteSink {
    this.#start = this.sink.length;
    this.sink.reserve(4);
    this.sink.length += 4;
    return this.sink;
  }

  /** Ends the value begun last and files it under the key with dictionary index `key`. */
  add(key: number): void {
    writeInt32(this.sink.buf, this.#start, this.sink.length - this.#start - 4);
    this.#keys.push(key);
    this.#valueEnds.push(this.sink.length);
  }

  /** Marks an entry of the row under construction as overwritten by a later one. */
  kill(entry: number): void {
    this.#keys.data[entry] = -1;
    this.#dead++;
  }

  /** Completes the row. */
  endRow(): void {
    if (this.#dead > 0) this.#compactRow();
    this.#rowEnds.push(this.#keys.length);
  }

  #compactRow(): void {
    const rows = this.#rowEnds.length;
    let to = rows === 0 ? 0 : this.#rowEnds.data[rows - 1]!;
    let toByte = to === 0 ? 0 : this.#valueEnds.data[to - 1]!;
    let fromByte = toByte;
    for (let from = to; from < this.#keys.length; from++) {
      const key = this.#keys.data[from]!;
      const end = this.#valueEnds.data[from]!;
      if (key >= 0) {
        this.sink.buf.copyWithin(toByte, fromByte, end);
        toByte += end - fromByte;
        this.#keys.data[to] = key;
        this.#valueEnds.data[to] = toByte;
        to++;
      }
      fromByte = end;
    }
    this.#keys.length = to;
    this.#valueEnds.length = to;
    this.sink.length = toByte;
    this.#dead = 0;
  }

  truncate(row: number): void {
    if (row < this.#rowEnds.length) this.#rowEnds.length = row;
    const entries = row === 0 ? 0 : this.#rowEnds.data[row - 1]!;
    this.#keys.length = entries;
    this.#valueEnds.length = entries;
    this.sink.length = entries === 0 ? 0 : this.#valueEnds.data[entries - 1]!;
    this.#dead = 0;
  }

  column(): MapColumn {
    return {
      kind: "map",
      rowEnds: this.#rowEnds.data,
      keys: this.#keys.data,
      dictionary: this.dictionary.data(),
      valueEnds: this.#valueEnds.data,
      bytes: this.sink.buf,
    };
  }
}

/** Lists of strings that most rows lack. */
export class SparseListBuilder implements ColumnBuilder {
  readonly #rows: Int32List = new Int32List();
  readonly #listEnds: Int32List = new Int32List();
  readonly #valueEnds: Int32List = new Int32List();
  readonly #sink: ByteSink = new ByteSink(64);

  get byteSize(): number {
    return this.#rows.length * 8 + this.#valueEnds.length * 4 + this.#sink.length;
  }

  /** Sets the list of `row`, the newest row; `values` are ASCII and not empty as a list. */
  push(row: number, values: readonly string[]): void {
    for (const value of values) {
      this.#sink.int32(value.length);
      this.#sink.ascii(value);
      this.#valueEnds.push(this.#sink.length);
    }
    this.#rows.push(row);
    this.#listEnds.push(this.#valueEnds.length);
  }

  truncate(row: number): void {
    const rows = this.#rows;
    while (rows.length > 0 && rows.data[rows.length - 1]! >= row) rows.length--;
    this.#listEnds.length = rows.length;
    const values = rows.length === 0 ? 0 : this.#listEnds.data[rows.length - 1]!;
    this.#valueEnds.length = values;
    this.#sink.length = values === 0 ? 0 : this.#valueEnds.data[values - 1]!;
  }

  column(): SparseListColumn {
    return {
      kind: "sparseList",
      count: this.#rows.length,
      rows: this.#rows.data,
      listEnds: this.#listEnds.data,
      valueEnds: this.#valueEnds.data,
      bytes: this.#sink.buf,
    };
  }
}
