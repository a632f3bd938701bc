/**
 * Writes OTLP AnyValue and KeyValue messages as JSON text, straight from protobuf bytes to UTF-8 bytes.
 *
 * bool, int (exact), double (never written like an int; non-finite is null), string, array, kvlist (object), bytes
 * (base64 string after one space, which no other value starts with, so that the type is not lost), unset (null). Among
 * equal keys the last wins.
 *
 * @module
 */
import type { ByteSink } from "../../parquet/byte_sink.ts";
import type { RejectReason } from "../contract.ts";
import { ProtoReader } from "./proto_reader.ts";
import { isValidUtf8 } from "./utf8.ts";

/** Arrays and kvlists may nest this deep; a deeper span is refused. */
export const MAX_VALUE_DEPTH = 64;

/** Positions gathered before duplicates are first removed. */
const COMPACT_FROM = 16_384;

/** Which member of the AnyValue oneof is set; the numbers are the protobuf field numbers. */
export const ANY = {
  UNSET: 0,
  STRING: 1,
  BOOL: 2,
  INT: 3,
  DOUBLE: 4,
  ARRAY: 5,
  KVLIST: 6,
  BYTES: 7,
} as const;

const HEX = "0123456789abcdef";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const codes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const HEX_CODES = codes(HEX);
const BASE64_CODES = codes(BASE64);
const doubleView = new DataView(new ArrayBuffer(8));

/** Reads values of one body; remembers why the current span must be refused. */
export class AnyValueReader extends ProtoReader {
  /** Set when a value read since it was last cleared may not be stored. */
  refusal: RejectReason | null = null;
  /** Kind of the value parsed last, from {@linkcode ANY}. */
  kind = 0;
  /** Content of the value parsed last. */
  start = 0;
  end = 0;
  /** Key and value of the KeyValue parsed last; `valueStart` is -1 when it has no value. */
  keyStart = 0;
  keyEnd = 0;
  valueStart = -1;
  valueEnd = -1;

  /** Finds the set member of the AnyValue in [start, end); the last one wins. `start` -1 means no value. */
  parseAny(start: number, end: number): void {
    this.kind = ANY.UNSET;
    if (start < 0) return;
    const buf = this.buf;
    // The usual value: one string shorter than 128 bytes.
    if (end - start >= 2 && buf[start] === 0x0a && buf[start + 1]! === end - start - 2) {
      if (end - start < 130) {
        this.kind = ANY.STRING;
        this.start = start + 2;
        this.end = end;
        return;
      }
    }
    this.pos = start;
    while (this.pos < end) {
      const tag = this.tag(end);
      switch (tag) {
        case 0x0a:
        case 0x2a:
        case 0x32:
        case 0x3a: {
          const contentEnd = this.contentEnd(end);
          this.kind = tag >>> 3;
          this.start = this.pos;
          this.end = contentEnd;
          this.pos = contentEnd;
          break;
        }
        case 0x10:
        case 0x18:
          this.kind = tag >>> 3;
          this.start = this.pos;
          this.varint64(end);
          this.end = this.pos;
          break;
        case 0x21:
          this.kind = ANY.DOUBLE;
          this.start = this.pos;
          this.fixed64(end);
          this.end = this.pos;
          break;
        default:
          this.skip(tag, end);
      }
    }
  }

  /** Finds key and value of the KeyValue in [start, end). */
  parseKeyValue(start: number, end: number): void {
    const buf = this.buf;
    // The usual attribute: key, then value, both shorter than 128 bytes.
    if (end - start >= 4 && buf[start] === 0x0a && buf[start + 1]! < 128) {
      const keyEnd = start + 2 + buf[start + 1]!;
      if (keyEnd + 2 <= end && buf[keyEnd] === 0x12) {
        const size = buf[keyEnd + 1]!;
        if (size < 128 && keyEnd + 2 + size === end) {
          this.keyStart = start + 2;
          this.keyEnd = keyEnd;
          this.valueStart = keyEnd + 2;
          this.valueEnd = end;
          return;
        }
      }
    }
    this.pos = start;
    this.keyStart = this.keyEnd = start;
    this.valueStart = this.valueEnd = -1;
    while (this.pos < end) {
      const tag = this.tag(end);
      if (tag === 0x0a) {
        this.keyEnd = this.contentEnd(end);
        this.keyStart = this.pos;
        this.pos = this.keyEnd;
      } else if (tag === 0x12) {
        this.valueEnd = this.contentEnd(end);
        this.valueStart = this.pos;
        this.pos = this.valueEnd;
      } else this.skip(tag, end);
    }
  }

  /** The int of the value parsed last as a bigint, exact. */
  bigintValue(): bigint {
    this.pos = this.start;
    this.varint64(this.end);
    return BigInt.asIntN(64, BigInt(this.high) << 32n | BigInt(this.low));
  }

