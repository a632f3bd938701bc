/**
 * Reader for the Thrift compact protocol, as far as Parquet metadata needs it.
 *
 * @module
 */

import { ParquetReadError } from "./error.ts";

/** Wire types of the compact protocol. */
export const THRIFT = {
  STOP: 0,
  TRUE: 1,
  FALSE: 2,
  BYTE: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  SET: 10,
  MAP: 11,
  STRUCT: 12,
} as const;

/** Deeper nesting than any Parquet metadata has. */
const MAX_DEPTH = 32;

const decoder = new TextDecoder();

/** A cursor over compact-protocol bytes. Reading beyond the end throws {@linkcode ParquetReadError}. */
export class ThriftReader {
  readonly bytes: Uint8Array;
  at: number;
  #depth = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  #byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new ParquetReadError("The metadata ends inside a field.");
    return byte;
  }

  /** An unsigned variable-length integer; exact up to 2^53. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new ParquetReadError("An integer in the metadata is longer than ten bytes.");
  }

  /** A signed integer of any width. */
  int(): number {
    const raw = this.varint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  /** Length-prefixed bytes, as a view. */
  binary(): Uint8Array {
    const size = this.varint();
    const end = this.at + size;
    if (end > this.bytes.length) throw new ParquetReadError("The metadata ends inside a string.");
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }

  /** Length-prefixed UTF-8. */
  text(): string {
    return decoder.decode(this.binary());
  }

  /**
   * Reads a struct: calls `field` for each field with its id; fields it does not read (it returns false) are skipped.
   */
  struct(field: (id: number, type: number) => boolean): void {
    if (++this.#depth > MAX_DEPTH) throw new ParquetReadError("The metadata nests too deep.");
    let id = 0;
    for (;;) {
      const head = this.#byte();
      const type = head & 15;
      if (type === THRIFT.STOP) break;
      const delta = head >>> 4;
      id = delta === 0 ? this.int() : id + delta;
      if (!field(id, type)) this.skip(type);
    }
    this.#depth--;
  }

  /** Reads the header of a list; returns its size, and calls `element` for each element. */
  list(element: (type: number, index: number) => void): number {
    const head = this.#byte();
    const size = head >>> 4 === 15 ? this.varint() : head >>> 4;
    // Each element takes a byte at least, so a size beyond the bytes left is a lie.
    if (size > this.bytes.length - this.at) throw new ParquetReadError("A list is too long.");
    for (let i = 0; i < size; i++) element(head & 15, i);
    return size;
  }

  /** Passes over a value. */
  skip(type: number): void {
    switch (type) {
      case THRIFT.TRUE:
      case THRIFT.FALSE:
        return;
      case THRIFT.BYTE:
        this.at++;
        return;
      case THRIFT.I16:
      case THRIFT.I32:
      case THRIFT.I64:
        while (this.#byte() > 127);
        return;
      case THRIFT.DOUBLE:
        this.at += 8;
        return;
      case THRIFT.BINARY:
        this.binary();
        return;
      case THRIFT.LIST:
      case THRIFT.SET:
        this.list((elementType) => {
          // A boolean takes a byte in a list, and none as a field.
          if (elementType === THRIFT.TRUE || elementType === THRIFT.FALSE) this.at++;
          else this.skip(elementType);
        });
        return;
      case THRIFT.STRUCT:
        this.struct(() => false);
        return;
      default:
        // Maps occur nowhere in Parquet metadata.
        throw new ParquetReadError(`Wire type ${type} has no place in Parquet metadata.`);
    }
  }
}
