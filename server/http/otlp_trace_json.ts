/**
 * Stored spans as an OTLP/JSON export request, which `/v1/traces` of any OpenTelemetry backend takes.
 *
 * Times are stored to the microsecond, so the last three digits of nanoseconds are zero.
 *
 * @module
 */

import { isRawJson, type JsonValue } from "../lake/traces/queries/lossless_json.ts";
import type { Attribute, SpanRecord } from "../lake/traces/queries/span_rows.ts";

/** OTLP's `Span.SpanKind`; 0 where the client said none. */
const KINDS: Readonly<Record<string, number>> = {
  INTERNAL: 1,
  SERVER: 2,
  CLIENT: 3,
  PRODUCER: 4,
  CONSUMER: 5,
};

/**
 * The request's text, piece by piece: one `ResourceSpans` per resource and scope.
 *
 * @param traces Spans by trace, with all they carry; read one trace at a time.
 */
export async function* otlpTraceJson(
  traces: AsyncIterable<readonly SpanRecord[]>,
): AsyncGenerator<string> {
  yield '{"resourceSpans":[';
  let separator = "";
  for await (const spans of traces) {
    for (const group of groups(spans).values()) {
      const [first] = group;
      if (first === undefined) continue;
      yield `${separator}{"resource":${
        JSON.stringify({ attributes: attributes(first.resourceAttributes) })
      },"scopeSpans":[{"scope":${JSON.stringify(scopeOf(first))},"spans":[`;
      separator = ",";
      for (const [i, span] of group.entries()) {
        yield `${i === 0 ? "" : ","}${JSON.stringify(otlpSpan(span))}`;
      }
      yield "]}]}";
    }
  }
  yield "]}";
}

function groups(spans: readonly SpanRecord[]): Map<string, SpanRecord[]> {
  // Equal attribute lists of one answer are mostly one object: each is printed once.
  const printed = new Map<readonly Attribute[], string>();
  const print = (list: readonly Attribute[]) => {
    let text = printed.get(list);
    if (text === undefined) printed.set(list, text = JSON.stringify(list));
    return text;
  };
  return Map.groupBy(spans, (span) =>
    [
      print(span.resourceAttributes),
      print(span.scopeAttributes),
      span.scopeName,
      span.scopeVersion ?? "",
    ].join("\u0000"));
}

function scopeOf(span: SpanRecord) {
  return {
    name: span.scopeName,
    ...(span.scopeVersion === null ? {} : { version: span.scopeVersion }),
    attributes: attributes(span.scopeAttributes),
  };
}

function otlpSpan(span: SpanRecord) {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === null ? {} : { parentSpanId: span.parentSpanId }),
    flags: span.flags,
    traceState: span.traceState,
    name: span.spanName,
    kind: KINDS[span.spanKind] ?? 0,
    startTimeUnixNano: nanos(span.startTimeUs),
    endTimeUnixNano: nanos(span.endTimeUs),
    attributes: attributes(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      timeUnixNano: nanos(event.timestampUs),
      name: event.name,
      attributes: attributes(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: link.traceState,
      attributes: attributes(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount,
    })),
    droppedLinksCount: span.droppedLinksCount,
    status: {
      code: span.statusCode,
      ...(span.statusMessage === null ? {} : { message: span.statusMessage }),
    },
  };
}

const nanos = (timeUs: number): string => `${timeUs}000`;

function attributes(list: readonly Attribute[]) {
  return list.map(({ key, value, bytes }) => ({
    key,
    value: bytes === true && typeof value === "string" ? { bytesValue: value } : anyValue(value),
  }));
}

/** A value of OTLP: exactly one field says its type, none stands for an empty value. */
function anyValue(value: JsonValue): Record<string, unknown> {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return numberValue(String(value), value);
  if (isRawJson(value)) return numberValue(value.rawJSON, value);
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return {
    kvlistValue: {
      values: Object.entries(value).map(([key, entry]) => ({ key, value: anyValue(entry) })),
    },
  };
}

/** A number by its text: OTLP/JSON writes 64-bit integers as strings. */
function numberValue(text: string, value: JsonValue): Record<string, unknown> {
  return /^-?\d{1,19}$/.test(text) ? { intValue: text } : { doubleValue: value };
}
