/**
 * Traces, spans and what is counted over them: requests, answers and their wire shapes.
 *
 * @module
 */

import {
  bool,
  camelObject,
  type Codec,
  float,
  int,
  json,
  list,
  nullable,
  orElse,
  text,
  time,
} from "../records/codec.ts";
import type { TimeLike } from "./wire.ts";

/** A name with a value. */
export interface Attribute {
  /** The name. */
  readonly key: string;
  /** Any JSON. */
  readonly value: unknown;
}

/** Conditions on traces; all given ones must hold. */
export interface TraceFilters {
  /** Service of the root span. */
  readonly serviceName?: string;
  /** Whether some span failed. */
  readonly hasErrors?: boolean;
  /** Highest status of the spans: 0 unset, 1 ok, 2 error. */
  readonly statusCode?: 0 | 1 | 2;
  /** Traces that start at or after. */
  readonly startTime?: TimeLike;
  /** Traces that start before. */
  readonly endTime?: TimeLike;
  /** Traces in one page, up to 1,000; 50 by default. */
  readonly limit?: number;
  /** With `cursorTraceId`, where a page begins. */
  readonly cursorStartTime?: TimeLike;
  /** With `cursorStartTime`, where a page begins. */
  readonly cursorTraceId?: string;
  /** `next` for older traces, which is the default, `previous` for newer ones in ascending order. */
  readonly direction?: "next" | "previous";
  /** Texts such as `http.method=GET`, `http.method!=GET` or `key:value`; all must hold. */
  readonly attributeFilters?: readonly string[];
  /** Only these traces. */
  readonly traceIds?: readonly string[];
  /** Traces that have to do with a profile. */
  readonly entityUid?: string;
  /** Traces that have to do with a queue's record. */
  readonly queueUid?: string;
  /** A search, such as `service:shop duration>100ms`. */
  readonly query?: string;
}

/** One trace of a list. */
export interface TraceListItem {
  /** 32 hex digits. */
  readonly traceId: string;
  /** Service of the root span. */
  readonly serviceName: string;
  /** Instrumentation scope of the root span. */
  readonly scopeName: string;
  /** Its version; empty when it has none. */
  readonly scopeVersion: string;
  /** Name of the root span. */
  readonly rootOperation: string;
  /** RFC 3339 with microseconds. */
  readonly startTime: string;
  /** RFC 3339 with microseconds. */
  readonly endTime: string | null;
  /** Milliseconds. */
  readonly durationMs: number | null;
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  /** What the failed span said. */
  readonly statusMessage: string | null;
  /** How many spans there are. */
  readonly spanCount: number;
  /** Whether some span failed. */
  readonly hasErrors: boolean;
  /** How many spans failed. */
  readonly errorCount: number;
  /** Attributes of the root span's resource. */
  readonly resourceAttributes: readonly Attribute[];
  /** Uids of profiles. */
  readonly entityIds: readonly string[];
  /** Uids of queue records. */
  readonly queueIds: readonly string[];
}

/** Where a page of traces begins. */
export interface TraceCursor {
  /** RFC 3339 with microseconds. */
  readonly startTime: string;
  /** 32 hex digits. */
  readonly traceId: string;
}

/** A page of traces. */
export interface TracePage {
  /** The traces. */
  readonly items: readonly TraceListItem[];
  /** Whether there are older ones. */
  readonly hasNext: boolean;
  /** Where they begin. */
  readonly nextCursor: TraceCursor | null;
  /** Whether there are newer ones. */
  readonly hasPrevious: boolean;
  /** Where they begin. */
  readonly previousCursor: TraceCursor | null;
}

/** Something that happened during a span. */
export interface SpanEvent {
  /** RFC 3339 with microseconds. */
  readonly timestamp: string;
  /** What happened. */
  readonly name: string;
  /** Details. */
  readonly attributes: readonly Attribute[];
  /** How many more there were. */
  readonly droppedAttributesCount: number;
}

