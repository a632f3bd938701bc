/**
 * Rewrites values of OTLP/JSON as OTLP protobuf bytes, so that both encodings share one decoder and mean the same.
 *
 * Follows the proto3 JSON mapping with OTLP's exceptions (ids in hex): camelCase or snake_case names, 64-bit integers
 * as strings or numbers, enums as integers or names, unknown members skipped, null as absent. What cannot be expressed
 * (an id that is not hex, a lone surrogate, a time out of range) becomes bytes that make the decoder refuse that item
 * alone. Lengths are written as five-byte varints, which any protobuf reader accepts.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { ScouterError } from "../../../errors.ts";
import { ByteSink } from "../../parquet/byte_sink.ts";
import { MAX_VALUE_DEPTH } from "./any_value.ts";

const encoder = new TextEncoder();
const LENGTH_BYTES = 5;
const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const doubleBytes = new DataView(new ArrayBuffer(8));

/** A JSON object, not looked into. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Writes values of OTLP/JSON as protobuf fields. Subclasses know the messages. */
export abstract class OtlpJsonWriter {
  protected readonly out: ByteSink;
  readonly #path: (string | number)[] = [];

  /** Name of the export request, for errors. */
  protected abstract readonly messageName: string;

  constructor(out: ByteSink) {
    this.out = out;
  }

  /** Writes the export request. */
  abstract request(value: unknown): void;

  /** The resource of a group of items. */
  protected resource(item: JsonObject): void {
    this.member(item, "resource", "resource", (value) => {
      const resource = this.object(value);
      this.message(0x0a, () => {
        this.member(resource, "attributes", "attributes", (list) => this.attributes(0x0a, list, 0));
      });
    });
  }

  /** The instrumentation scope of a group of items. */
  protected scope(item: JsonObject): void {
    this.member(item, "scope", "scope", (value) => {
      const scope = this.object(value);
      this.message(0x0a, () => {
        this.member(scope, "name", "name", (text) => this.string(0x0a, text));
        this.member(scope, "version", "version", (text) => this.string(0x12, text));
        this.member(scope, "attributes", "attributes", (list) => this.attributes(0x1a, list, 0));
      });
    });
  }

  protected fail(expected: string, value: unknown): ScouterError {
    let path = "$";
    for (const step of this.#path) path += typeof step === "number" ? `[${step}]` : `.${step}`;
    const shown = JSON.stringify(value)?.slice(0, 40) ?? "nothing";
    return new ScouterError(
      "BAD_REQUEST",
      `The body is not a valid OTLP ${this.messageName} in JSON: ${path} must be ${expected}, got ${shown}`,
      { suggestedAction: "Send the OTLP/JSON encoding of the OpenTelemetry protocol" },
    );
  }

  protected object(value: unknown): JsonObject {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.fail("an object", value);
    }
    return value as JsonObject;
  }

  /** Calls `write` with the member of either name, unless it is absent or null. */
  protected member(
    object: JsonObject,
    camel: string,
    snake: string,
    write: (value: unknown) => void,
  ): void {
    const value = object[camel] ?? object[snake];
    if (value === undefined || value === null) return;
    this.#path.push(camel);
    write(value);
    this.#path.pop();
  }

  protected each(value: unknown, write: (value: unknown) => void): void {
    if (!Array.isArray(value)) throw this.fail("an array", value);
    for (let i = 0; i < value.length; i++) {
      this.#path.push(i);
      write(value[i]);
      this.#path.pop();
    }
  }

  protected message(tag: number, write: () => void): void {
    const out = this.out;
    out.byte(tag);
    const start = out.length + LENGTH_BYTES;
    out.reserve(LENGTH_BYTES);
    out.length = start;
    write();
    this.#patchLength(start);
  }

