/**
 * The trusted DuckDB instance: in memory, reads Parquet files it is given, runs only the server's own SQL.
 *
 * A fixed pool of connections bounds how many queries run at once; further ones wait their turn, and their waiting
 * counts against their time limit.
 *
 * @module
 */

import { mkdir } from "node:fs/promises";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { ScouterError } from "../../errors.ts";
import { type Metrics, SPAN } from "../../telemetry/contract.ts";
import { tracer } from "../../telemetry/tracer.ts";
import type { QueryEngine, QueryOptions, QueryParam, QueryResult } from "./contract.ts";
import { type InterruptReason, queryError } from "./errors.ts";
import { bindParams, readColumns } from "./values.ts";

/** What {@linkcode openQueryEngine} needs. */
export interface QueryEngineOptions {
  /** Memory all queries together may use, in bytes. */
  readonly memoryLimitBytes: number;
  /** Threads shared by all queries. */
  readonly threads: number;
  /** Folder for data that does not fit in memory; created when absent. */
  readonly tempDir: string;
  /** Most bytes in `tempDir`; 4 × the memory limit when absent. */
  readonly maxTempDirBytes?: number;
  /** Queries that may run at the same time; 2 × threads, at least 4, when absent. */
  readonly connections?: number;
  /** Time limit of a query that names none, in milliseconds. */
  readonly defaultTimeoutMs: number;
  readonly metrics: Metrics;
}

const NO_ATTRIBUTES = {};

interface Waiter {
  readonly resolve: (connection: DuckDBConnection) => void;
  readonly reject: (error: ScouterError) => void;
}

/** A signal sent to a connection whose query has not begun is lost, so it is sent again until the query settles. */
const INTERRUPT_AGAIN_MS = 20;

/**
 * Opens the engine.
 *
 * @param options Limits and where to spill.
 * @returns The engine; close it to free its memory and threads.
 * @throws {ScouterError} `INTERNAL_ERROR` when a limit is not positive.
 */