/** Another span that a span has to do with. */
export interface SpanLink {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** What vendors sent along. */
  readonly traceState: string;
  /** Details. */
  readonly attributes: readonly Attribute[];
  /** How many more there were. */
  readonly droppedAttributesCount: number;
}

/** One span with its place in the trace. */
export interface TraceSpan {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** 16 hex digits; null for a root. */
  readonly parentSpanId: string | null;
  /** What was done. */
  readonly spanName: string;
  /** `INTERNAL`, `SERVER`, `CLIENT`, `PRODUCER`, `CONSUMER`; null when it was not said. */
  readonly spanKind: string | null;
  /** RFC 3339 with microseconds. */
  readonly startTime: string;
  /** RFC 3339 with microseconds. */
  readonly endTime: string;
  /** Milliseconds. */
  readonly durationMs: number;
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  /** What a failed span said. */
  readonly statusMessage: string | null;
  /** Details. */
  readonly attributes: readonly Attribute[];
  /** What happened during it. */
  readonly events: readonly SpanEvent[];
  /** Other spans it has to do with. */
  readonly links: readonly SpanLink[];
  /** Levels below the root. */
  readonly depth: number;
  /** Ids from the root down to this span. */
  readonly path: readonly string[];
  /** Id of the root. */
  readonly rootSpanId: string;
  /** Service the span belongs to. */
  readonly serviceName: string;
  /** Place in the depth-first order. */
  readonly spanOrder: number;
  /** Instrumentation scope; empty when the server does not tell. */
  readonly scopeName: string;
  /** Its version. */
  readonly scopeVersion: string | null;
  /** A name given for grouping. */
  readonly label: string | null;
  /** What went in; any JSON. */
  readonly input: unknown;
  /** What came out; any JSON. */
  readonly output: unknown;
}

/** What traces to count, and in what intervals. */
export interface TraceMetricsRequest {
  /** Traces that start at or after. */
  readonly startTime: TimeLike;
  /** Traces that start before. */
  readonly endTime: TimeLike;
  /** `minute`, `5 minutes`, `hour` and the like. */
  readonly bucketInterval: string;
  /** Service of the root span. */
  readonly serviceName?: string;
  /** Texts such as `http.method=GET`; all must hold. */
  readonly attributeFilters?: readonly string[];
  /** Traces that have to do with a profile. */
  readonly entityUid?: string;
  /** A search. */
  readonly query?: string;
}

/** What the traces of one interval did. */
export interface TraceMetricBucket {
  /** RFC 3339 with microseconds. */
  readonly bucketStart: string;
  /** How many traces began in it. */
  readonly traceCount: number;
  /** Milliseconds. */
  readonly avgDurationMs: number;
  /** Milliseconds; half were faster. */
  readonly p50DurationMs: number | null;
  /** Milliseconds; 95 % were faster. */
  readonly p95DurationMs: number | null;
  /** Milliseconds; 99 % were faster. */
  readonly p99DurationMs: number | null;
  /** Failed by all, 0 to 1. */
  readonly errorRate: number;
}

/** Baggage that a trace carried. */
export interface TraceBaggageRecord {
  /** RFC 3339 with microseconds. */
  readonly createdAt: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** Instrumentation scope that recorded it. */
  readonly scope: string;
  /** The name. */
  readonly key: string;
  /** The value. */
  readonly value: string;
}

/** Calls from one service to an operation of another. */
export interface ServiceEdge {
  /** The caller. */
  readonly sourceService: string;
  /** Whom it calls. */
  readonly destinationService: string;
  /** The operation called. */
  readonly endpoint: string;
  /** How often. */
  readonly totalCalls: number;
  /** RFC 3339. */
  readonly firstSeen: string;
  /** RFC 3339. */
  readonly lastSeen: string;
  /** Milliseconds. */
  readonly avgLatencyMs: number;
  /** How many calls failed. */
  readonly errorCount: number;
  /** Failed by all, 0 to 100. */
  readonly errorRatePct: number;
}