  #patchLength(start: number): void {
    const size = this.out.length - start;
    const { buf } = this.out;
    for (let i = 0; i < LENGTH_BYTES - 1; i++) buf[start - LENGTH_BYTES + i] = size >>> i * 7 | 128;
    buf[start - 1] = size >>> 28;
  }

  protected bytes(tag: number, bytes: Uint8Array): void {
    this.message(tag, () => this.out.copy(bytes, 0, bytes.length));
  }

  protected string(tag: number, value: unknown): void {
    if (typeof value !== "string") throw this.fail("a string", value);
    const out = this.out;
    out.byte(tag);
    const start = out.length + LENGTH_BYTES;
    out.reserve(LENGTH_BYTES + value.length * 3 + 1);
    out.length = start + encoder.encodeInto(value, out.buf.subarray(start)).written;
    // A lone surrogate has no UTF-8 form: make the bytes invalid instead of changing the text.
    if (!value.isWellFormed()) out.byte(0xff);
    this.#patchLength(start);
  }

  protected varint(value: number): void {
    while (value > 127) {
      this.out.byte(value % 128 | 128);
      value = Math.floor(value / 128);
    }
    this.out.byte(value);
  }

  #fixed(bits: 32 | 64, value: bigint): void {
    for (let i = 0; i < bits / 32; i++) {
      this.out.int32(Number(value >> BigInt(32 * i) & 0xffffffffn) | 0);
    }
  }

  #integer(value: unknown): bigint {
    if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
    if (typeof value === "string" && value.length < 40 && /^-?\d+$/.test(value)) {
      return BigInt(value);
    }
    throw this.fail("an integer or a string of digits", value);
  }

  protected uint32(tag: number, value: unknown): void {
    const integer = this.#integer(value);
    if (integer < 0n || integer > 0xffffffffn) {
      throw this.fail("an unsigned 32-bit integer", value);
    }
    this.out.byte(tag);
    this.varint(Number(integer));
  }

  protected flags(tag: readonly number[], value: unknown): void {
    const integer = this.#integer(value);
    if (integer < 0n || integer > 0xffffffffn) {
      throw this.fail("an unsigned 32-bit integer", value);
    }
    for (const byte of tag) this.out.byte(byte);
    this.#fixed(32, integer);
  }

  protected time(tag: number, value: unknown): void {
    const nanos = this.#integer(value);
    this.out.byte(tag);
    // Out of range either way: the largest time is refused as a timestamp.
    this.#fixed(64, nanos < 0n || nanos > UINT64_MAX ? UINT64_MAX : nanos);
  }

  protected enumeration(tag: number, names: ReadonlyMap<string, number>, value: unknown): void {
    const code = typeof value === "string" ? names.get(value) : value;
    if (typeof code !== "number" || !Number.isInteger(code)) {
      throw this.fail(`an integer or one of ${[...names.keys()].join(", ")}`, value);
    }
    this.out.byte(tag);
    this.varint(code < 0 || code > 0xffffffff ? 0 : code);
  }

  protected id(tag: number, value: unknown): void {
    if (typeof value !== "string") throw this.fail("a string of hex digits", value);
    const isHex = value.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(value);
    this.bytes(tag, isHex ? Buffer.from(value, "hex") : encoder.encode(`not hex: ${value}`));
  }

  protected attributes(tag: number, value: unknown, depth: number): void {
    this.each(value, (entry) => {
      const pair = this.object(entry);
      this.message(tag, () => {
        this.member(pair, "key", "key", (key) => this.string(0x0a, key));
        this.member(
          pair,
          "value",
          "value",
          (any) => this.message(0x12, () => this.any(any, depth)),
        );
      });
    });
  }

  protected any(value: unknown, depth: number): void {
    // The decoder refuses the span at this depth whatever lies below.
    if (depth > MAX_VALUE_DEPTH + 1) return;
    const any = this.object(value);
    this.member(any, "stringValue", "string_value", (text) => this.string(0x0a, text));
    this.member(any, "boolValue", "bool_value", (flag) => {
      if (typeof flag !== "boolean") throw this.fail("true or false", flag);
      this.out.byte(0x10);
      this.out.byte(flag ? 1 : 0);
    });
    this.member(any, "intValue", "int_value", (integer) => this.#int64(integer));
    this.member(any, "doubleValue", "double_value", (double) => this.#double(double));
    this.member(any, "arrayValue", "array_value", (array) => {
      this.message(
        0x2a,
        () =>
          this.member(
            this.object(array),
            "values",
            "values",
            (values) =>
              this.each(values, (item) => this.message(0x0a, () => this.any(item, depth + 1))),
          ),
      );
    });
    this.member(any, "kvlistValue", "kvlist_value", (list) => {
      this.message(
        0x32,
        () =>
          this.member(
            this.object(list),
            "values",
            "values",
            (values) => this.attributes(0x0a, values, depth + 1),
          ),
      );
    });
    this.member(any, "bytesValue", "bytes_value", (text) => {
      if (typeof text !== "string" || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) {
        throw this.fail("a base64 string", text);
      }
      this.bytes(0x3a, Buffer.from(text, "base64"));
    });
  }

  #int64(value: unknown): void {
    const integer = this.#integer(value);
    if (integer < INT64_MIN || integer > INT64_MAX) throw this.fail("a 64-bit integer", value);
    this.out.byte(0x18);
    if (integer >= 0n && integer <= Number.MAX_SAFE_INTEGER) {
      this.varint(Number(integer));
      return;
    }
    let rest = BigInt.asUintN(64, integer);
    for (; rest > 127n; rest >>= 7n) this.out.byte(Number(rest & 127n) | 128);
    this.out.byte(Number(rest));
  }

  #double(value: unknown): void {
    let double: number;
    if (typeof value === "number") double = value;
    else if (value === "NaN" || value === "Infinity" || value === "-Infinity") {
      double = Number(value);
    } else if (typeof value === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)) {
      double = Number(value);
    } else throw this.fail("a number", value);
    doubleBytes.setFloat64(0, double, true);
    this.out.byte(0x21);
    this.out.int32(doubleBytes.getInt32(0, true));
    this.out.int32(doubleBytes.getInt32(4, true));
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : "it is not valid UTF-8";
    throw new ScouterError("BAD_REQUEST", `The body is not valid JSON: ${reason}`, {
      cause: error,
      suggestedAction: "Check the content-type and that the body was not cut short",
    });
  }
}

/**
 * Rewrites a JSON export request as protobuf.
 *
 * @param Writer Knows the request's message.
 * @throws ScouterError BAD_REQUEST naming the JSON path of what is wrong
 */
export function jsonToProtobuf(
  body: Uint8Array,
  Writer: new (out: ByteSink) => OtlpJsonWriter,
): Uint8Array {
  const out = new ByteSink(body.length + 1024);
  new Writer(out).request(parse(body));
  return out.view();
}
