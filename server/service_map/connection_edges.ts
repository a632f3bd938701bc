/**
 * Who calls whom, by the records of the middleware.
 *
 * @module
 */

import type { QueryEngine, QueryOptions } from "../lake/query/contract.ts";
import { columnOf, numberOrNull } from "../lake/traces/queries/context.ts";
import { SqlParams } from "../lake/traces/queries/sql_params.ts";
import type { ConnectionStore } from "./connection_store.ts";

/** Requests from one service to an endpoint of another. */
export interface ConnectionEdge {
  readonly source: string;
  readonly destination: string;
  readonly endpoint: string;
  /** HTTP methods, sorted. */
  readonly methods: readonly string[];
  readonly calls: number;
  readonly errors: number;
  readonly avgMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** By the time the client made the batch. */
  readonly firstSeenUs: number;
  readonly lastSeenUs: number;
}

/** Most edges in one answer. */
const MAX_EDGES = 10_000;

/** Answers questions about connection records. */
export class ConnectionQueries {
  readonly #store: Pick<ConnectionStore, "acquire">;
  readonly #engine: QueryEngine;

  constructor(store: Pick<ConnectionStore, "acquire">, engine: QueryEngine) {
    this.#store = store;
    this.#engine = engine;
  }

  /** Edges from records made in a window, most calls first. */
  async edges(
    window: { readonly startUs?: number; readonly endUs?: number },
    options: QueryOptions = {},
  ): Promise<ConnectionEdge[]> {
    const { startUs = -Infinity, endUs = Infinity } = window;
    using files = this.#store.acquire(startUs);
    if (files.paths.length === 0) return [];
    const params = new SqlParams();
    const conditions = ["true"];
    if (Number.isFinite(startUs)) {
      conditions.push(`scouter_created_at >= ${params.time(startUs)}`);
    }
    if (Number.isFinite(endUs)) conditions.push(`scouter_created_at < ${params.time(endUs)}`);
    const result = await this.#engine.query(
      `SELECT source_service AS source, destination_service AS destination, endpoint,
         list_sort(list(DISTINCT method)) AS methods, count(*) AS calls,
         count(*) FILTER (error) AS errors, avg(latency_ms) AS avg_ms,
         quantile_cont(latency_ms, [0.5, 0.95, 0.99]) AS quantiles,
         epoch_us(min(scouter_created_at)) AS first_us, epoch_us(max(scouter_created_at)) AS last_us
       FROM read_parquet(${params.add(files.paths)}, hive_partitioning = false)
       WHERE ${conditions.join(" AND ")} GROUP BY ALL
       ORDER BY calls DESC, source, destination, endpoint LIMIT ${MAX_EDGES}`,
      params.values,
      options,
    );
    const text = (value: unknown) => typeof value === "string" ? value : "";
    const at = (name: string, row: number) => columnOf(result, name)[row];
    const number = (name: string, row: number) => numberOrNull(at(name, row)) ?? 0;
    return Array.from({ length: result.rowCount }, (_, row) => {
      const quantiles = at("quantiles", row);
      const methods = at("methods", row);
      const quantile = (index: number) =>
        Array.isArray(quantiles) ? numberOrNull(quantiles[index]) ?? 0 : 0;
      return {
        source: text(at("source", row)),
        destination: text(at("destination", row)),
        endpoint: text(at("endpoint", row)),
        methods: Array.isArray(methods) ? methods.map(text) : [],
        calls: number("calls", row),
        errors: number("errors", row),
        avgMs: number("avg_ms", row),
        p50Ms: quantile(0),
        p95Ms: quantile(1),
        p99Ms: quantile(2),
        firstSeenUs: number("first_us", row),
        lastSeenUs: number("last_us", row),
      };
    });
  }
}
