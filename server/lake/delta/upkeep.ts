/**
 * What is due after a commit: checkpoints, and the clean-up of the log behind them.
 *
 * @module
 */

import { isTombstoneAlive, writeCheckpoint } from "./checkpoint_write.ts";
import type { DeltaLog } from "./log.ts";
import { cleanUpLog } from "./log_cleanup.ts";
import { readProperties } from "./properties.ts";
import { type Snapshot, SnapshotBuilder } from "./snapshot.ts";

/** Upkeep that follows a commit. */
export type MaintenanceStep = "checkpoint" | "log cleanup";

/** Clean-up lists the whole log, so it does not follow every checkpoint. */
const CLEANUP_INTERVAL_MS = 3_600_000;

/** What came of the upkeep. The commit before it stands in any case. */
export interface UpkeepResult {
  /** The snapshot, without tombstones that a new checkpoint has forgotten. */
  readonly snapshot: Snapshot;
  readonly failure?: { readonly step: MaintenanceStep; readonly error: unknown };
}

/** The upkeep of one table by one handle. */
export class Upkeep {
  readonly #log: DeltaLog;
  #cleanedUpAtMs = -Infinity;

  /** @param log The table's log. */
  constructor(log: DeltaLog) {
    this.#log = log;
  }

  /** Does what is due at a snapshot that was just committed. */
  async afterCommit(snapshot: Snapshot, nowMs: number): Promise<UpkeepResult> {
    let step: MaintenanceStep = "checkpoint";
    let current = snapshot;
    try {
      const properties = readProperties(snapshot.metadata, this.#log.table);
      if (snapshot.version % properties.checkpointInterval !== 0) return { snapshot };
      await writeCheckpoint(this.#log, snapshot, nowMs);
      current = new SnapshotBuilder(this.#log.table, snapshot)
        .keepTombstones((remove) =>
          isTombstoneAlive(remove, nowMs, properties.deletedFileRetentionMs)
        )
        .build();
      step = "log cleanup";
      if (
        properties.enableExpiredLogCleanup && nowMs - this.#cleanedUpAtMs >= CLEANUP_INTERVAL_MS
      ) {
        await this.cleanUpLog(current, nowMs);
      }
      return { snapshot: current };
    } catch (error) {
      return { snapshot: current, failure: { step, error } };
    }
  }

  /** Deletes expired log files; see {@linkcode cleanUpLog}. */
  async cleanUpLog(snapshot: Snapshot, nowMs: number): Promise<number> {
    const { logRetentionMs } = readProperties(snapshot.metadata, this.#log.table);
    const deleted = await cleanUpLog(this.#log, logRetentionMs, nowMs);
    this.#cleanedUpAtMs = nowMs;
    return deleted;
  }
}
