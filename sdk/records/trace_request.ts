/**
 * Spans in the envelope: an export request of OTLP/JSON.
 *
 * @module
 */

import { asObject, type Codec } from "./codec.ts";
import { RecordError } from "./error.ts";

/** An export request of OTLP/JSON: camelCase names, hex ids, 64-bit integers as texts. */
export interface TraceRequest {
  /** Spans by resource and scope. */
  readonly resourceSpans: readonly unknown[];
}

const TRACE_ID = /^[0-9a-fA-F]{32}$/;
const SPAN_ID = /^[0-9a-fA-F]{16}$/;

function array(path: string, value: unknown): readonly unknown[] {
  // The protocol lets empty lists be left out.
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new RecordError(path, "an array", value);
  return value;
}

function member(path: string, value: unknown): Readonly<Record<string, unknown>> {
  try {
    return asObject(value);
  } catch {
    throw new RecordError(path, "an object", value);
  }
}

function hex(path: string, form: RegExp, digits: number, value: unknown): void {
  if (typeof value !== "string" || !form.test(value)) {
    throw new RecordError(path, `${digits} hex digits`, value);
  }
}

function nanoseconds(path: string, value: unknown): void {
  if (value === undefined) return;
  const fits = typeof value === "number"
    ? Number.isInteger(value) && value >= 0
    : typeof value === "string" && /^\d{1,20}$/.test(value);
  if (!fits) throw new RecordError(path, "nanoseconds as a text of digits", value);
}

/** Checks what the server needs of a span; everything else belongs to OTLP and is passed on as it is. */
function checkSpan(path: string, value: unknown): void {
  const span = member(path, value);
  hex(`${path}.traceId`, TRACE_ID, 32, span.traceId);
  hex(`${path}.spanId`, SPAN_ID, 16, span.spanId);
  if (span.parentSpanId !== undefined && span.parentSpanId !== "") {
    hex(`${path}.parentSpanId`, SPAN_ID, 16, span.parentSpanId);
  }
  nanoseconds(`${path}.startTimeUnixNano`, span.startTimeUnixNano);
  nanoseconds(`${path}.endTimeUnixNano`, span.endTimeUnixNano);
}

/** {@linkcode TraceRequest} on the wire. */
export const TRACE_REQUEST: Codec<TraceRequest> = {
  read(value) {
    const request = asObject(value);
    const { resourceSpans } = request;
    if (resourceSpans === undefined) {
      throw new RecordError(".resourceSpans", "an array", resourceSpans);
    }
    const resources = array(".resourceSpans", resourceSpans);
    resources.forEach((resource, r) => {
      const at = `.resourceSpans[${r}]`;
      array(`${at}.scopeSpans`, member(at, resource).scopeSpans).forEach((scope, s) => {
        const inScope = `${at}.scopeSpans[${s}]`;
        array(`${inScope}.spans`, member(inScope, scope).spans)
          .forEach((span, i) => checkSpan(`${inScope}.spans[${i}]`, span));
      });
    });
    return { ...request, resourceSpans: resources };
  },
  write: (value) => JSON.stringify(value),
};
