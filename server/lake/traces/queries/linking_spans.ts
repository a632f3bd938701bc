/**
 * Links followed backwards: the spans whose links name a trace, or one span of it.
 *
 * @module
 */

import { ScouterError } from "../../../errors.ts";
import { columnOf, numberOrNull, type QueryContext, run, traceHashes } from "./context.ts";
import { pruneFiles } from "./prune.ts";
import { idSql } from "./search_sql.ts";
import { readSpans, type SpanRecord } from "./span_rows.ts";
import { SqlParams } from "./sql_params.ts";

/** Whose links are wanted, and where they are looked for. */
export interface LinkingSpansRequest {
  /** The trace linked to, lowercase hex. */
  readonly traceId: string;
  /** Only links to this span of it, lowercase hex. */
  readonly spanId?: string;
  /** Linking spans that start at or after, µs; the start of the trace when absent. */
  readonly startUs?: number;
  /** Linking spans that start before, µs; {@linkcode FOLLOWED_US} after the end of the trace when absent. */
  readonly endUs?: number;
  /** Most spans to return. */
  readonly limit: number;
}

/** A span that links to the trace asked for. */
export interface LinkingSpan {
  /** What the span is; without attributes, events and payloads. */
  readonly span: SpanRecord;
  /** Spans of the trace that its links name, distinct, in their order. */
  readonly linkedSpanIds: readonly string[];
}

/** Linking spans by start time. */
export interface LinkingSpans {
  readonly spans: readonly LinkingSpan[];
  /** True when there are more than the limit; the earliest are kept. */
  readonly truncated: boolean;
  /** The window looked at. */
  readonly startUs: number;
  readonly endUs: number;
}

/** How long after the end of a trace spans that link to it are looked for, unless told otherwise, µs. */
export const FOLLOWED_US = 24 * 3600 * 1_000_000;

const COLUMNS = [
  "trace_id",
  "span_id",
  "span_name",
  "span_kind",
  "service_name",
  "start_time",
  "end_time",
  "status_code",
  "status_message",
  "links",
];

/**
 * Looks for spans that link to a trace.
 *
 * @throws {ScouterError} NOT_FOUND when the window depends on a trace that is not stored.
 */
export async function linkingSpans(
  context: QueryContext,
  request: LinkingSpansRequest,
): Promise<LinkingSpans> {
  const { startUs, endUs } = await windowOf(context, request);
  const none = { spans: [], truncated: false, startUs, endUs };
  const files = pruneFiles(context.files, { fromUs: startUs, toUs: endUs });
  if (files.length === 0) return none;
  const { traceId, spanId, limit } = request;
  const params = new SqlParams();
  const trace = params.add(traceId);
  const names = [
    `lower(l.trace_id) = ${trace}`,
    ...(spanId === undefined ? [] : [`lower(l.span_id) = ${params.add(spanId)}`]),
  ].join(" AND ");
  // Most spans have no links, and of those that do few name the trace: the text is looked at before it is parsed. An
  // id in an attribute of a link passes the first condition only.
  const result = await run(
    context,
    `SELECT ${COLUMNS.join(", ")} FROM ${params.files(files)}
     WHERE start_time >= ${params.time(startUs)} AND start_time < ${params.time(endUs)}
       AND links IS NOT NULL
       AND CASE WHEN contains(lower(links), ${trace}) AND json_valid(links) THEN len(list_filter(
         json_transform(links, '[{"trace_id":"VARCHAR","span_id":"VARCHAR"}]'), lambda l: ${names}
       )) > 0 ELSE false END
     ORDER BY start_time, trace_id, span_id LIMIT ${params.add(limit + 1)}`,
    params,
  );
  const spans = readSpans(result).map((span) => ({
    span,
    linkedSpanIds: linkedIds(span, request),
  }));
  return { ...none, spans: spans.slice(0, limit), truncated: spans.length > limit };
}

function linkedIds(
  { links }: SpanRecord,
  { traceId, spanId }: LinkingSpansRequest,
): readonly string[] {
  const linked = links.filter((link) =>
    link.traceId.toLowerCase() === traceId && link.spanId !== ""
  )
    .map((link) => link.spanId.toLowerCase());
  return [...new Set(spanId === undefined ? linked : linked.filter((id) => id === spanId))];
}

async function windowOf(
  context: QueryContext,
  { traceId, startUs, endUs }: LinkingSpansRequest,
): Promise<{ readonly startUs: number; readonly endUs: number }> {
  if (startUs !== undefined && endUs !== undefined) return { startUs, endUs };
  const files = pruneFiles(context.files, { traceHashes: traceHashes(context, [traceId]) });
  const params = new SqlParams();
  const extent = files.length === 0 ? null : await run(
    context,
    `SELECT epoch_us(min(start_time)) AS first_us,
       epoch_us(greatest(max(end_time), max(start_time))) AS last_us
     FROM ${params.files(files)} WHERE ${idSql("trace_id", traceId, params)}`,
    params,
  );
  const firstUs = extent === null ? null : numberOrNull(columnOf(extent, "first_us")[0]);
  const lastUs = extent === null ? null : numberOrNull(columnOf(extent, "last_us")[0]);
  if (firstUs === null || lastUs === null) {
    throw new ScouterError(
      "NOT_FOUND",
      `Trace ${traceId} is not stored, so there is no time to look around; give start_time_us and end_time_us.`,
    );
  }
  return { startUs: startUs ?? firstUs, endUs: endUs ?? lastUs + FOLLOWED_US };
}
