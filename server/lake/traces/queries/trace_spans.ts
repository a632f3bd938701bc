/**
 * All spans of one or several traces by id.
 *
 * @module
 */

import type { QueryResult } from "../../query/contract.ts";
import type { SpanFile } from "../contract.ts";
import { type QueryContext, run, traceHashes } from "./context.ts";
import { readTracePoints } from "./point_spans.ts";
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

  const columns = SPAN_DETAIL_COLUMNS[request.detail];
  const point = await readTracePoints(
    context,
    candidates,
    { ...request, limit },
    columns,
    request.detail,
  );
  const { result, truncated } = point ?? await queryTrace(context, candidates, request, limit);
  const spans = readSpans(result).sort((a, b) =>
    a.startTimeUs - b.startTimeUs || (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0)
  );
  return { spans: spans.slice(0, limit), truncated };
}

/**
 * The same rows as {@linkcode readTracePoints}, by the engine: for files whose footer shows that the point reader does
 * not know them.
 */
export async function queryTrace(
  context: QueryContext,
  candidates: readonly SpanFile[],
  request: TraceSpansRequest,
  limit: number,
): Promise<{ readonly result: QueryResult; readonly truncated: boolean }> {
  const params = new SqlParams();
  const conditions = [idSql("trace_id", request.traceId, params)];
  if (request.startUs !== undefined) {
    conditions.push(`start_time >= ${params.time(request.startUs)}`);
  }
  if (request.endUs !== undefined) conditions.push(`start_time < ${params.time(request.endUs)}`);
  if (request.spanId !== undefined) conditions.push(idSql("span_id", request.spanId, params));
  if (request.serviceName !== undefined) {
    conditions.push(`service_name = ${params.add(request.serviceName)}`);
  }
  // The scan reads the ids first and the other columns only of row groups that have a match. Sorting a handful of rows
  // in the engine costs more than reading them, so only a trace beyond the limit is sorted there.
  const sql = `SELECT ${SPAN_DETAIL_COLUMNS[request.detail].join(", ")}
     FROM ${params.files(candidates)} WHERE ${conditions.join(" AND ")}`;
  const limited = `LIMIT ${params.add(limit + 1)}`;
  let result = await run(context, `${sql} ${limited}`, params);
  const truncated = result.rowCount > limit;
  if (truncated) {
    result = await run(context, `${sql} ORDER BY start_time, span_id ${limited}`, params);
  }
  return { result, truncated };
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
