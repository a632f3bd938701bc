/**
 * Spans as the server answers them and as evaluation reads them.
 *
 * @module
 */

import type { Attributes, AttributeValue } from "./opentelemetry.ts";
import { type HrTime, SpanKind } from "@opentelemetry/api";
import { BAGGAGE_PREFIX, INPUT, LABEL, OUTPUT, SERVICE_NAME, TAG_PREFIX } from "./constants.ts";
import type { EndedSpan } from "./exporters/types.ts";

/** Any JSON value. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** An attribute. */
export interface AttributeRecord {
  /** Name. */
  readonly key: string;
  /** Value. */
  readonly value: JsonValue;
}

/** An event of a span. */
export interface SpanEventRecord {
  /** RFC 3339, microseconds. */
  readonly timestamp: string;
  /** Name. */
  readonly name: string;
  /** Attributes. */
  readonly attributes: readonly AttributeRecord[];
  /** Attributes beyond the limit. */
  readonly dropped_attributes_count: number;
}

/** A link to another span. */
export interface SpanLinkRecord {
  /** 32 hex digits. */
  readonly trace_id: string;
  /** 16 hex digits. */
  readonly span_id: string;
  /** As in the header `tracestate`. */
  readonly trace_state: string;
  /** Attributes. */
  readonly attributes: readonly AttributeRecord[];
  /** Attributes beyond the limit. */
  readonly dropped_attributes_count: number;
}

/** A span, with the names that the server's answers have. */
export interface SpanRecord {
  /** 32 hex digits. */
  readonly trace_id: string;
  /** 16 hex digits. */
  readonly span_id: string;
  /** 16 hex digits; null for a root. */
  readonly parent_span_id: string | null;
  /** Name. */
  readonly span_name: string;
  /** `INTERNAL`, `SERVER`, `CLIENT`, `PRODUCER` or `CONSUMER`. */
  readonly span_kind: string;
  /** RFC 3339, microseconds. */
  readonly start_time: string;
  /** RFC 3339, microseconds. */
  readonly end_time: string;
  /** Whole milliseconds. */
  readonly duration_ms: number;
  /** 0 unset, 1 ok, 2 error. */
  readonly status_code: number;
  /** Why, for errors. */
  readonly status_message: string;
  /** Attributes; a key occurs once. */
  readonly attributes: readonly AttributeRecord[];
  /** Events in their order. */
  readonly events: readonly SpanEventRecord[];
  /** Links to other spans. */
  readonly links: readonly SpanLinkRecord[];
  /** Service that recorded it. */
  readonly service_name: string;
  /** Name of the tracer. */
  readonly scope_name: string;
  /** Version of the tracer. */
  readonly scope_version: string | null;
  /** What the operation was given; null when it was not recorded. */
  readonly input: JsonValue;
  /** What the operation returned; null when it was not recorded. */
  readonly output: JsonValue;
  /** Label; null when there is none. */
  readonly label: string | null;
  /** Attributes of the resource. */
  readonly resource_attributes: readonly AttributeRecord[];
}

/** Baggage of a span. */
export interface BaggageRecord {
  /** 32 hex digits. */
  readonly trace_id: string;
  /** Name of the tracer. */
  readonly scope: string;
  /** Name. */
  readonly key: string;
  /** Value. */
  readonly value: string;
  /** RFC 3339, microseconds. */
  readonly created_at: string;
}

/** A tag of a trace. */
export interface TagRecord {
  /** Always `trace`. */
  readonly entity_type: "trace";
  /** Trace id, 32 hex digits. */
  readonly entity_id: string;
  /** Name. */
  readonly key: string;
  /** Value. */
  readonly value: string;
}

function timeText([seconds, nanos]: HrTime): string {
  const micros = Math.floor((nanos % 1e9) / 1e3);
  return new Date(seconds * 1e3).toISOString().slice(0, 19) + "." +
    String(micros).padStart(6, "0") + "Z";
}

function json(value: AttributeValue | undefined): JsonValue {
  if (value === undefined) return null;
  return Array.isArray(value) ? value.map((item) => item ?? null) : value as JsonValue;
}

function attributeRecords(attributes: Attributes | undefined): AttributeRecord[] {
  return Object.entries(attributes ?? {}).map(([key, value]) => ({ key, value: json(value) }));
}

function parsed(value: AttributeValue | undefined): JsonValue {
  if (typeof value !== "string") return null;
  try {
    return JSON.parse(value);
  } catch {
    // Not JSON: the text itself is the value.
    return value;
  }
}

/** Makes the record of a span that has ended. */
export function spanRecord(span: EndedSpan): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  const label = span.attributes[LABEL];
  return {
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: span.parentSpanContext?.spanId ?? null,
    span_name: span.name,
    span_kind: SpanKind[span.kind] ?? "UNSPECIFIED",
    start_time: timeText(span.startTime),
    end_time: timeText(span.endTime),
    duration_ms: Math.floor(span.duration[0] * 1e3 + span.duration[1] / 1e6),
    status_code: span.status.code,
    status_message: span.status.message ?? "",
    attributes: attributeRecords(span.attributes),
    events: span.events.map((event) => ({
      timestamp: timeText(event.time),
      name: event.name,
      attributes: attributeRecords(event.attributes),
      dropped_attributes_count: event.droppedAttributesCount ?? 0,
    })),
    links: span.links.map((link) => ({
      trace_id: link.context.traceId,
      span_id: link.context.spanId,
      trace_state: link.context.traceState?.serialize() ?? "",
      attributes: attributeRecords(link.attributes),
      dropped_attributes_count: link.droppedAttributesCount ?? 0,
    })),
    service_name: String(span.resource.attributes[SERVICE_NAME] ?? "unknown"),
    scope_name: span.instrumentationScope.name,
    scope_version: span.instrumentationScope.version ?? null,
    input: parsed(span.attributes[INPUT]),
    output: parsed(span.attributes[OUTPUT]),
    label: typeof label === "string" ? label : null,
    resource_attributes: attributeRecords(span.resource.attributes),
  };
}

/** Finds the baggage in a span's attributes. */
export function baggageOf(span: EndedSpan): BaggageRecord[] {
  return Object.entries(span.attributes)
    .filter(([key]) => key.startsWith(BAGGAGE_PREFIX))
    .map(([key, value]) => ({
      trace_id: span.spanContext().traceId,
      scope: span.instrumentationScope.name,
      key: key.slice(BAGGAGE_PREFIX.length).trim(),
      value: String(value),
      created_at: timeText(span.startTime),
    }));
}

/** Finds the tags in a span's attributes. */
export function tagsOf(span: EndedSpan): TagRecord[] {
  return Object.entries(span.attributes).flatMap(([name, value]) => {
    const bare = name.startsWith(BAGGAGE_PREFIX) ? name.slice(BAGGAGE_PREFIX.length) : name;
    const key = bare.startsWith(TAG_PREFIX) ? bare.slice(TAG_PREFIX.length) : "";
    return key === "" ? [] : [{
      entity_type: "trace" as const,
      entity_id: span.spanContext().traceId,
      key,
      value: String(value),
    }];
  });
}
