/**
 * Opens everything that keeps data: the relational store, the query engine, the span lake.
 *
 * @module
 */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import type { Settings } from "./config.ts";
import type { Database } from "./db/database.ts";
import { ScouterError } from "./errors.ts";
import type { QueryEngine } from "./lake/query/contract.ts";
import type { ConnectionStore } from "./service_map/connection_store.ts";
import type { DurableSpanStore } from "./lake/traces/store/mod.ts";
import type { MetricsRegistry } from "./telemetry/metrics.ts";
import { getLogger } from "./telemetry/log.ts";

const logger = getLogger("storage");
const MIB = 1 << 20;
/** Columns in memory are sealed in portions of this size. */
const MAX_SEGMENT_BYTES = 32 * MIB;

/** Logs get this part of what spans get of memory. */
const LOG_SHARE = 4;

/** Everything that keeps data. */
export interface Storage {
  readonly database: Database;
  readonly engine: QueryEngine;
  readonly spans: DurableSpanStore;
  readonly logs: DurableSpanStore;
  readonly connections: ConnectionStore;
  /** Closes in order: spans, logs, service map, engine, database. Throws what failed, after trying all. */
  close(): Promise<void>;
}

/** Options for the relational store, from the settings. */
export function databaseOptions(settings: Settings) {
  return {
    dataDir: resolve(settings.dataDir),
    ...(settings.databaseUri === "" ? {} : { uri: settings.databaseUri }),
    maxPoolSize: settings.maxPoolSize,
    minPoolSize: settings.minPoolSize,
    acquireTimeoutSeconds: settings.dbAcquireTimeoutSeconds,
    idleTimeoutSeconds: settings.dbIdleTimeoutSeconds,
    maxLifetimeSeconds: settings.dbMaxLifetimeSeconds,
    onConnectionError: (error: Error) =>
      logger.warn("A connection to the database broke and is replaced: {message}", {
        message: error.message,
      }),
  };
}

/** The folder of the Delta tables. */
export function lakeDir(settings: Settings): string {
  const uri = settings.storageUri;
  if (uri === "") return join(resolve(settings.dataDir), "lake");
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(uri) && !uri.startsWith("file://")) {
    throw new ScouterError(
      "PRECONDITION_FAILED",
      `SCOUTER_STORAGE_URI is "${uri}", but this version keeps tables in local folders only.`,
      { suggestedAction: "Give a path, or leave it empty." },
    );
  }
  return resolve(uri.startsWith("file://") ? decodeURIComponent(new URL(uri).pathname) : uri);
}

/**
 * Opens all of it, recovering what the last process left.
 *
 * @throws {ScouterError} naming what cannot be opened and what to do.
 */
export async function openStorage(settings: Settings, metrics: MetricsRegistry): Promise<Storage> {
  const dataDir = resolve(settings.dataDir);
  await requireWritable(dataDir);
  const tables = lakeDir(settings);
  // Imported here: together these modules take most of the start-up time, and the two halves load side by side.
  const opened = await Promise.allSettled([
    import("./db/database.ts").then(({ openDatabase }) => openDatabase(databaseOptions(settings))),
    import("./lake/query/engine.ts").then(({ openQueryEngine }) =>
      openQueryEngine({
        memoryLimitBytes: settings.queryMemoryMb * MIB,
        threads: settings.queryThreads === 0 ? availableParallelism() : settings.queryThreads,
        tempDir: join(dataDir, "tmp"),
        defaultTimeoutMs: settings.queryTimeoutSeconds * 1000,
        metrics,
      })
    ),
  ]);
  const [database, engine] = opened;
  const closeAll = async () => {
    if (engine.status === "fulfilled") await engine.value.close();
    if (database.status === "fulfilled") await database.value.close();
  };
  if (database.status === "rejected" || engine.status === "rejected") {
    await closeAll();
    throw database.status === "rejected"
      ? database.reason
      : engine.status === "rejected"
      ? engine.reason
      : undefined;
  }
  const stores = await Promise.allSettled([
    openSpans(settings, metrics, database.value, engine.value, dataDir, tables),
    openLogs(settings, metrics, engine.value, dataDir, tables),
    openConnections(settings, metrics, engine.value, dataDir, tables),
  ]);
  const [spans, logs, connections] = stores;
  if (
    spans.status === "rejected" || logs.status === "rejected" || connections.status === "rejected"
  ) {
    for (const store of stores) if (store.status === "fulfilled") await store.value.close();
    await closeAll();
    throw spans.status === "rejected"
      ? spans.reason
      : logs.status === "rejected"
      ? logs.reason
      : connections.status === "rejected"
      ? connections.reason
      : undefined;
  }
  return {
    database: database.value,
    engine: engine.value,
    spans: spans.value,
    logs: logs.value,
    connections: connections.value,
    async close() {
      const failures: unknown[] = [];
      const parts = [spans.value, logs.value, connections.value, engine.value, database.value];
      for (const part of parts) {
        await part.close().catch((error) => failures.push(error));
      }
      if (failures.length > 0) throw new AggregateError(failures, "Storage did not close cleanly.");
    },
  };
}

