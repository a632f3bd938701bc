/**
 * Moves connection rows from hot files into the Delta table, and keeps the table tidy.
 *
 * @module
 */

import { mkdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { addFile, CommitConflictError, DeltaTable, removeFile } from "../lake/delta/mod.ts";
import { LocalObjectStore } from "../lake/objects/local.ts";
import { ObservedStore } from "../lake/objects/observed.ts";
import type { ObjectStore } from "../lake/objects/store.ts";
import type { Metrics } from "../telemetry/contract.ts";
import type { QueryEngine } from "../lake/query/contract.ts";
import { type TableStatus, tableStatus, type UpkeepRun } from "../lake/table_status.ts";
import { removeFileIfPresent } from "../lake/traces/store/durable_file.ts";
import {
  CONNECTION_PARTITION,
  CONNECTION_TABLE_COLUMNS,
  CONNECTIONS_FQN,
} from "./connection_columns.ts";

const DAY_MS = 86_400_000;
const DAY_US = 86_400_000_000;
const TARGET_FILE_BYTES = 128 << 20;
/** Small files of one day that are worth merging. */
const MIN_MERGED_FILES = 8;
const VACUUM_AFTER_MS = DAY_MS;

interface Written {
  readonly key: string;
  readonly date: string;
  readonly sizeBytes: number;
  readonly rows: number;
}

/** The table's writing half. */
export class ConnectionTable {
  readonly #table: DeltaTable;
  readonly #objects: ObjectStore;
  readonly #dir: string;
  readonly #tempDir: string;
  readonly #engine: QueryEngine;
  readonly #retentionDays: number;
  /** Keys of files that may be about to be committed. */
  readonly #pending = new Set<string>();
  #lastCompaction: UpkeepRun | null = null;
  #lastVacuum: UpkeepRun | null = null;

  private constructor(
    table: DeltaTable,
    objects: ObjectStore,
    dir: string,
    tempDir: string,
    engine: QueryEngine,
    retentionDays: number,
  ) {
    this.#table = table;
    this.#objects = objects;
    this.#dir = dir;
    this.#tempDir = tempDir;
    this.#engine = engine;
    this.#retentionDays = retentionDays;
  }

  /** Opens the table in a folder, or creates it. */
  static async open(
    dir: string,
    tempDir: string,
    engine: QueryEngine,
    retentionDays: number,
    metrics?: Metrics,
  ): Promise<ConnectionTable> {
    const local = new LocalObjectStore(dirname(dir));
    const objects = metrics === undefined ? local : new ObservedStore(local, "local", metrics);
    const table = await DeltaTable.openOrCreate(objects, basename(dir), {
      columns: CONNECTION_TABLE_COLUMNS,
      partitionColumns: [CONNECTION_PARTITION],
      name: CONNECTIONS_FQN,
      configuration: { "delta.checkpointInterval": "10" },
    });
    await mkdir(tempDir, { recursive: true });
    return new ConnectionTable(table, objects, dir, tempDir, engine, retentionDays);
  }

  /** The newest batch number of a writer that is in the table; -1 when none is. */
  committed(writerId: string): number {
    return this.#table.snapshot.txns.get(writerId) ?? -1;
  }

  /** Paths of the table's files that may hold rows made at or after a time, microseconds. */
  files(sinceUs: number): string[] {
    const oldest = Number.isFinite(sinceUs)
      ? new Date(sinceUs / 1000).toISOString().slice(0, 10)
      : "";
    return [...this.#table.snapshot.files.values()]
      .filter((file) => (file.partitionValues[CONNECTION_PARTITION] ?? "9999") >= oldest)
      .map((file) => join(this.#dir, file.key));
  }

  get status(): TableStatus {
    return tableStatus(CONNECTIONS_FQN, this.#table, {
      targetFileBytes: TARGET_FILE_BYTES,
      lastCompaction: this.#lastCompaction,
      lastVacuum: this.#lastVacuum,
      retentionDays: this.#retentionDays,
      vacuumAfterMs: VACUUM_AFTER_MS,
    });
  }

  /** Commits the rows of hot files as one version, once, whatever happened to an earlier attempt. */
  async append(paths: readonly string[], writerId: string, batch: number): Promise<void> {
    const written = await this.#copy(paths);
    try {
      const adds = written.map((file) => this.#add(file, true));
      await this.#table.commit([...adds, { txn: { appId: writerId, version: batch } }], {
        operation: "WRITE",
      });
    } finally {
      // In the table or not: vacuum decides by the log.
      for (const { key } of written) this.#pending.delete(key);
    }
  }

  /** Takes in commits of other processes. */
  async refresh(): Promise<void> {
    await this.#table.update();
  }

  /** Merges the small files of each day. */
  async compact(signal: AbortSignal): Promise<void> {
    this.#lastCompaction = await noted(async () => {
      const snapshot = await this.#table.update();
      const small = [...snapshot.files.values()]
        .filter((file) => file.sizeBytes * 2 < TARGET_FILE_BYTES);
      let merged = 0;
      for (
        const files of Map.groupBy(small, (file) => file.partitionValues[CONNECTION_PARTITION])
          .values()
      ) {
        if (signal.aborted || files.length < MIN_MERGED_FILES) continue;
        const written = await this.#copy(files.map((file) => join(this.#dir, file.key)));
        const removes = files.map((file) =>
          removeFile(file, { deletionTimestampMs: Date.now(), dataChange: false })
        );
        try {
          await this.#table.commit(
            [...removes, ...written.map((file) => this.#add(file, false))],
            { operation: "OPTIMIZE", readVersion: snapshot.version },
          );
          merged += files.length;
        } catch (error) {
          // Another process was faster; the files are looked at again next time.
          if (!(error instanceof CommitConflictError)) throw error;
        } finally {
          for (const { key } of written) this.#pending.delete(key);
        }
      }
      return merged;
    });
  }

  /** Drops days beyond the retention and deletes what no version needs. */
  async retain(): Promise<void> {
    this.#lastVacuum = await noted(async () => {
      const snapshot = await this.#table.update();
      if (this.#retentionDays > 0) {
        const oldest = new Date(Date.now() - this.#retentionDays * DAY_MS).toISOString()
          .slice(0, 10);
        const old = [...snapshot.files.values()].filter((file) =>
          (file.partitionValues[CONNECTION_PARTITION] ?? "9999") < oldest
        );
        if (old.length > 0) {
          await this.#table.commit(
            old.map((file) =>
              removeFile(file, { deletionTimestampMs: Date.now(), dataChange: true })
            ),
            { operation: "DELETE" },
          );
        }
      }
      const { deleted } = await this.#table.vacuum({
        retentionMs: VACUUM_AFTER_MS,
        keep: (key) => this.#pending.has(key),
      });
      return deleted.length;
    });
  }

  #add({ key, date, sizeBytes, rows }: Written, dataChange: boolean) {
    return addFile({
      key,
      partitionValues: { [CONNECTION_PARTITION]: date },
      sizeBytes,
      modificationTimeMs: Date.now(),
      stats: JSON.stringify({ numRecords: rows, minValues: {}, maxValues: {}, nullCount: {} }),
      dataChange,
    });
  }

  /** Writes the rows of files anew, one sorted file a day. */
  async #copy(paths: readonly string[]): Promise<Written[]> {
    const day = `epoch_us(scouter_created_at) // ${DAY_US}`;
    const from = "read_parquet($1, hive_partitioning = false)";
    const days = await this.#engine.query(
      `SELECT ${day}, count(*) FROM ${from} GROUP BY 1 ORDER BY 1`,
      [paths],
    );
    const written: Written[] = [];
    for (let i = 0; i < days.rowCount; i++) {
      const number = Number(days.columns[0]?.[i]);
      const date = new Date(number * DAY_MS).toISOString().slice(0, 10);
      const temporary = join(this.#tempDir, `${crypto.randomUUID()}.parquet`);
      try {
        await this.#engine.query(
          `COPY (SELECT * FROM ${from} WHERE ${day} = ${number} ORDER BY scouter_created_at)
           TO '${
            temporary.replaceAll("'", "''")
          }' (FORMAT parquet, COMPRESSION zstd, WRITE_BLOOM_FILTER false)`,
          [paths],
        );
        const { size } = await stat(temporary);
        const key = `${CONNECTION_PARTITION}=${date}/part-${crypto.randomUUID()}.zstd.parquet`;
        this.#pending.add(key);
        await this.#objects.putFile(`${basename(this.#dir)}/${key}`, temporary);
        written.push({ key, date, sizeBytes: size, rows: Number(days.columns[1]?.[i]) });
      } finally {
        await removeFileIfPresent(temporary);
      }
    }
    return written;
  }
}

async function noted(work: () => Promise<number>): Promise<UpkeepRun> {
  const startedMs = Date.now();
  const clockMs = performance.now();
  const files = await work();
  return { startedMs, durationMs: performance.now() - clockMs, error: null, files };
}
