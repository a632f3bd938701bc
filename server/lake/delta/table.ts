/**
 * A Delta table: open or create it, follow it, commit to it.
 *
 * @module
 */

import type { ObjectStore } from "../objects/store.ts";
import type { Action, CommitContent } from "./actions.ts";
import { writeCheckpoint } from "./checkpoint_write.ts";
import { encodeCommit, parseCommit } from "./commit_file.ts";
import { checkActions } from "./commit_rules.ts";
import { checkConflict, type ReadScope } from "./conflict.ts";
import { CommitConflictError, tableError } from "./errors.ts";
import { DeltaLog } from "./log.ts";
import { commitKey } from "./paths.ts";
import { readProperties } from "./properties.ts";
import { checkWritable } from "./protocol.ts";
import { commitInfo, type Operation } from "./provenance.ts";
import { evolveSchema } from "./schema.ts";
import { type Snapshot, SnapshotBuilder } from "./snapshot.ts";
import { creationActions, type TableDefinition } from "./table_definition.ts";
import { type MaintenanceStep, Upkeep } from "./upkeep.ts";
import { vacuum, type VacuumOptions, type VacuumResult } from "./vacuum.ts";

/** Lost races before a commit gives up. Every loss means that somebody else got a commit in. */
const MAX_ATTEMPTS = 1000;

/** How long a handle may follow the log by version number alone before it looks at the whole log again. */
const MAX_UNLISTED_MS = 3_600_000;

/** What a commit is. */
export interface CommitOptions extends Operation {
  /** What was read to decide on the actions. Default `removed files` when something is removed, else `nothing`. */
  readonly reads?: ReadScope;
  /** Version of the snapshot the actions were decided on. Default: the handle's current one. */
  readonly readVersion?: number;
}

/** The outcome of a commit. */
export interface CommitResult {
  /** `already` when the table holds this transaction (`txn`) from an earlier commit; nothing was written then. */
  readonly status: "committed" | "already";
  /** The version written; with `already`, the version at which that was noticed. */
  readonly version: number;
  /** A snapshot that includes the commit. */
  readonly snapshot: Snapshot;
  /** Why the checkpoint or clean-up that was due after the commit failed; absent when it did not. */
  readonly maintenanceError?: unknown;
}

/** How a handle behaves. */
export interface TableOptions {
  /**
   * Told when upkeep after a commit failed. The commit stands and the table is well; only its log grows until a later
   * commit's upkeep succeeds. Default: nobody is told, and the error is in the commit's result alone.
   */
  readonly onMaintenanceError?: (step: MaintenanceStep, error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * A handle on one table. Handles are independent: any number of them, in any number of processes and engines, may
 * follow and write the same table. Calls on one handle are queued.
 *
 * @example
 * ```ts
 * const table = await DeltaTable.openOrCreate(store, "trace_spans", { columns, partitionColumns: ["partition_date"] });
 * await store.put(`trace_spans/${key}`, parquet);
 * await table.commit([
 *   addFile({ key, partitionValues, sizeBytes: parquet.length, modificationTimeMs: Date.now() }),
 *   { txn: { appId: writerId, version: segment } },
 * ], { operation: "WRITE" });
 * ```
 */
export class DeltaTable {
  readonly log: DeltaLog;
  readonly #now: () => number;
  readonly #onMaintenanceError: TableOptions["onMaintenanceError"];
  #snapshot: Snapshot;
  /** When the whole log was last seen to be as the snapshot says. */
  #listedAtMs: number;
  readonly #upkeep: Upkeep;
  /** Tail of the queue of calls. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(log: DeltaLog, snapshot: Snapshot, options: TableOptions) {
    this.log = log;
    this.#snapshot = snapshot;
    this.#now = options.now ?? Date.now;
    this.#upkeep = new Upkeep(log);
    this.#onMaintenanceError = options.onMaintenanceError;
    this.#listedAtMs = this.#now();
  }

  /**
   * Opens a table.
   *
   * @throws {ScouterError} NOT_FOUND when there is none, INTERNAL_ERROR when its log is damaged, NOT_IMPLEMENTED when
   * it needs features that are not supported.
   */
  static async open(
    store: ObjectStore,
    prefix: string,
    options: TableOptions = {},
  ): Promise<DeltaTable> {
    const table = await DeltaTable.#tryOpen(store, prefix, options);
    if (table === null) {
      const { table: address } = new DeltaLog(store, prefix);
      throw tableError(
        "NOT_FOUND",
        address,
        "there is no table here: create it, or check the path",
      );
    }
    return table;
  }

  /**
   * Creates a table.
   *
   * @throws {ScouterError} CONFLICT when there is one.
   */
  static async create(
    store: ObjectStore,
    prefix: string,
    definition: TableDefinition,
    options: TableOptions = {},
  ): Promise<DeltaTable> {
    const table = await DeltaTable.#tryCreate(store, prefix, definition, options);
    if (table === null) {
      throw tableError(
        "CONFLICT",
        new DeltaLog(store, prefix).table,
        "there is a table already: open it",
      );
    }
    return table;
  }

  /**
   * Opens a table, creates it when there is none, and adds nullable columns that it lacks. Safe when several processes
   * do it at once.
   *
   * @throws {ScouterError} PRECONDITION_FAILED when the table has other columns or partitions than wanted.
   */
  static async openOrCreate(
    store: ObjectStore,
    prefix: string,
    definition: TableDefinition,
    options: TableOptions = {},
  ): Promise<DeltaTable> {
    const table = await DeltaTable.#tryOpen(store, prefix, options) ??
      await DeltaTable.#tryCreate(store, prefix, definition, options) ??
      await DeltaTable.open(store, prefix, options);
    await table.#conform(definition);
    return table;
  }

  static async #tryOpen(
    store: ObjectStore,
    prefix: string,
    options: TableOptions,
  ): Promise<DeltaTable | null> {
    const log = new DeltaLog(store, prefix);
    const snapshot = await log.load();
    return snapshot === null ? null : new DeltaTable(log, snapshot, options);
  }

  static async #tryCreate(
    store: ObjectStore,
    prefix: string,
    definition: TableDefinition,
    options: TableOptions,
  ): Promise<DeltaTable | null> {
    const log = new DeltaLog(store, prefix);
    const nowMs = (options.now ?? Date.now)();
    const actions = creationActions(definition, log.table, nowMs);
    const bytes = encodeCommit(
      commitInfo({ operation: "CREATE TABLE" }, nowMs, undefined, true),
      actions,
    );
    if (!await log.store.putIfAbsent(log.key(commitKey(0)), bytes)) return null;
    const content = parseCommit(bytes, log.table, 0);
    return new DeltaTable(log, new SnapshotBuilder(log.table).apply(0, content).build(), options);
  }