export async function openQueryEngine(options: QueryEngineOptions): Promise<QueryEngine> {
  for (const name of ["memoryLimitBytes", "threads", "defaultTimeoutMs"] as const) {
    if (!(options[name] > 0)) {
      throw new ScouterError(
        "INTERNAL_ERROR",
        `The query engine's ${name} is ${options[name]}; it must be positive.`,
      );
    }
  }
  await mkdir(options.tempDir, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${Math.floor(options.memoryLimitBytes)}B`,
    threads: String(Math.max(1, Math.floor(options.threads))),
    temp_directory: options.tempDir,
    max_temp_directory_size: `${
      Math.floor(options.maxTempDirBytes ?? 4 * options.memoryLimitBytes)
    }B`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
    // Results that need an order ask for one; without this, scans of many files run in parallel freely.
    preserve_insertion_order: "false",
  });
  const size = options.connections ?? Math.max(4, 2 * Math.floor(options.threads));
  const connections: DuckDBConnection[] = [];
  for (let i = 0; i < size; i++) {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    connections.push(connection);
  }
  // DuckDB 1.5 is wrong about equal BLOBs in files with bloom filters, and a join with few rows would push just such
  // equalities into the scan.
  await connections[0]?.run("SET GLOBAL disabled_optimizers = 'join_filter_pushdown'");
  // Span files never change once written, so their footers may be kept.
  await connections[0]?.run("SET GLOBAL parquet_metadata_cache = true");
  return new PooledEngine(instance, connections, options);
}

class PooledEngine implements QueryEngine {
  readonly #instance: DuckDBInstance;
  readonly #all: readonly DuckDBConnection[];
  readonly #free: DuckDBConnection[];
  readonly #waiting = new Set<Waiter>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();
  readonly defaultTimeoutMs: number;
  readonly #seconds;
  readonly #failures;

  constructor(
    instance: DuckDBInstance,
    connections: readonly DuckDBConnection[],
    options: QueryEngineOptions,
  ) {
    this.#instance = instance;
    this.#all = connections;
    this.#free = [...connections];
    this.defaultTimeoutMs = options.defaultTimeoutMs;
    this.#seconds = options.metrics.histogram(
      "scouter_query_seconds",
      "Time of one engine query, waiting for a connection included.",
    );
    this.#failures = options.metrics.counter(
      "scouter_query_failures_total",
      "Engine queries that failed, by error code.",
    );
  }

  query(
    sql: string,
    params: readonly QueryParam[] = [],
    options: QueryOptions = {},
  ): Promise<QueryResult> {
    const run = this.#query(sql, params, options);
    const settled = run.then(() => {}, () => {});
    this.#running.add(settled);
    settled.then(() => this.#running.delete(settled));
    return run;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    for (const connection of this.#all) connection.closeSync();
    this.#instance.closeSync();
  }

  async #query(
    sql: string,
    params: readonly QueryParam[],
    options: QueryOptions,
  ): Promise<QueryResult> {
    const startedMs = performance.now();
    const timeoutMs = options.timeoutMs ?? this.defaultTimeoutMs;
    const interruption = new Interruption(timeoutMs, [options.signal, this.#stop.signal]);
    try {
      if (interruption.reason !== null) throw new Error("Interrupted before the query began");
      const connection = await this.#take(interruption);
      try {
        return await runOn(connection, sql, params, interruption);
      } finally {
        this.#give(connection);
      }
    } catch (cause) {
      const error = queryError(cause, interruption.reason, timeoutMs);
      this.#failures.add(1, { code: error.code });
      throw error;
    } finally {
      interruption.end();
      this.#seconds.observe((performance.now() - startedMs) / 1000);
    }
  }

  #take(interruption: Interruption): Promise<DuckDBConnection> {
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject };
      this.#waiting.add(waiter);
      interruption.onInterrupt = () => {
        if (this.#waiting.delete(waiter)) {
          reject(queryError(undefined, interruption.reason, interruption.timeoutMs));
        }
      };
    });
  }

  #give(connection: DuckDBConnection): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.resolve(connection);
      return;
    }
    this.#free.push(connection);
  }
}

/** The first of a query's time limit and its signals to fire. */
class Interruption {
  reason: InterruptReason | null = null;
  onInterrupt: () => void = () => {};
  readonly timeoutMs: number;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #signals: readonly AbortSignal[];
  readonly #abort = () => this.#fire("abort");

  constructor(timeoutMs: number, signals: readonly (AbortSignal | undefined)[]) {
    this.timeoutMs = timeoutMs;
    this.#signals = signals.filter((signal) => signal !== undefined);
    this.#timer = setTimeout(() => this.#fire("timeout"), timeoutMs);
    for (const signal of this.#signals) {
      if (signal.aborted) this.reason = "abort";
      else signal.addEventListener("abort", this.#abort, { once: true });
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.onInterrupt = () => {};
    for (const signal of this.#signals) signal.removeEventListener("abort", this.#abort);
  }

  #fire(reason: InterruptReason): void {
    if (this.reason !== null) return;
    this.reason = reason;
    this.onInterrupt();
  }
}

async function runOn(
  connection: DuckDBConnection,
  sql: string,
  params: readonly QueryParam[],
  interruption: Interruption,
): Promise<QueryResult> {
  let again: ReturnType<typeof setInterval> | undefined;
  const interrupt = () => {
    connection.interrupt();
    again ??= setInterval(() => connection.interrupt(), INTERRUPT_AGAIN_MS);
  };
  interruption.onInterrupt = interrupt;
  try {
    if (interruption.reason !== null) throw new Error("Interrupted before the query began");
    const statement = await tracer.child(
      SPAN.physicalPlan,
      NO_ATTRIBUTES,
      () => connection.prepare(sql),
    );
    try {
      bindParams(statement, params);
      if (interruption.reason !== null) throw new Error("Interrupted before the query began");
      const result = await tracer.child(SPAN.collect, NO_ATTRIBUTES, () => statement.run());
      return await tracer.child(SPAN.arrowConvert, NO_ATTRIBUTES, () => readColumns(result));
    } finally {
      statement.destroySync();
    }
  } finally {
    interruption.onInterrupt = () => {};
    if (again !== undefined) clearInterval(again);
  }
}