/** Who calls whom. */
export interface ServiceGraph {
  /** One for each caller and operation. */
  readonly edges: readonly ServiceEdge[];
  /** RFC 3339. */
  readonly generatedAt: string;
}

const ATTRIBUTE: Codec<Attribute> = camelObject({ key: text, value: orElse(json, null) });
const CURSOR: Codec<TraceCursor> = camelObject({ startTime: time, traceId: text });

const LIST_ITEM: Codec<TraceListItem> = camelObject({
  traceId: text,
  serviceName: text,
  scopeName: text,
  scopeVersion: text,
  rootOperation: text,
  startTime: time,
  endTime: nullable(time),
  durationMs: nullable(float),
  statusCode: int,
  statusMessage: nullable(text),
  spanCount: int,
  hasErrors: bool,
  errorCount: int,
  resourceAttributes: list(ATTRIBUTE),
  entityIds: list(text),
  queueIds: list(text),
});

/** {@linkcode TracePage} on the wire. */
export const TRACE_PAGE: Codec<TracePage> = camelObject({
  items: list(LIST_ITEM),
  hasNext: bool,
  nextCursor: nullable(CURSOR),
  hasPrevious: bool,
  previousCursor: nullable(CURSOR),
});

const EVENT: Codec<SpanEvent> = camelObject({
  timestamp: time,
  name: text,
  attributes: list(ATTRIBUTE),
  droppedAttributesCount: int,
});

const LINK: Codec<SpanLink> = camelObject({
  traceId: text,
  spanId: text,
  traceState: text,
  attributes: list(ATTRIBUTE),
  droppedAttributesCount: int,
});

const SPAN: Codec<TraceSpan> = camelObject({
  traceId: text,
  spanId: text,
  parentSpanId: nullable(text),
  spanName: text,
  spanKind: nullable(text),
  startTime: time,
  endTime: time,
  durationMs: float,
  statusCode: int,
  statusMessage: nullable(text),
  attributes: list(ATTRIBUTE),
  events: list(EVENT),
  links: list(LINK),
  depth: int,
  path: list(text),
  rootSpanId: text,
  serviceName: text,
  spanOrder: int,
  scopeName: orElse(text, ""),
  scopeVersion: nullable(text),
  label: nullable(text),
  input: orElse(json, null),
  output: orElse(json, null),
});

/** Spans on the wire. */
export const SPANS: Codec<{ readonly spans: readonly TraceSpan[] }> = camelObject({
  spans: list(SPAN),
});

const BUCKET: Codec<TraceMetricBucket> = camelObject({
  bucketStart: time,
  traceCount: int,
  avgDurationMs: float,
  p50DurationMs: nullable(float),
  p95DurationMs: nullable(float),
  p99DurationMs: nullable(float),
  errorRate: float,
});

/** Metrics on the wire. */
export const METRICS: Codec<{ readonly metrics: readonly TraceMetricBucket[] }> = camelObject({
  metrics: list(BUCKET),
});

const BAGGAGE_RECORD: Codec<TraceBaggageRecord> = camelObject({
  createdAt: time,
  traceId: text,
  scope: text,
  key: text,
  value: text,
});

/** Baggage on the wire. */
export const BAGGAGE: Codec<{ readonly baggage: readonly TraceBaggageRecord[] }> = camelObject({
  baggage: list(BAGGAGE_RECORD),
});

const EDGE: Codec<ServiceEdge> = camelObject({
  sourceService: text,
  destinationService: text,
  endpoint: text,
  totalCalls: int,
  firstSeen: time,
  lastSeen: time,
  avgLatencyMs: float,
  errorCount: int,
  errorRatePct: float,
});

/** {@linkcode ServiceGraph} on the wire. */
export const SERVICE_GRAPH: Codec<ServiceGraph> = camelObject({
  edges: list(EDGE),
  generatedAt: time,
});
