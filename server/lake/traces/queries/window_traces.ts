/**
 * All traces of a time window as a SQL table, for answers that aggregate over many traces.
 *
 * @module
 */

import type { QueryContext } from "./context.ts";
import { ROOT_ORDER } from "./merged_traces.ts";
import { pruneFiles } from "./prune.ts";
import { traceSql } from "./search_sql.ts";
import type { SqlParams } from "./sql_params.ts";
import { type CompiledFilter, compileFilter, type TraceFilter } from "./trace_filter.ts";

/**
 * How far beyond the window spans are read, so that traces crossing its edges are whole. Spans of one trace that lie
 * further apart than this are not joined in aggregates; lists and single traces join them whatever the distance.
 */
export const EDGE_US = 3_600_000_000;

/** A filter with a window. */
export type WindowFilter = TraceFilter & { readonly startUs: number; readonly endUs: number };

/** One row per trace that starts in the window and satisfies the filter. */
export interface WindowTraces {
  /** SQL of the table; null when no file can hold a trace of the window. */
  readonly sql: string | null;
  readonly filter: CompiledFilter;
}

/**
 * SQL of the traces that start in the window and satisfy the filter: trace_id (BLOB), start_us, end_us,
 * duration_us, status_code, root_service, root_operation.
 */
export function windowTraces(
  context: QueryContext,
  filter: WindowFilter,
  params: SqlParams,
): WindowTraces {
  const compiled = compileFilter(filter);
  const fromUs = filter.startUs - EDGE_US;
  const toUs = filter.endUs + EDGE_US;
  const files = pruneFiles(context.files, { fromUs, toUs });
  if (files.length === 0) return { sql: null, filter: compiled };
  const having = [
    `min(start_time) >= ${params.time(filter.startUs)}`,
    `min(start_time) < ${params.time(filter.endUs)}`,
  ];
  if (compiled.expression !== null) having.push(traceSql(compiled.expression, params));
  const root = (column: string) => `arg_min(${column}, ${ROOT_ORDER})`;
  if (compiled.rootService !== null) {
    having.push(`${root("service_name")} = ${params.add(compiled.rootService)}`);
  }
  const conditions = [
    `start_time >= ${params.time(fromUs)}`,
    `start_time < ${params.time(toUs)}`,
  ];
  if (filter.traceIds !== undefined) {
    conditions.push(
      `trace_id IN (SELECT unhex(id) FROM unnest(${
        params.add(filter.traceIds)
      }::VARCHAR[]) wanted(id))`,
    );
  }
  return {
    filter: compiled,
    sql: `SELECT trace_id, epoch_us(min(start_time)) AS start_us, epoch_us(max(end_time)) AS end_us,
        greatest(epoch_us(max(end_time)) - epoch_us(min(start_time)), 0) AS duration_us,
        max(status_code) AS status_code
      FROM ${params.files(files)} WHERE ${conditions.join(" AND ")}
      GROUP BY trace_id HAVING ${having.join(" AND ")}`,
  };
}
