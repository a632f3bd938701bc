/**
 * What every trace query runs with: one snapshot, the engine, and the caller's patience.
 *
 * @module
 */

import type { QueryEngine, QueryOptions, QueryResult } from "../../query/contract.ts";
import type { SpanFile } from "../contract.ts";
import { idBytes } from "./identifiers.ts";
import type { SqlParams } from "./sql_params.ts";

/** The 64-bit hash of the trace id at `bytes[at..at+16)` that {@linkcode SpanFile.mayContainTrace} is asked with. */
export type TraceIdHash = (bytes: Uint8Array, at: number) => bigint;

/** The surroundings of one query. */
export interface QueryContext {
  readonly engine: QueryEngine;
  /** Files of one snapshot, leased until the query ends. */
  readonly files: readonly SpanFile[];
  readonly traceIdHash: TraceIdHash;
  readonly options: QueryOptions;
}

/** Runs one statement of the context. */
export function run(context: QueryContext, sql: string, params: SqlParams): Promise<QueryResult> {
  return context.engine.query(sql, params.values, context.options);
}

/** Hashes of hex trace ids. */
export function traceHashes(context: QueryContext, traceIds: readonly string[]): bigint[] {
  return traceIds.map((hex) => context.traceIdHash(idBytes(hex), 0));
}

/** A column of a result by name, typed loosely; readers check each value. */
export function columnOf(result: QueryResult, name: string): readonly unknown[] {
  return result.columns[result.columnNames.indexOf(name)] ?? [];
}

/** A 64-bit integer of a result as a number; null stays null. */
export function numberOrNull(value: unknown): number | null {
  return typeof value === "bigint" || typeof value === "number" ? Number(value) : null;
}
