/**
 * Traces and spans in the shapes of the REST interface.
 *
 * @module
 */

import type { ServiceMap } from "../service_map/service_map.ts";
import { formatTimeUs } from "../lake/traces/queries/identifiers.ts";
import type { TraceKey, TracePage } from "../lake/traces/queries/list_traces.ts";
import type { TraceSummary } from "../lake/traces/queries/merged_traces.ts";
import type { SpanRecord } from "../lake/traces/queries/span_rows.ts";
import type { TraceMetricBucket } from "../lake/traces/queries/trace_metrics.ts";
import { buildTree, pathOf } from "../lake/traces/tree.ts";

/** One trace of a list. */
export function traceListItem(trace: TraceSummary) {
  return {
    trace_id: trace.traceId,
    service_name: trace.serviceName,
    scope_name: trace.scopeName,
    scope_version: trace.scopeVersion ?? "",
    root_operation: trace.rootOperation,
    start_time: formatTimeUs(trace.startTimeUs),
    end_time: formatTimeUs(trace.endTimeUs),
    duration_ms: trace.durationMs,
    status_code: trace.statusCode,
    status_message: trace.statusMessage,
    span_count: trace.spanCount,
    has_errors: trace.errorCount > 0,
    error_count: trace.errorCount,
    resource_attributes: trace.resourceAttributes,
    entity_ids: trace.entityIds,
    queue_ids: trace.queueIds,
  };
}

/** A page of a list; `newer` pages keep their ascending order, which clients of this route expect. */
export function tracePagination(
  page: TracePage,
  direction: "older" | "newer",
  hasCursor: boolean,
) {
  const key = (trace: TraceKey | undefined) =>
    trace === undefined
      ? null
      : { start_time: formatTimeUs(trace.startTimeUs), trace_id: trace.traceId };
  const first = key(page.traces[0]);
  const last = key(page.traces.at(-1));
  const items = page.traces.map(traceListItem);
  return direction === "older"
    ? {
      items,
      has_next: page.more,
      next_cursor: page.more ? last : null,
      has_previous: hasCursor,
      previous_cursor: first,
    }
    : {
      items,
      has_next: hasCursor,
      next_cursor: first,
      has_previous: page.more,
      previous_cursor: page.more ? last : null,
    };
}

/** The spans of one trace with their places in the tree, depth first. */
export function traceSpanList(spans: readonly SpanRecord[]) {
  const tree = buildTree(spans);
  return tree.nodes.map((node) => {
    const { span } = node;
    return {
      trace_id: span.traceId,
      span_id: span.spanId,
      parent_span_id: span.parentSpanId,
      span_name: span.spanName,
      span_kind: span.spanKind === "" ? null : span.spanKind,
      start_time: formatTimeUs(span.startTimeUs),
      end_time: formatTimeUs(span.endTimeUs),
      duration_ms: span.durationMs,
      status_code: span.statusCode,
      status_message: span.statusMessage,
      attributes: span.attributes.map(({ key, value }) => ({ key, value })),
      events: span.events.map((event) => ({
        timestamp: formatTimeUs(event.timestampUs),
        name: event.name,
        attributes: event.attributes,
        dropped_attributes_count: event.droppedAttributesCount,
      })),
      links: span.links.map((link) => ({
        trace_id: link.traceId,
        span_id: link.spanId,
        trace_state: link.traceState,
        attributes: link.attributes,
        dropped_attributes_count: link.droppedAttributesCount,
      })),
      depth: node.depth,
      path: pathOf(tree, node),
      root_span_id: tree.rootSpanId,
      service_name: span.serviceName,
      span_order: node.order,
      input: span.input,
      output: span.output,
      scope_name: span.scopeName,
      scope_version: span.scopeVersion,
      flags: span.flags,
      trace_state: span.traceState,
      label: span.label,
    };
  });
}

/** One bucket of the metrics. */
export function traceMetricBucket(bucket: TraceMetricBucket) {
  return {
    bucket_start: formatTimeUs(bucket.bucketStartUs),
    trace_count: bucket.traceCount,
    avg_duration_ms: bucket.avgDurationMs,
    p50_duration_ms: bucket.p50DurationMs,
    p95_duration_ms: bucket.p95DurationMs,
    p99_duration_ms: bucket.p99DurationMs,
    error_rate: bucket.traceCount === 0 ? 0 : bucket.errorCount / bucket.traceCount,
  };
}

/** The edges of the service graph, optionally only those into one service. */
export function serviceGraphJson(
  graph: ServiceMap,
  destination: string | undefined,
  generatedAtUs: number,
) {
  const offset = (timeUs: number) => formatTimeUs(timeUs).replace("Z", "+00:00");
  return {
    edges: graph.edges
      .filter((edge) => destination === undefined || edge.destination === destination)
      .map((edge) => ({
        source_service: edge.source,
        destination_service: edge.destination,
        endpoint: edge.operation,
        total_calls: edge.calls,
        first_seen: offset(edge.firstSeenUs),
        last_seen: offset(edge.lastSeenUs),
        avg_latency_ms: edge.avgMs,
        error_count: edge.errors,
        error_rate_pct: Math.round(10_000 * edge.errors / edge.calls) / 100,
        sources: edge.sources,
      })),
    generated_at: offset(generatedAtUs),
  };
}