  /** The newest snapshot this handle has seen. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Takes in what others committed. Costs one GET per new version and one more; no LIST. */
  update(): Promise<Snapshot> {
    return this.#exclusive(() => this.#update());
  }

  /**
   * Commits actions as one new version. On a lost race the winners are checked for logical conflicts and the commit is
   * tried again behind them. With a `txn` action it is idempotent: a transaction that the table holds already is not
   * committed again. Transactions of one application must be committed in the order of their versions.
   *
   * @param actions What to change.
   * @param options Operation, and what the decision was based on.
   * @throws {CommitConflictError} When another commit changed what this one is based on.
   * @throws {ScouterError} BAD_REQUEST for actions that contradict each other or the table, UNAVAILABLE when the store
   * fails (whether the commit happened is then unknown: repeat it with its `txn`).
   */
  commit(actions: readonly Action[], options: CommitOptions): Promise<CommitResult> {
    return this.#exclusive(() => this.#commit(actions, options));
  }

  /**
   * Writes a checkpoint of the current snapshot. Commits do it by themselves at every `delta.checkpointInterval`.
   *
   * @throws {ScouterError} UNAVAILABLE when the store fails.
   */
  checkpoint(): Promise<void> {
    return this.#exclusive(() => writeCheckpoint(this.log, this.#snapshot, this.#now()));
  }

  /**
   * Deletes expired log files behind the newest checkpoint that covers the retention time. Commits do it by themselves
   * after a checkpoint, at most once an hour.
   *
   * @returns How many files were deleted.
   */
  cleanUpLog(): Promise<number> {
    return this.#exclusive(() => this.#upkeep.cleanUpLog(this.#snapshot, this.#now()));
  }

