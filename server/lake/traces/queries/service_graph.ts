/**
 * Which service calls which, computed from spans: an edge is a span whose parent belongs to another service.
 *
 * @module
 */

import { columnOf, numberOrNull, type QueryContext, run } from "./context.ts";
import { pruneFiles } from "./prune.ts";
import { IS_REQUEST, type RequestStats } from "./service_stats.ts";
import { SqlParams } from "./sql_params.ts";
import { EDGE_US } from "./window_traces.ts";

/** Calls from one service to another through one operation. Durations are those the caller saw, milliseconds. */
export interface ServiceEdge {
  readonly source: string;
  readonly destination: string;
  /** Name of the called span; for a peer that sends no spans, of the calling one. */
  readonly operation: string;
  /** True when the destination sends no spans and is known only from the caller's attributes. */
  readonly external: boolean;
  readonly calls: number;
  readonly errors: number;
  readonly avgMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly firstSeenUs: number;
  readonly lastSeenUs: number;
}

/** A service and what it does itself. */
export interface ServiceNode extends RequestStats {
  readonly name: string;
  readonly spanCount: number;
  readonly errorCount: number;
}

/** Services and the calls between them. */
export interface ServiceGraph {
  readonly nodes: readonly ServiceNode[];
  /** Most calls first. */
  readonly edges: readonly ServiceEdge[];
}

/** Most edges in one answer. */
const MAX_EDGES = 10_000;

/** Where a caller names the peer that answered it, best first (OpenTelemetry semantic conventions). */
const PEER_KEYS = [
  "peer.service",
  "db.system.name",
  "db.system",
  "messaging.system",
  "server.address",
  "net.peer.name",
];

/**
 * Computes the graph of the calls that start in a window.
 */
