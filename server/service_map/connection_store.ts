/**
 * Durable storage of connection records: what is acknowledged is on disk and in the next answer. Small batches go to
 * hot Parquet files, many at a time; a loop moves these into the Delta table, exactly once.
 *
 * @module
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { ScouterError } from "../errors.ts";
import { makeDirectory, storageError, syncDirectory } from "../lake/objects/local_durability.ts";
import type { QueryEngine } from "../lake/query/contract.ts";
import type { TableStatus } from "../lake/table_status.ts";
import {
  damageOf,
  quarantine,
  removeFileIfPresent,
  writeSynced,
} from "../lake/traces/store/durable_file.ts";
import { formatHotFileName, parseHotFileName } from "../lake/traces/store/hot_file_name.ts";
import { loadWriterId } from "../lake/traces/store/writer_id.ts";
import type { Metrics } from "../telemetry/contract.ts";
import { getLogger } from "../telemetry/log.ts";
import { encodeConnections } from "./connection_file.ts";
import type { ConnectionRows } from "./connection_rows.ts";
import { ConnectionTable } from "./connection_table.ts";

const logger = getLogger("service_map");
/** Hot files beyond which they are moved into the table at once. */
const MAX_HOT_FILES = 50;
/** Rows waiting for the disk beyond which senders are told to come back. */
const MAX_WAITING_ROWS = 200_000;

interface HotFile {
  readonly path: string;
  readonly batch: number;
  readonly rows: number;
}

interface Waiter {
  readonly rows: ConnectionRows;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Where the store lives. */
export interface ConnectionStoreOptions {
  /** Hot files; one process at a time. */
  readonly dir: string;
  readonly tableDir: string;
  readonly tempDir: string;
  readonly engine: QueryEngine;
  /** 0 keeps everything. */
  readonly retentionDays: number;
  readonly metrics?: Metrics;
}

/** Files that hold all acknowledged rows, held until released. */
export interface ConnectionFiles extends Disposable {
  readonly paths: readonly string[];
}

/** Takes connection records and says in which files they are. */
export class ConnectionStore {
  readonly #hotDir: string;
  readonly #writerId: string;
  readonly #table: ConnectionTable;
  #hot: HotFile[];
  #nextBatch: number;
  #waiting: Waiter[] = [];
  #writing: Promise<void> | null = null;
  #upkeep: Promise<unknown> = Promise.resolve();
  /** Readers under way; hot files that left are deleted when there is none. */
  #readers = 0;
  #retired: string[] = [];
  #closed = false;

  private constructor(
    hotDir: string,
    writerId: string,
    table: ConnectionTable,
    hot: HotFile[],
    nextBatch: number,
  ) {
    this.#hotDir = hotDir;
    this.#writerId = writerId;
    this.#table = table;
    this.#hot = hot;
    this.#nextBatch = nextBatch;
  }

  /** Opens the store and recovers what the last process left. */
  static async open(options: ConnectionStoreOptions): Promise<ConnectionStore> {
    const hotDir = join(options.dir, "hot");
    await makeDirectory(hotDir);
    const writerId = await loadWriterId(options.dir, hotDir);
    const { tableDir, tempDir, engine, retentionDays, metrics } = options;
    const table = await ConnectionTable.open(tableDir, tempDir, engine, retentionDays, metrics);
    const committed = table.committed(writerId);
    const hot: HotFile[] = [];
    let newest = committed;
    for (const text of (await readdir(hotDir)).sort()) {
      const name = parseHotFileName(text);
      if (name === undefined) continue;
      const path = join(hotDir, text);
      if (name.writerId !== writerId) continue;
      newest = Math.max(newest, name.segment);
      if (name.segment <= committed) {
        await removeFileIfPresent(path);
        continue;
      }
      const damage = await damageOf(path, name.crc);
      if (damage === undefined) hot.push({ path, batch: name.segment, rows: name.to });
      else {
        // Never acknowledged, unless the disk lost it later.
        const target = await quarantine(path, join(options.dir, "quarantine"));
        logger.warn("Moved {path} to {target}: {damage}", { path, target, damage });
      }
    }
    return new ConnectionStore(hotDir, writerId, table, hot, newest + 1);
  }