  /**
   * Deletes data files that are not part of the table, unless they are younger than the retention time (a writer may be
   * about to commit them), were removed within it (readers of older versions), or `keep` says that they are in use.
   *
   * @throws {ScouterError} BAD_REQUEST for a retention time longer than the table's.
   */
  vacuum(options: VacuumOptions = {}): Promise<VacuumResult> {
    return vacuum(this.log, () => this.update(), options, this.#now());
  }

  async #commit(actions: readonly Action[], options: CommitOptions): Promise<CommitResult> {
    const { log } = this;
    let checked = options.readVersion ?? this.#snapshot.version;
    if (this.#mustList()) await this.#update();
    const bytesOf = (content: Record<string, unknown>) => encodeCommit(content, actions);
    // Read back through the same door as everybody else's commits.
    const content = parseCommit(bytesOf({}), log.table, checked + 1);
    const reads = options.reads ?? (content.removes.length > 0 ? "removed files" : "nothing");
    if (checked < this.#snapshot.version) {
      const outcome = await this.#checkWinners(content, reads, checked, this.#snapshot.version);
      if (outcome === "already") return this.#already();
    }
    checked = this.#snapshot.version;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (
        content.txns.some(({ appId, version }) =>
          (this.#snapshot.txns.get(appId) ?? -Infinity) >= version
        )
      ) {
        return this.#already();
      }
      checkWritable(this.#snapshot.protocol, this.#snapshot.metadata, log.table);
      checkActions(content, this.#snapshot, log.table);
      const version = checked + 1;
      const info = commitInfo(options, this.#now(), checked, isBlindAppend(content, reads));
      const bytes = bytesOf(info);
      if (await this.#write(version, bytes, info.txnId)) {
        this.#snapshot = new SnapshotBuilder(log.table, this.#snapshot)
          .apply(version, parseCommit(bytes, log.table, version)).build();
        const due = await this.#upkeep.afterCommit(this.#snapshot, this.#now());
        this.#snapshot = due.snapshot;
        const committed = { status: "committed", version, snapshot: this.#snapshot } as const;
        if (due.failure === undefined) return committed;
        this.#onMaintenanceError?.(due.failure.step, due.failure.error);
        return { ...committed, maintenanceError: due.failure.error };
      }
      const before = this.#snapshot.version;
      await this.#update();
      if (this.#snapshot.version === before) {
        throw tableError(
          "INTERNAL_ERROR",
          log.table,
          `the store says that version ${version} exists and does not return it: check the store's consistency`,
        );
      }
      const outcome = await this.#checkWinners(content, reads, checked, this.#snapshot.version);
      if (outcome === "already") return this.#already();
      checked = this.#snapshot.version;
      await pause(Math.random() * Math.min(50, 2 * attempt));
    }
    throw tableError(
      "UNAVAILABLE",
      log.table,
      `the commit lost ${MAX_ATTEMPTS} races against other writers`,
      {
        retry: true,
        retryAfterSeconds: 1,
      },
    );
  }

  /**
   * Writes the commit file unless the version is taken.
   *
   * @returns Whether the version is ours. A store that retries on its own may report our own success as somebody
   * else's, and a failed call may have succeeded, so the content decides.
   */
  async #write(version: number, bytes: Uint8Array, txnId: string): Promise<boolean> {
    const { log } = this;
    try {
      if (await log.store.putIfAbsent(log.key(commitKey(version)), bytes)) return true;
    } catch (error) {
      const found = await log.readCommit(version);
      if (found === null) throw error;
      return found.commitInfo?.["txnId"] === txnId;
    }
    return (await log.readCommit(version))?.commitInfo?.["txnId"] === txnId;
  }

  async #checkWinners(
    content: CommitContent,
    reads: ReadScope,
    after: number,
    upTo: number,
  ): Promise<"compatible" | "already"> {
    for (let version = after + 1; version <= upTo; version++) {
      const winner = await this.log.readCommit(version);
      if (winner === null) {
        throw new CommitConflictError(
          this.log.table,
          version,
          "its commit file has been cleaned up since",
        );
      }
      const outcome = checkConflict({ content, reads, table: this.log.table }, winner, version);
      if (outcome === "already") return outcome;
    }
    return "compatible";
  }

  #already(): CommitResult {
    return { status: "already", version: this.#snapshot.version, snapshot: this.#snapshot };
  }

  async #update(): Promise<Snapshot> {
    if (this.#mustList()) {
      const nowMs = this.#now();
      const loaded = await this.log.load();
      if (loaded === null) {
        throw tableError(
          "NOT_FOUND",
          this.log.table,
          "the table has been deleted: create it again",
        );
      }
      this.#snapshot = loaded;
      this.#listedAtMs = nowMs;
    } else {
      this.#snapshot = await this.log.advance(this.#snapshot);
    }
    return this.#snapshot;
  }

  /**
   * Whether the handle is so old that commits it never saw may have been cleaned up behind a checkpoint. A missing next
   * version then does not mean that this one is the newest, and committing there would rewrite history.
   */
  #mustList(): boolean {
    const { logRetentionMs } = readProperties(this.#snapshot.metadata, this.log.table);
    return this.#now() - this.#listedAtMs >= Math.min(MAX_UNLISTED_MS, logRetentionMs / 2);
  }

  /** Checks the partitioning and adds missing columns. */
  #conform(definition: TableDefinition): Promise<void> {
    return this.#exclusive(async () => {
      while (true) {
        const { metadata } = this.#snapshot;
        const have = metadata.partitionColumns.join(", ");
        const want = definition.partitionColumns.join(", ");
        if (have !== want) {
          throw tableError(
            "PRECONDITION_FAILED",
            this.log.table,
            `it is partitioned by (${have}), expected (${want}): migrate the table or point to another folder`,
          );
        }
        const schemaString = evolveSchema(
          metadata.schemaString,
          definition.columns,
          this.log.table,
        );
        if (schemaString === undefined) return;
        try {
          await this.#commit([{ metaData: { ...metadata, schemaString } }], {
            operation: "ADD COLUMNS",
          });
        } catch (error) {
          if (!(error instanceof CommitConflictError)) throw error;
          // The table moved on; look again.
        }
      }
    });
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }
}

const isBlindAppend = (content: CommitContent, reads: ReadScope): boolean =>
  reads === "nothing" && content.removes.length === 0 && content.metaData === undefined &&
  content.protocol === undefined;

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));