  /** The double of the value parsed last. */
  doubleValue(): number {
    this.pos = this.start;
    this.fixed64(this.end);
    doubleView.setUint32(0, this.low, true);
    doubleView.setUint32(4, this.high, true);
    return doubleView.getFloat64(0, true);
  }

  /** Writes the value parsed last as JSON text. */
  writeParsed(out: ByteSink, depth: number): void {
    const { start, end } = this;
    switch (this.kind) {
      case ANY.STRING:
        this.writeString(out, start, end);
        return;
      case ANY.BOOL:
        this.pos = start;
        this.varint64(end);
        out.ascii((this.low | this.high) === 0 ? "false" : "true");
        return;
      case ANY.INT:
        this.#writeInt(out, start, end);
        return;
      case ANY.DOUBLE:
        out.ascii(doubleText(this.doubleValue()));
        return;
      case ANY.ARRAY:
        if (depth >= MAX_VALUE_DEPTH) this.refusal ??= "too_deep";
        else this.#writeArray(out, start, end, depth);
        return;
      case ANY.KVLIST:
        if (depth >= MAX_VALUE_DEPTH) this.refusal ??= "too_deep";
        else this.writeObject(out, this.keyValues(start, end, 0x0a, true), depth);
        return;
      case ANY.BYTES:
        writeBase64(out, this.buf, start, end);
        return;
      default:
        out.ascii("null");
    }
  }

  #writeInt(out: ByteSink, start: number, end: number): void {
    this.pos = start;
    this.varint64(end);
    if (this.high === 0 && this.low < 0x80000000) {
      let value = this.low;
      let size = 1;
      for (let bound = 10; size < 10 && value >= bound; bound *= 10) size++;
      const target = out.reserve(size);
      for (let at = out.length + size - 1; at >= out.length; at--) {
        const rest = value / 10 | 0;
        target[at] = 48 + value - rest * 10;
        value = rest;
      }
      out.length += size;
      return;
    }
    out.ascii(this.bigintValue().toString());
  }

  #writeArray(out: ByteSink, start: number, end: number, depth: number): void {
    out.byte(0x5b);
    let first = true;
    let pos = start;
    while (pos < end) {
      this.pos = pos;
      const tag = this.tag(end);
      if (tag !== 0x0a) {
        this.skip(tag, end);
        pos = this.pos;
        continue;
      }
      pos = this.contentEnd(end);
      if (!first) out.byte(0x2c);
      first = false;
      this.parseAny(this.pos, pos);
      this.writeParsed(out, depth + 1);
    }
    out.byte(0x5d);
  }

  /**
   * Positions of the KeyValues held in field `tag` of [start, end), four numbers each (key start and end, value start
   * and end), with earlier entries of equal keys left out.
   *
   * @param needValue leave out entries without a value
   */
  keyValues(start: number, end: number, tag: number, needValue: boolean): number[] {
    let found: number[] = [];
    let limit = COMPACT_FROM;
    let pos = start;
    while (pos < end) {
      this.pos = pos;
      const next = this.tag(end);
      if (next !== tag) {
        this.skip(next, end);
        pos = this.pos;
        continue;
      }
      pos = this.contentEnd(end);
      this.parseKeyValue(this.pos, pos);
      if (needValue && this.valueStart < 0) continue;
      found.push(this.keyStart, this.keyEnd, this.valueStart, this.valueEnd);
      if (found.length >= limit) {
        // An entry may take two bytes on the wire: never hold millions of duplicates.
        found = this.#lastWins(found);
        limit = Math.max(COMPACT_FROM, found.length * 2);
      }
    }
    return this.#lastWins(found);
  }

  #lastWins(found: number[]): number[] {
    const count = found.length >> 2;
    if (count < 2) return found;
    if (count > 24) return this.#lastWinsMany(found);
    let duplicates = 0;
    for (let i = 0; i < count - 1; i++) {
      for (let j = i + 1; j < count; j++) {
        if (this.#sameKey(found, i * 4, j * 4)) {
          found[i * 4] = -1;
          duplicates++;
          break;
        }
      }
    }
    return duplicates === 0 ? found : withoutDead(found);
  }

  #sameKey(found: readonly number[], a: number, b: number): boolean {
    let at = found[a]!;
    let bt = found[b]!;
    const end = found[a + 1]!;
    if (end - at !== found[b + 1]! - bt) return false;
    while (at < end) if (this.buf[at++] !== this.buf[bt++]) return false;
    return true;
  }

  #lastWinsMany(found: number[]): number[] {
    const last = new Map<string, number>();
    for (let i = 0; i < found.length; i += 4) {
      const key = latin1(this.buf, found[i]!, found[i + 1]!);
      const earlier = last.get(key);
      if (earlier !== undefined) found[earlier] = -1;
      last.set(key, i);
    }
    return last.size * 4 === found.length ? found : withoutDead(found);
  }

  /** Writes KeyValues found by {@linkcode AnyValueReader.keyValues} as a JSON object. */
  writeObject(out: ByteSink, found: readonly number[], depth: number): void {
    out.byte(0x7b);
    for (let i = 0; i < found.length; i += 4) {
      if (i > 0) out.byte(0x2c);
      this.writeString(out, found[i]!, found[i + 1]!);
      out.byte(0x3a);
      this.parseAny(found[i + 2]!, found[i + 3]!);
      this.writeParsed(out, depth + 1);
    }
    out.byte(0x7d);
  }

  /** Writes KeyValues found by {@linkcode AnyValueReader.keyValues} as `[{"key":…,"value":…}]`. */
  writePairs(out: ByteSink, found: readonly number[]): void {
    out.byte(0x5b);
    for (let i = 0; i < found.length; i += 4) {
      out.ascii(i > 0 ? ',{"key":' : '{"key":');
      this.writeString(out, found[i]!, found[i + 1]!);
      out.ascii(',"value":');
      this.parseAny(found[i + 2]!, found[i + 3]!);
      this.writeParsed(out, 0);
      out.byte(0x7d);
    }
    out.byte(0x5d);
  }

  /** Writes `buf[start, end)` as a JSON string; refuses the span when it is not UTF-8. */
  writeString(out: ByteSink, start: number, end: number): void {
    const buf = this.buf;
    // Six bytes per control character at worst; for long strings find out first instead of reserving that much.
    const size = end - start;
    const target = out.reserve(size > 4096 ? escapedSize(buf, start, end) + 2 : size * 6 + 2);
    let to = out.length;
    target[to++] = 0x22;
    let seen = 0;
    for (let at = start; at < end; at++) {
      const byte = buf[at]!;
      seen |= byte;
      if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) target[to++] = byte;
      else to = writeEscape(target, to, byte);
    }
    target[to++] = 0x22;
    out.length = to;
    if (seen > 127 && !isValidUtf8(buf, start, end)) this.refusal ??= "invalid_utf8";
  }

  /** Writes `buf[start, end)` unchanged; refuses the span when it is not UTF-8. */
  writeRaw(out: ByteSink, start: number, end: number): void {
    if (!isValidUtf8(this.buf, start, end)) this.refusal ??= "invalid_utf8";
    out.copy(this.buf, start, end);
  }

  /** Writes bytes as a JSON string of lowercase hex. */
  writeHex(out: ByteSink, start: number, end: number): void {
    const target = out.reserve((end - start) * 2 + 2);
    let to = out.length;
    target[to++] = 0x22;
    for (let at = start; at < end; at++) {
      const byte = this.buf[at]!;
      target[to++] = HEX_CODES[byte >>> 4]!;
      target[to++] = HEX_CODES[byte & 15]!;
    }
    target[to++] = 0x22;
    out.length = to;
  }
}