export async function serviceGraph(
  context: QueryContext,
  window: { readonly startUs?: number; readonly endUs?: number },
): Promise<ServiceGraph> {
  const { startUs = -Infinity, endUs = Infinity } = window;
  const files = pruneFiles(context.files, { fromUs: startUs - EDGE_US, toUs: endUs + EDGE_US });
  if (files.length === 0) return { nodes: [], edges: [] };
  const params = new SqlParams();
  const bound = (column: string, margin: number) => {
    const parts = ["true"];
    if (Number.isFinite(startUs)) parts.push(`${column} >= ${params.time(startUs - margin)}`);
    if (Number.isFinite(endUs)) parts.push(`${column} < ${params.time(endUs + margin)}`);
    return parts.join(" AND ");
  };
  const table = params.files(files);
  const peer = `coalesce(${
    PEER_KEYS.map((key) => `json_extract_string(attributes[${params.add(key)}], '$')`).join(", ")
  })`;
  // Spans meet their parents by hashes of ids, two of 64 bits each, which join at a fraction of the cost of the ids.
  const sql = `WITH spans AS MATERIALIZED (
      SELECT hash(trace_id) AS trace_hash, hash(trace_id, span_id) AS span_hash,
        CASE WHEN parent_span_id IS NOT NULL THEN hash(trace_id, parent_span_id) END AS parent_hash,
        service_name, span_name, span_kind, start_time, status_code,
        (epoch_us(end_time) - epoch_us(start_time)) / 1000.0 AS ms,
        CASE WHEN span_kind IN ('CLIENT', 'PRODUCER') THEN ${peer} END AS peer
      FROM ${table} WHERE ${bound("start_time", EDGE_US)}),
    crossing AS MATERIALIZED (
      SELECT caller.span_hash, caller.service_name AS source,
        callee.service_name AS destination, callee.span_name AS operation, callee.start_time,
        greatest(caller.status_code * (caller.span_kind = 'CLIENT')::INTEGER, callee.status_code) AS status_code,
        CASE WHEN caller.span_kind = 'CLIENT' THEN caller.ms ELSE callee.ms END AS ms
      FROM spans callee JOIN spans caller
        ON callee.parent_hash = caller.span_hash AND callee.trace_hash = caller.trace_hash
      WHERE callee.service_name <> caller.service_name AND ${bound("callee.start_time", 0)}),
    calls AS (
      SELECT source, destination, operation, start_time, status_code, ms, false AS external
      FROM crossing
      UNION ALL
      SELECT service_name, peer, span_name, start_time, status_code, ms, true FROM spans
      WHERE peer IS NOT NULL AND ${bound("start_time", 0)}
        AND span_hash NOT IN (SELECT span_hash FROM crossing))
    SELECT source, destination, operation, external, count(*) AS calls,
      count(*) FILTER (status_code = 2) AS errors, avg(ms) AS avg_ms,
      quantile_cont(ms, [0.5, 0.95, 0.99]) AS quantiles, epoch_us(min(start_time)) AS first_us,
      epoch_us(max(start_time)) AS last_us
    FROM calls GROUP BY source, destination, operation, external
    ORDER BY calls DESC, source, destination, operation LIMIT ${MAX_EDGES}`;
  const nodeParams = new SqlParams();
  const nodeConditions = ["true"];
  if (Number.isFinite(startUs)) nodeConditions.push(`start_time >= ${nodeParams.time(startUs)}`);
  if (Number.isFinite(endUs)) nodeConditions.push(`start_time < ${nodeParams.time(endUs)}`);
  const [edges, nodes] = await Promise.all([
    run(context, sql, params),
    run(
      context,
      `SELECT service_name, count(*) AS spans, count(*) FILTER (status_code = 2) AS errors,
         count(*) FILTER (${IS_REQUEST}) AS requests,
         count(*) FILTER (${IS_REQUEST} AND status_code = 2) AS request_errors,
         quantile_cont(greatest(epoch_us(end_time) - epoch_us(start_time), 0) / 1000.0,
           [0.5, 0.95, 0.99]) FILTER (${IS_REQUEST}) AS quantiles
       FROM ${nodeParams.files(files)} WHERE ${nodeConditions.join(" AND ")}
       GROUP BY service_name ORDER BY service_name`,
      nodeParams,
    ),
  ]);
  const text = (value: unknown) => typeof value === "string" ? value : "";
  const number = (value: unknown) => numberOrNull(value) ?? 0;
  return {
    nodes: columnOf(nodes, "service_name").map((name, row) => ({
      name: text(name),
      spanCount: number(columnOf(nodes, "spans")[row]),
      errorCount: number(columnOf(nodes, "errors")[row]),
      requestCount: number(columnOf(nodes, "requests")[row]),
      requestErrorCount: number(columnOf(nodes, "request_errors")[row]),
      ...percentiles(columnOf(nodes, "quantiles")[row]),
    })),
    edges: columnOf(edges, "source").map((source, row) => {
      const quantiles: unknown = columnOf(edges, "quantiles")[row];
      const [p50, p95, p99]: readonly unknown[] = Array.isArray(quantiles) ? quantiles : [];
      return {
        source: text(source),
        destination: text(columnOf(edges, "destination")[row]),
        operation: text(columnOf(edges, "operation")[row]),
        external: columnOf(edges, "external")[row] === true,
        calls: number(columnOf(edges, "calls")[row]),
        errors: number(columnOf(edges, "errors")[row]),
        avgMs: number(columnOf(edges, "avg_ms")[row]),
        p50Ms: number(p50),
        p95Ms: number(p95),
        p99Ms: number(p99),
        firstSeenUs: number(columnOf(edges, "first_us")[row]),
        lastSeenUs: number(columnOf(edges, "last_us")[row]),
      };
    }),
  };
}

function percentiles(quantiles: unknown): Pick<RequestStats, "p50Ms" | "p95Ms" | "p99Ms"> {
  const at = (index: number) => Array.isArray(quantiles) ? numberOrNull(quantiles[index]) : null;
  return { p50Ms: at(0), p95Ms: at(1), p99Ms: at(2) };
}
