/**
 * Writer for the Thrift compact protocol, as far as Parquet metadata needs it.
 *
 * @module
 */
import { ByteSink } from "./byte_sink.ts";

const TYPE_TRUE = 1;
const TYPE_FALSE = 2;
const TYPE_I16 = 4;
const TYPE_I32 = 5;
const TYPE_I64 = 6;
const TYPE_BINARY = 8;
const TYPE_LIST = 9;
const TYPE_STRUCT = 12;

const encoder = new TextEncoder();

/** Element types a {@linkcode ThriftWriter.list} may announce. */
export type ThriftListType = "i32" | "binary" | "struct";

const LIST_TYPES: Readonly<Record<ThriftListType, number>> = {
  i32: TYPE_I32,
  binary: TYPE_BINARY,
  struct: TYPE_STRUCT,
};

/** Writes structs field by field; field ids must ascend inside a struct. */
export class ThriftWriter {
  readonly sink: ByteSink;
  #lastId = 0;
  readonly #outer: number[] = [];

  constructor(sink: ByteSink = new ByteSink(256)) {
    this.sink = sink;
  }

  #field(id: number, type: number): void {
    const delta = id - this.#lastId;
    if (delta > 0 && delta < 16) this.sink.byte(delta << 4 | type);
    else {
      this.sink.byte(type);
      this.#zigzag(id);
    }
    this.#lastId = id;
  }

  #varint(value: number): void {
    while (value > 127) {
      this.sink.byte(value % 128 | 128);
      value = Math.floor(value / 128);
    }
    this.sink.byte(value);
  }

  #zigzag(value: number): void {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** A boolean field. */
  bool(id: number, value: boolean): void {
    this.#field(id, value ? TYPE_TRUE : TYPE_FALSE);
  }

  /** A 16-bit integer field. */
  i16(id: number, value: number): void {
    this.#field(id, TYPE_I16);
    this.#zigzag(value);
  }

  /** A 32-bit integer field. */
  i32(id: number, value: number): void {
    this.#field(id, TYPE_I32);
    this.#zigzag(value);
  }

  /** A 64-bit integer field; the magnitude must stay below 2^52. */
  i64(id: number, value: number): void {
    this.#field(id, TYPE_I64);
    this.#zigzag(value);
  }

  /** A binary or string field. */
  binary(id: number, value: Uint8Array | string): void {
    this.#field(id, TYPE_BINARY);
    this.binaryElement(value);
  }

  /** Opens a struct field; close it with {@linkcode ThriftWriter.end}. */
  struct(id: number): void {
    this.#field(id, TYPE_STRUCT);
    this.begin();
  }

  /** A list field; its `size` elements follow. */
  list(id: number, type: ThriftListType, size: number): void {
    this.#field(id, TYPE_LIST);
    if (size < 15) this.sink.byte(size << 4 | LIST_TYPES[type]);
    else {
      this.sink.byte(0xf0 | LIST_TYPES[type]);
      this.#varint(size);
    }
  }

  /** One i32 element of a list. */
  i32Element(value: number): void {
    this.#zigzag(value);
  }

  /** One binary or string element of a list. */
  binaryElement(value: Uint8Array | string): void {
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    this.#varint(bytes.length);
    this.sink.copy(bytes, 0, bytes.length);
  }

  /** Opens a struct that is a list element or the whole message. */
  begin(): void {
    this.#outer.push(this.#lastId);
    this.#lastId = 0;
  }

  /** Closes the innermost struct. */
  end(): void {
    this.sink.byte(0);
    this.#lastId = this.#outer.pop() ?? 0;
  }
}