function withoutDead(found: readonly number[]): number[] {
  const kept: number[] = [];
  for (let i = 0; i < found.length; i += 4) {
    if (found[i]! >= 0) kept.push(found[i]!, found[i + 1]!, found[i + 2]!, found[i + 3]!);
  }
  return kept;
}

/** A string with one character per byte: a map key, not text. */
function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 4096)));
  }
  return text;
}

function escapedSize(bytes: Uint8Array, start: number, end: number): number {
  let size = end - start;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < 0x20) size += 5;
    else if (byte === 0x22 || byte === 0x5c) size++;
  }
  return size;
}

function writeEscape(target: Uint8Array, to: number, byte: number): number {
  target[to++] = 0x5c;
  switch (byte) {
    case 0x22:
    case 0x5c:
      target[to++] = byte;
      return to;
    case 0x0a:
      target[to++] = 0x6e;
      return to;
    case 0x0d:
      target[to++] = 0x72;
      return to;
    case 0x09:
      target[to++] = 0x74;
      return to;
  }
  target[to++] = 0x75;
  target[to++] = 0x30;
  target[to++] = 0x30;
  target[to++] = HEX_CODES[byte >>> 4]!;
  target[to++] = HEX_CODES[byte & 15]!;
  return to;
}

/** JSON text of a double; integral values keep a fraction so that they stay told apart from ints. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}

function writeBase64(out: ByteSink, bytes: Uint8Array, start: number, end: number): void {
  const target = out.reserve(Math.ceil((end - start) / 3) * 4 + 3);
  let to = out.length;
  target[to++] = 0x20;
  target[to++] = 0x22;
  for (let at = start; at < end; at += 3) {
    const left = end - at;
    const a = bytes[at]!;
    const b = left > 1 ? bytes[at + 1]! : 0;
    const c = left > 2 ? bytes[at + 2]! : 0;
    target[to++] = BASE64_CODES[a >>> 2]!;
    target[to++] = BASE64_CODES[(a & 3) << 4 | b >>> 4]!;
    target[to++] = left > 1 ? BASE64_CODES[(b & 15) << 2 | c >>> 6]! : 0x3d;
    target[to++] = left > 2 ? BASE64_CODES[c & 63]! : 0x3d;
  }
  target[to++] = 0x22;
  out.length = to;
}
