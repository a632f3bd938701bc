/**
 * Traces and spans as messages of `scouter.v1.TraceService`.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  AttributeSchema,
  FacetSchema,
  LinkingSpanSchema,
  ServiceEdgeSchema,
  ServiceNodeSchema,
  ServiceStatsSchema,
  TraceCursorSchema,
  TraceSpanSchema,
  TraceSummarySchema,
} from "../../sdk/gen/scouter/v1/trace_pb.ts";
import { GraphSource as SourceMessage } from "../../sdk/gen/scouter/v1/trace_pb.ts";
import type { JsonValue } from "../lake/traces/queries/lossless_json.ts";
import type { LinkingSpan } from "../lake/traces/queries/linking_spans.ts";
import type { TraceKey } from "../lake/traces/queries/list_traces.ts";
import type { TraceSummary } from "../lake/traces/queries/merged_traces.ts";
import type { GraphSource, MapEdge, MapNode } from "../service_map/service_map.ts";
import type { ServiceStats } from "../lake/traces/queries/service_stats.ts";
import type { Attribute, GenAiFields, SpanRecord } from "../lake/traces/queries/span_rows.ts";
import type { Facet } from "../lake/traces/queries/trace_facets.ts";

/** Microseconds as the 64-bit integers of messages. */
export const int64 = (value: number): bigint => BigInt(Math.round(value));

/** Leaves out what is null, as optional fields of messages want it. */
export function present<T extends Record<string, unknown>>(
  fields: T,
): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** Attributes with their values as JSON text, long ones cut. */
export const attributeMessages = (
  list: readonly Attribute[],
  maxChars = Infinity,
): MessageInitShape<typeof AttributeSchema>[] =>
  list.map(({ key, value, bytes }) => {
    const { json, fullLength } = cutJson(value, maxChars);
    return { key, valueJson: json, isBytes: bytes === true, fullLength };
  });

/** A value as JSON; one that is too long as its beginning: of a string as JSON, of anything else as it stands. */
function cutJson(value: JsonValue, maxChars: number): { json: string; fullLength: bigint } {
  if (typeof value === "string" && value.length > maxChars) {
    return { json: JSON.stringify(value.slice(0, maxChars)), fullLength: BigInt(value.length) };
  }
  const json = JSON.stringify(value);
  return typeof value === "string" || json.length <= maxChars
    ? { json, fullLength: 0n }
    : { json: json.slice(0, maxChars), fullLength: BigInt(json.length) };
}

/** A trace's place in the list. */
export const traceCursor = (key: TraceKey): MessageInitShape<typeof TraceCursorSchema> => ({
  startTimeUs: int64(key.startTimeUs),
  traceId: key.traceId,
});

/** One trace of a list. */
export function traceSummary(trace: TraceSummary): MessageInitShape<typeof TraceSummarySchema> {
  return {
    traceId: trace.traceId,
    serviceName: trace.serviceName,
    rootOperation: trace.rootOperation,
    rootMissing: trace.rootMissing,
    startTimeUs: int64(trace.startTimeUs),
    endTimeUs: int64(trace.endTimeUs),
    statusCode: trace.statusCode,
    spanCount: int64(trace.spanCount),
    errorCount: int64(trace.errorCount),
    scopeName: trace.scopeName,
    resourceAttributes: attributeMessages(trace.resourceAttributes),
    entityIds: [...trace.entityIds],
    queueIds: [...trace.queueIds],
    services: [...trace.services],
    inputTokens: int64(trace.inputTokens),
    outputTokens: int64(trace.outputTokens),
    ...present({ statusMessage: trace.statusMessage, scopeVersion: trace.scopeVersion }),
  };
}

function genAiFields(fields: GenAiFields) {
  if (Object.values(fields).every((value) => value === null)) return undefined;
  return present({
    ...fields,
    inputTokens: fields.inputTokens === null ? null : int64(fields.inputTokens),
    outputTokens: fields.outputTokens === null ? null : int64(fields.outputTokens),
  });
}

/**
 * A span in its place.
 *
 * @param maxChars Values are cut to so many characters, and tell their full length.
 */
