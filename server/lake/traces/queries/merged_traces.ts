/**
 * Traces merged from all their spans, whatever file or window these are in.
 *
 * @module
 */

import type { QueryResult } from "../../query/contract.ts";
import { columnOf, numberOrNull, type QueryContext, run, traceHashes } from "./context.ts";
import { type JsonValue, objectEntries, parseLossless } from "./lossless_json.ts";
import { pruneFiles } from "./prune.ts";
import { traceSql } from "./search_sql.ts";
import { SqlParams } from "./sql_params.ts";
import type { CompiledFilter } from "./trace_filter.ts";

/** One trace as lists show it. Root fields come from the root span; without one, from the earliest span. */
export interface TraceSummary {
  readonly traceId: string;
  readonly serviceName: string;
  readonly scopeName: string;
  readonly scopeVersion: string | null;
  readonly rootOperation: string;
  /** True when no span without a parent has arrived. */
  readonly rootMissing: boolean;
  readonly startTimeUs: number;
  readonly endTimeUs: number;
  readonly durationMs: number;
  readonly statusCode: number;
  readonly statusMessage: string | null;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly resourceAttributes: readonly { readonly key: string; readonly value: JsonValue }[];
  readonly entityIds: readonly string[];
  readonly queueIds: readonly string[];
  /** Distinct services, sorted. */
  readonly services: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Orders spans by how much they are the root: spans without a parent first, then by start, then by id. The least is
 * the trace's root.
 */
export const ROOT_ORDER = "row(parent_span_id IS NOT NULL, start_time, span_id)";

const union = (column: string) =>
  `list_sort(list_distinct(flatten(list(${column}) FILTER (${column} IS NOT NULL)))) AS ${column}`;

const SUMMARY = `lower(hex(trace_id)) AS trace_id,
  epoch_us(min(start_time)) AS start_us, epoch_us(max(end_time)) AS end_us,
  max(status_code) AS status_code, count(*) AS span_count,
  count(*) FILTER (status_code = 2) AS error_count,
  arg_min({service: service_name, scope: scope_name, version: scope_version, operation: span_name,
    resource: resource_attributes, missing: parent_span_id IS NOT NULL}, ${ROOT_ORDER}) AS root,
  arg_max({text: status_message}, row(status_code, start_time, span_id)) AS status_message,
  ${union("entity_ids")}, ${union("queue_ids")},
  list_sort(list(DISTINCT service_name)) AS services,
  sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens`;

/**
 * Merges traces by id.
 *
 * @param traceIds Lowercase hex ids.
 * @param filter Conditions; traces that fail them are left out.
 * @returns The traces found, in no order.
 */
export async function mergeTraces(
  context: QueryContext,
  traceIds: readonly string[],
  filter: CompiledFilter,
): Promise<TraceSummary[]> {
  if (traceIds.length === 0) return [];
  const candidates = pruneFiles(context.files, { traceHashes: traceHashes(context, traceIds) });
  if (candidates.length === 0) return [];
  // First the two cheapest columns, to learn when these traces happened: the wide read then skips all other rows by
  // start time, which it cannot do by id.
  const bounds = new SqlParams();
  const within = await run(
    context,
    `SELECT epoch_us(min(start_time)), epoch_us(max(start_time)) FROM ${bounds.files(candidates)}
     WHERE ${oneOf(traceIds, bounds)}`,
    bounds,
  );
  const fromUs = numberOrNull(within.columns[0]?.[0]);
  const lastUs = numberOrNull(within.columns[1]?.[0]);
  if (fromUs === null || lastUs === null) return [];

  const params = new SqlParams();
  const files = pruneFiles(candidates, { fromUs, toUs: lastUs + 1 });
  const conditions = filter.expression === null ? "true" : traceSql(filter.expression, params);
  const result = await run(
    context,
    `SELECT * FROM (
       SELECT ${SUMMARY}, ${conditions} AS matched FROM ${params.files(files)} spans
       WHERE start_time BETWEEN ${params.time(fromUs)} AND ${params.time(lastUs)}
         AND ${oneOf(traceIds, params)}
       GROUP BY spans.trace_id)
     WHERE matched${
      filter.rootService === null ? "" : ` AND root.service = ${params.add(filter.rootService)}`
    }`,
    params,
  );
  return readSummaries(result);
}

/** Which of the traces have a span that starts before a time. */
export async function tracesBefore(
  context: QueryContext,
  traceIds: readonly string[],
  beforeUs: number,
): Promise<string[]> {
  const files = pruneFiles(context.files, {
    toUs: beforeUs,
    traceHashes: traceHashes(context, traceIds),
  });
  if (files.length === 0) return [];
  const params = new SqlParams();
  const result = await run(
    context,
    `SELECT DISTINCT lower(hex(trace_id)) AS id FROM ${params.files(files)}
     WHERE start_time < ${params.time(beforeUs)} AND ${oneOf(traceIds, params)}`,
    params,
  );
  return columnOf(result, "id").filter((id) => typeof id === "string");
}

/** A semi-join: DuckDB 1.5 is wrong about equal BLOBs where files carry bloom filters, joins not pushed down are right. */
function oneOf(traceIds: readonly string[], params: SqlParams): string {
  return `trace_id IN (SELECT unhex(id) FROM unnest(${
    params.add(traceIds)
  }::VARCHAR[]) wanted(id))`;
}

function readSummaries(result: QueryResult): TraceSummary[] {
  const column = (name: string) => columnOf(result, name);
  const list = (name: string, row: number): string[] => {
    const value = column(name)[row];
    return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
  };
  const number = (name: string, row: number) => numberOrNull(column(name)[row]) ?? 0;
  const text = (value: unknown) => typeof value === "string" ? value : null;
  return Array.from({ length: result.rowCount }, (_, row) => {
    const root = record(column("root")[row]);
    const startTimeUs = number("start_us", row);
    const endTimeUs = number("end_us", row);
    const resource = text(root["resource"]);
    return {
      traceId: text(column("trace_id")[row]) ?? "",
      serviceName: text(root["service"]) ?? "",
      scopeName: text(root["scope"]) ?? "",
      scopeVersion: text(root["version"]),
      rootOperation: text(root["operation"]) ?? "",
      rootMissing: root["missing"] === true,
      startTimeUs,
      endTimeUs,
      durationMs: Math.max(0, Math.floor((endTimeUs - startTimeUs) / 1000)),
      statusCode: number("status_code", row),
      statusMessage: text(record(column("status_message")[row])["text"]),
      spanCount: number("span_count", row),
      errorCount: number("error_count", row),
      resourceAttributes: resource === null ? [] : objectEntries(parseLossless(resource)),
      entityIds: list("entity_ids", row),
      queueIds: list("queue_ids", row),
      services: list("services", row),
      inputTokens: number("input_tokens", row),
      outputTokens: number("output_tokens", row),
    };
  });
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" ? value as Record<string, unknown> : {};
}
