/**
 * The answers of the OTLP services, written by hand: they are a few bytes, sent for every request.
 *
 * @module
 */

import type { ScouterError } from "../../errors.ts";
import type { IngestResult, OtlpEncoding } from "../../lake/traces/contract.ts";

const encoder = new TextEncoder();
const EMPTY = new Uint8Array(0);
const EMPTY_JSON = encoder.encode("{}");

/** Content types by encoding. */
export const OTLP_CONTENT_TYPE: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

/** What OTLP carries. */
export type OtlpSignal = "traces" | "logs" | "metrics";

/** How the JSON names the count of what was refused; in protobuf its number is the same. */
const REJECTED: Readonly<Record<OtlpSignal, string>> = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
};

/** The response of an export; `partial_success` only when something was refused, as OTLP asks. */
export function exportResponse(
  result: IngestResult,
  encoding: OtlpEncoding,
  signal: OtlpSignal = "traces",
): Uint8Array {
  if (result.rejected === 0) return encoding === "json" ? EMPTY_JSON : EMPTY;
  if (encoding === "json") {
    return encoder.encode(JSON.stringify({
      partialSuccess: {
        // Protobuf's JSON mapping writes 64-bit integers as text.
        [REJECTED[signal]]: String(result.rejected),
        errorMessage: result.rejectedMessage,
      },
    }));
  }
  const message = encoder.encode(result.rejectedMessage);
  return field(1, [...varintField(1, result.rejected), ...field(2, message)]);
}

/** `google.rpc.Status`, which OTLP/HTTP asks for as the body of an error. */
export function statusMessage(
  code: number,
  error: Pick<ScouterError, "message" | "retryAfterSeconds">,
  encoding: OtlpEncoding,
): Uint8Array {
  if (encoding === "json") {
    return encoder.encode(JSON.stringify({
      code,
      message: error.message,
      ...(error.retryAfterSeconds === undefined ? {} : {
        details: [{
          "@type": "type.googleapis.com/google.rpc.RetryInfo",
          retryDelay: `${error.retryAfterSeconds}s`,
        }],
      }),
    }));
  }
  return Uint8Array.from([
    ...varintField(1, code),
    ...field(2, encoder.encode(error.message)),
    ...(error.retryAfterSeconds === undefined ? [] : field(3, retryInfo(error.retryAfterSeconds))),
  ]);
}

/** `google.protobuf.Any` of a `google.rpc.RetryInfo`. */
function retryInfo(seconds: number): Uint8Array {
  const whole = Math.floor(seconds);
  const nanos = Math.round((seconds - whole) * 1e9);
  const delay = [...varintField(1, whole), ...varintField(2, nanos)];
  return Uint8Array.from([
    ...field(1, encoder.encode("type.googleapis.com/google.rpc.RetryInfo")),
    ...field(2, field(1, delay)),
  ]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}

function varintField(number: number, value: number): number[] {
  return value === 0 ? [] : [number << 3, ...varint(value)];
}

function field(number: number, bytes: Iterable<number>): Uint8Array {
  const content = Array.from(bytes);
  return Uint8Array.from([number << 3 | 2, ...varint(content.length), ...content]);
}