  /**
   * Stores rows. Resolves when they are on disk.
   *
   * @throws {ScouterError} RESOURCE_EXHAUSTED when too much waits, UNAVAILABLE when they cannot be written.
   */
  insert(rows: ConnectionRows): Promise<void> {
    if (rows.count === 0) return Promise.resolve();
    if (this.#closed) {
      throw new ScouterError("UNAVAILABLE", "The server is shutting down.", {
        retry: true,
        retryAfterSeconds: 2,
      });
    }
    const waiting = this.#waiting.reduce((sum, { rows }) => sum + rows.count, 0);
    if (waiting + rows.count > MAX_WAITING_ROWS) {
      throw new ScouterError(
        "RESOURCE_EXHAUSTED",
        `The service map is behind: ${waiting} records wait to be written.`,
        { retry: true, retryAfterSeconds: 1, suggestedAction: "Send again after the delay." },
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** All files with rows made at or after a time in microseconds; hot files whatever their age. */
  acquire(sinceUs = -Infinity): ConnectionFiles {
    this.#readers++;
    let open = true;
    return {
      paths: [...this.#table.files(sinceUs), ...this.#visibleHot().map(({ path }) => path)],
      [Symbol.dispose]: () => {
        if (!open) return;
        open = false;
        this.#readers--;
        void this.#deleteRetired();
      },
    };
  }

  /** Moves hot files into the table. */
  flush(): Promise<void> {
    return this.#exclusive(async () => {
      // An attempt whose outcome stayed unknown may have succeeded: its batches must not be moved again.
      await this.#table.refresh();
      this.#retire();
      const last = this.#hot.at(-1);
      if (last === undefined) return await this.#deleteRetired();
      const paths = this.#hot.map(({ path }) => path);
      await this.#table.append(paths, this.#writerId, last.batch);
      this.#retire();
      await this.#deleteRetired();
    });
  }

  /** Merges small files of the table. */
  compact(signal: AbortSignal): Promise<void> {
    return this.#exclusive(() => this.#table.compact(signal));
  }

  /** Drops old days and deletes files that no version needs. */
  retain(): Promise<void> {
    return this.#exclusive(() => this.#table.retain());
  }

  /** The table in numbers. */
  get status(): TableStatus {
    return this.#table.status;
  }

  /** Hot files waiting to be moved. */
  get hotFileCount(): number {
    return this.#hot.length;
  }

  /** Takes nothing more and moves what is there into the table. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.flush();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiters = this.#waiting;
      this.#waiting = [];
      try {
        await this.#writeBatch(joinRows(waiters.map(({ rows }) => rows)));
        for (const { resolve } of waiters) resolve();
      } catch (cause) {
        const error = storageError("store connection records in", this.#hotDir, cause);
        for (const { reject } of waiters) reject(error);
      }
    }
    // In the same step as the last look at what waits: what comes later starts anew.
    this.#writing = null;
    if (this.#hot.length >= MAX_HOT_FILES && !this.#closed) {
      // Not awaited: the senders have their answer, and a failure is retried by the next flush.
      void this.flush().catch((error) =>
        logger.warn("Connection records could not be moved into the table yet: {error}", {
          error: error instanceof Error ? error.message : String(error),
        })
      );
    }
  }

  async #writeBatch(rows: ConnectionRows): Promise<void> {
    const bytes = encodeConnections(rows);
    const batch = this.#nextBatch++;
    const name = formatHotFileName({
      writerId: this.#writerId,
      segment: batch,
      from: 0,
      to: rows.count,
      crc: crc32(bytes),
    });
    const path = join(this.#hotDir, name);
    try {
      await writeSynced(path, bytes);
      await syncDirectory(this.#hotDir);
    } catch (error) {
      // Not acknowledged: it must not come back at the next start.
      await removeFileIfPresent(path);
      throw error;
    }
    this.#hot.push({ path, batch, rows: rows.count });
  }

  /** Hot files whose rows the table, as seen now, does not have: decided at one instant, so that no row shows twice. */
  #visibleHot(): HotFile[] {
    const committed = this.#table.committed(this.#writerId);
    return this.#hot.filter(({ batch }) => batch > committed);
  }

  /** Lets go of the hot files whose rows are in the table. */
  #retire(): void {
    const visible = new Set(this.#visibleHot());
    for (const file of this.#hot) if (!visible.has(file)) this.#retired.push(file.path);
    this.#hot = this.#hot.filter((file) => visible.has(file));
  }

  async #deleteRetired(): Promise<void> {
    if (this.#readers > 0) return;
    const paths = this.#retired;
    this.#retired = [];
    for (const path of paths) {
      await removeFileIfPresent(path).catch((error) =>
        // The table's transaction version says that it counts no more.
        logger.warn("{path} could not be deleted: {error}", { path, error: String(error) })
      );
    }
  }

  #exclusive(work: () => Promise<void>): Promise<void> {
    const done = this.#upkeep.then(work);
    this.#upkeep = done.catch(() => {});
    return done;
  }
}

function joinRows(all: readonly ConnectionRows[]): ConnectionRows {
  const [only] = all;
  if (all.length === 1 && only !== undefined) return only;
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    columns: (only?.columns ?? []).map((_, at) => all.flatMap(({ columns }) => columns[at] ?? [])),
  };
}
