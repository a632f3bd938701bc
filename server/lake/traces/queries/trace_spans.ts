/**
 * All spans of one or several traces by id.
 *
 * @module
 */

import { numberOrNull, type QueryContext, run, traceHashes } from "./context.ts";
import { pruneFiles } from "./prune.ts";
import { idSql } from "./search_sql.ts";
import { readSpans, SPAN_DETAIL_COLUMNS, type SpanDetail, type SpanRecord } from "./span_rows.ts";
import { SqlParams } from "./sql_params.ts";

/** Most spans one answer holds. */
export const MAX_TRACE_SPANS = 50_000;

/** Which spans of a trace, and how much of each. */
export interface TraceSpansRequest {
  /** Lowercase hex. */
  readonly traceId: string;
  readonly detail: SpanDetail;
  /** Only this span. */
  readonly spanId?: string;
  /** Only spans that start at or after, µs. */
  readonly startUs?: number;
  /** Only spans that start before, µs. */
  readonly endUs?: number;
  /** Only spans of this service. */
  readonly serviceName?: string;
  /** Most spans to return; {@linkcode MAX_TRACE_SPANS} when absent. */
  readonly limit?: number;
}

/** Spans of a trace by start time, then span id. */
export interface TraceSpans {
  readonly spans: readonly SpanRecord[];
  /** True when there are more spans than the limit; the earliest are kept. */
  readonly truncated: boolean;
}

/** Reads the spans of one trace. An unknown id gives none. */
export async function traceSpans(
  context: QueryContext,
  request: TraceSpansRequest,
): Promise<TraceSpans> {
  const limit = request.limit ?? MAX_TRACE_SPANS;
  const candidates = pruneFiles(context.files, {
    traceHashes: traceHashes(context, [request.traceId]),
    ...(request.startUs === undefined ? {} : { fromUs: request.startUs }),
    ...(request.endUs === undefined ? {} : { toUs: request.endUs }),
    ...(request.serviceName === undefined ? {} : { services: [request.serviceName] }),
  });
  if (candidates.length === 0) return { spans: [], truncated: false };

  // Two columns first: files are sorted by start time, so knowing when the trace happened lets the wide read skip
  // whole row groups, which the id alone never does.
  const bounds = new SqlParams();
  const when = await run(
    context,
    `SELECT epoch_us(min(start_time)), epoch_us(max(start_time)) FROM ${bounds.files(candidates)}
     WHERE ${idSql("trace_id", request.traceId, bounds)}`,
    bounds,
  );
  const firstUs = numberOrNull(when.columns[0]?.[0]);
  const lastUs = numberOrNull(when.columns[1]?.[0]);
  if (firstUs === null || lastUs === null) return { spans: [], truncated: false };
  const fromUs = Math.max(firstUs, request.startUs ?? -Infinity);
  const toUs = Math.min(lastUs + 1, request.endUs ?? Infinity);

  const params = new SqlParams();
  const files = pruneFiles(candidates, { fromUs, toUs });
  if (files.length === 0) return { spans: [], truncated: false };
  const conditions = [
    idSql("trace_id", request.traceId, params),
    `start_time >= ${params.time(fromUs)}`,
    `start_time < ${params.time(toUs)}`,
  ];
  if (request.spanId !== undefined) conditions.push(idSql("span_id", request.spanId, params));
  if (request.serviceName !== undefined) {
    conditions.push(`service_name = ${params.add(request.serviceName)}`);
  }
  const result = await run(
    context,
    `SELECT ${SPAN_DETAIL_COLUMNS[request.detail].join(", ")} FROM ${params.files(files)}
     WHERE ${conditions.join(" AND ")} ORDER BY start_time, span_id LIMIT ${params.add(limit + 1)}`,
    params,
  );
  const spans = readSpans(result);
  return { spans: spans.slice(0, limit), truncated: spans.length > limit };
}

/**
 * Reads several traces, one after the other, until `limit` spans are reached.
 *
 * @returns Spans by trace in the order asked for; traces without spans are left out.
 */
export async function spansOfTraces(
  context: QueryContext,
  traceIds: readonly string[],
  request: Omit<TraceSpansRequest, "traceId" | "spanId">,
): Promise<{ readonly traces: readonly (readonly SpanRecord[])[]; readonly truncated: boolean }> {
  const limit = request.limit ?? MAX_TRACE_SPANS;
  const traces: (readonly SpanRecord[])[] = [];
  let left = limit;
  for (const traceId of new Set(traceIds)) {
    if (left === 0) return { traces, truncated: true };
    const { spans, truncated } = await traceSpans(context, { ...request, traceId, limit: left });
    if (spans.length > 0) traces.push(spans);
    left -= spans.length;
    if (truncated) return { traces, truncated: true };
  }
  return { traces, truncated: false };
}