/** Makes the folder and proves that it can be written, before every part that lives in it fails in its own words. */
async function requireWritable(dataDir: string): Promise<void> {
  const probe = join(dataDir, ".writable");
  try {
    await mkdir(dataDir, { recursive: true });
    await writeFile(probe, "");
    await rm(probe);
  } catch (cause) {
    throw new ScouterError(
      "UNAVAILABLE",
      `the data directory ${dataDir} cannot be written: ${
        cause instanceof Error ? cause.message : cause
      }`,
      {
        cause,
        suggestedAction:
          "Give the server's user the right to write there, or set SCOUTER_DATA_DIR.",
      },
    );
  }
}

async function openConnections(
  settings: Settings,
  metrics: MetricsRegistry,
  engine: QueryEngine,
  dataDir: string,
  tables: string,
): Promise<ConnectionStore> {
  const { ConnectionStore } = await import("./service_map/connection_store.ts");
  return await ConnectionStore.open({
    dir: join(dataDir, "service_map"),
    tableDir: join(tables, "datasets", "scouter", "service_map", "connections"),
    tempDir: join(dataDir, "tmp", "service_map"),
    engine,
    retentionDays: settings.traceRetentionDays,
    metrics,
  });
}

async function openSpans(
  settings: Settings,
  metrics: MetricsRegistry,
  database: Database,
  engine: QueryEngine,
  dataDir: string,
  tables: string,
): Promise<DurableSpanStore> {
  const [{ openSpanStore }, segment, { sideRowSink }] = await Promise.all([
    import("./lake/traces/store/mod.ts"),
    import("./lake/traces/segment/mod.ts"),
    import("./db/side_rows.ts"),
  ]);
  const backlogBytes = settings.traceBacklogMb * MIB;
  const sealBytes = Math.min(MAX_SEGMENT_BYTES, Math.floor(backlogBytes / 4));
  return await openSpanStore({
    dir: join(dataDir, "spans"),
    tableDir: join(tables, "trace_spans"),
    engine,
    metrics,
    sideRows: sideRowSink(
      database.db,
      metrics.counter(
        "scouter_side_rows_refused_total",
        "Tags and the like that cannot be stored.",
      ),
    ),
    codec: {
      createBuilder: segment.createSegmentBuilder,
      createSealer: segment.createSealer,
      traceIdHash: segment.traceIdHash,
    },
    limits: {
      sealRows: settings.traceBufferSpans,
      sealBytes,
      sealAfterMs: settings.traceFlushSeconds * 1000,
      maxSealing: Math.max(1, Math.floor(backlogBytes / sealBytes) - 1),
      dedupSpans: settings.dedupMaxSpans,
      dedupWindowMs: settings.dedupWindowSeconds * 1000,
      retentionDays: settings.traceRetentionDays,
    },
  });
}

/** The same store as that of spans, with a share of its memory. */
async function openLogs(
  settings: Settings,
  metrics: MetricsRegistry,
  engine: QueryEngine,
  dataDir: string,
  tables: string,
): Promise<DurableSpanStore> {
  const [{ openSpanStore }, { LOG_CODEC }, { LOG_TABLE }] = await Promise.all([
    import("./lake/traces/store/mod.ts"),
    import("./lake/logs/log_builder.ts"),
    import("./lake/logs/schema.ts"),
  ]);
  const backlogBytes = settings.traceBacklogMb * MIB / LOG_SHARE;
  const sealBytes = Math.min(MAX_SEGMENT_BYTES, Math.floor(backlogBytes / 4));
  return await openSpanStore({
    dir: join(dataDir, "logs"),
    tableDir: join(tables, "logs"),
    engine,
    metrics,
    // Log records have nothing for the relational store.
    sideRows: { write: () => Promise.resolve() },
    table: LOG_TABLE,
    codec: LOG_CODEC,
    limits: {
      sealRows: settings.traceBufferSpans,
      sealBytes,
      sealAfterMs: settings.traceFlushSeconds * 1000,
      maxSealing: Math.max(1, Math.floor(backlogBytes / sealBytes) - 1),
      dedupSpans: Math.ceil(settings.dedupMaxSpans / LOG_SHARE),
      dedupWindowMs: settings.dedupWindowSeconds * 1000,
      retentionDays: settings.traceRetentionDays,
    },
  });
}