export function traceSpan(
  span: SpanRecord,
  place: { readonly depth: number; readonly missingParentId: string | null },
  maxChars = Infinity,
): MessageInitShape<typeof TraceSpanSchema> {
  const genAi = genAiFields(span.genAi);
  const input = span.input === null ? null : cutJson(span.input, maxChars);
  const output = span.output === null ? null : cutJson(span.output, maxChars);
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    spanName: span.spanName,
    spanKind: span.spanKind,
    serviceName: span.serviceName,
    startTimeUs: int64(span.startTimeUs),
    endTimeUs: int64(span.endTimeUs),
    statusCode: span.statusCode,
    depth: place.depth,
    parentMissing: place.missingParentId !== null,
    scopeName: span.scopeName,
    flags: span.flags,
    traceState: span.traceState,
    entityIds: [...span.entityIds],
    queueIds: [...span.queueIds],
    attributes: attributeMessages(span.attributes, maxChars),
    resourceAttributes: attributeMessages(span.resourceAttributes, maxChars),
    scopeAttributes: attributeMessages(span.scopeAttributes, maxChars),
    events: span.events.map((event) => ({
      timeUs: int64(event.timestampUs),
      name: event.name,
      attributes: attributeMessages(event.attributes, maxChars),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: link.traceState,
      attributes: attributeMessages(link.attributes, maxChars),
      droppedAttributesCount: link.droppedAttributesCount,
    })),
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    ...(genAi === undefined ? {} : { genAi }),
    ...present({
      parentSpanId: span.parentSpanId,
      statusMessage: span.statusMessage,
      scopeVersion: span.scopeVersion,
      label: span.label,
      errorType: span.errorType,
      inputJson: input?.json,
      inputFullLength: input?.fullLength,
      outputJson: output?.json,
      outputFullLength: output?.fullLength,
    }),
  };
}

/** A span that links to another. */
export function linkingSpan(
  { span, linkedSpanIds }: LinkingSpan,
): MessageInitShape<typeof LinkingSpanSchema> {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    spanName: span.spanName,
    spanKind: span.spanKind,
    serviceName: span.serviceName,
    startTimeUs: int64(span.startTimeUs),
    endTimeUs: int64(span.endTimeUs),
    statusCode: span.statusCode,
    linkedSpanIds: [...linkedSpanIds],
    ...present({ statusMessage: span.statusMessage }),
  };
}

/** One facet. */
export function facetMessage(facet: Facet): MessageInitShape<typeof FacetSchema> {
  return {
    key: facet.key,
    spanCount: int64(facet.spanCount),
    values: facet.values.map((value) => ({
      valueJson: JSON.stringify(value.value),
      spanCount: int64(value.spanCount),
      traceCount: int64(value.traceCount),
    })),
  };
}

const SOURCES: Readonly<Record<GraphSource, SourceMessage>> = {
  spans: SourceMessage.SPANS,
  middleware: SourceMessage.MIDDLEWARE,
};

/** One service of the service graph. */
export function serviceNode(node: MapNode): MessageInitShape<typeof ServiceNodeSchema> {
  return {
    name: node.name,
    spanCount: int64(node.spanCount),
    errorCount: int64(node.errorCount),
    requestCount: int64(node.requestCount),
    requestErrorCount: int64(node.requestErrorCount),
    sources: node.sources.map((source) => SOURCES[source]),
    external: node.external,
    ...present({ p50Ms: node.p50Ms, p95Ms: node.p95Ms, p99Ms: node.p99Ms }),
  };
}

/** One edge of the service graph. */
export function serviceEdge(edge: MapEdge): MessageInitShape<typeof ServiceEdgeSchema> {
  return {
    source: edge.source,
    destination: edge.destination,
    operation: edge.operation,
    external: edge.external,
    calls: int64(edge.calls),
    errors: int64(edge.errors),
    avgMs: edge.avgMs,
    p50Ms: edge.p50Ms,
    p95Ms: edge.p95Ms,
    p99Ms: edge.p99Ms,
    firstSeenUs: int64(edge.firstSeenUs),
    lastSeenUs: int64(edge.lastSeenUs),
    sources: edge.sources.map((source) => SOURCES[source]),
    middlewareCalls: int64(edge.middlewareCalls),
    middlewareErrors: int64(edge.middlewareErrors),
  };
}

/** One service with its requests over time. */
export function serviceStatsMessage(
  service: ServiceStats,
  windowUs: number,
): MessageInitShape<typeof ServiceStatsSchema> {
  return {
    name: service.name,
    requestCount: int64(service.requestCount),
    requestErrorCount: int64(service.requestErrorCount),
    requestsPerSecond: service.requestCount / (windowUs / 1e6),
    spanCount: int64(service.spanCount),
    errorCount: int64(service.errorCount),
    ...present({ p50Ms: service.p50Ms, p95Ms: service.p95Ms, p99Ms: service.p99Ms }),
    series: service.series.map((point) => ({
      requestCount: int64(point.requestCount),
      requestErrorCount: int64(point.requestErrorCount),
      ...present({ p50Ms: point.p50Ms, p95Ms: point.p95Ms }),
    })),
  };
}
