/**
 * A cursor over protobuf wire bytes that builds no messages.
 *
 * @module
 */
import { ScouterError } from "../../../errors.ts";

/** Groups (deprecated, but legal as unknown fields) may nest this deep. */
const MAX_GROUP_DEPTH = 32;

/** Reads tags, varints and lengths; throws `ScouterError` BAD_REQUEST with the byte offset when they make no sense. */
export class ProtoReader {
  /** Name of the message, for errors. */
  readonly messageName: string;
  buf: Uint8Array = new Uint8Array(0);
  pos = 0;
  /** Low word of the last {@linkcode ProtoReader.varint64} or {@linkcode ProtoReader.fixed64}, unsigned. */
  low = 0;
  /** High word of the last 64-bit read, unsigned. */
  high = 0;

  /** @param messageName of the export request that is read */
  constructor(messageName = "ExportTraceServiceRequest") {
    this.messageName = messageName;
  }

  /** The error for malformed input at the cursor. */
  malformed(what: string): ScouterError {
    return new ScouterError(
      "BAD_REQUEST",
      `The body is not a valid OTLP ${this.messageName} in protobuf: ${what} at byte ${this.pos}`,
      { suggestedAction: "Check the content-type and that the body was not cut short" },
    );
  }

  /** A varint of which only the low 32 bits matter, as an unsigned number. */
  varint32(end: number): number {
    this.varint64(end);
    return this.low;
  }

  /** Reads a varint into {@linkcode ProtoReader.low} and {@linkcode ProtoReader.high}. */
  varint64(end: number): void {
    const buf = this.buf;
    let pos = this.pos;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (pos >= end) throw this.malformed("a varint that ends too early");
      const byte = buf[pos++]!;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << shift - 32;
      else high |= (bits & 1) << 31;
      if (byte < 128) {
        this.pos = pos;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw this.malformed("a varint longer than ten bytes");
  }

  /** Reads a field's tag; 0 never is one. */
  tag(end: number): number {
    const byte = this.buf[this.pos]!;
    if (byte < 128) {
      this.pos++;
      if (byte < 8) throw this.malformed("field number 0");
      return byte;
    }
    this.varint64(end);
    if (this.high !== 0) throw this.malformed("a tag above 32 bits");
    if (this.low < 8) throw this.malformed("field number 0");
    return this.low;
  }

  /** Reads a length and returns where the content ends; the cursor is left at its start. */
  contentEnd(end: number): number {
    let size = this.buf[this.pos]!;
    if (size < 128 && this.pos < end) this.pos++;
    else {
      this.varint64(end);
      if (this.high !== 0) throw this.malformed("a length above 4 GiB");
      size = this.low;
    }
    const contentEnd = this.pos + size;
    if (contentEnd > end) {
      throw this.malformed(`a length of ${size} bytes where ${end - this.pos} are left`);
    }
    return contentEnd;
  }

  /** Reads eight little-endian bytes into {@linkcode ProtoReader.low} and {@linkcode ProtoReader.high}. */
  fixed64(end: number): void {
    this.low = this.fixed32(end);
    this.high = this.fixed32(end);
  }

  /** Reads four little-endian bytes as an unsigned number. */
  fixed32(end: number): number {
    const { buf, pos } = this;
    if (pos + 4 > end) throw this.malformed("a fixed-width value that ends too early");
    this.pos = pos + 4;
    return (buf[pos]! | buf[pos + 1]! << 8 | buf[pos + 2]! << 16 | buf[pos + 3]! << 24) >>> 0;
  }

  /** Skips the content of a field whose tag was just read. */
  skip(tag: number, end: number, depth = 0): void {
    switch (tag & 7) {
      case 0:
        this.varint64(end);
        return;
      case 1:
        this.fixed64(end);
        return;
      case 2:
        this.pos = this.contentEnd(end);
        return;
      case 3:
        if (depth === MAX_GROUP_DEPTH) throw this.malformed("groups nested too deep");
        while (this.pos < end) {
          const inner = this.tag(end);
          if ((inner & 7) === 4) {
            if (inner >>> 3 !== tag >>> 3) throw this.malformed("a group end without its start");
            return;
          }
          this.skip(inner, end, depth + 1);
        }
        throw this.malformed("a group without an end");
      case 5:
        this.fixed32(end);
        return;
      default:
        throw this.malformed(`wire type ${tag & 7}`);
    }
  }
}

/** Microseconds of an unsigned 64-bit nanosecond count given as two 32-bit words, exact below 2^53 µs. */
export function nanosToMicros(low: number, high: number): number {
  // 2^32 = 4294967 * 1000 + 296.
  return high * 4294967 + Math.floor((high * 296 + low) / 1000);
}
