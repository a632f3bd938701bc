/**
 * Deletion of data files that no version within the retention time needs.
 *
 * @module
 */

import { isTombstoneAlive } from "./checkpoint_write.ts";
import { tableError } from "./errors.ts";
import type { DeltaLog } from "./log.ts";
import { readProperties } from "./properties.ts";
import { checkWritable } from "./protocol.ts";
import type { Snapshot } from "./snapshot.ts";

/** What to keep. */
export interface VacuumOptions {
  /**
   * Files younger than this, and files removed from the table more recently, stay. Default: the table's
   * `delta.deletedFileRetentionDuration`, which is also the most: the log forgets removals after that.
   */
  readonly retentionMs?: number;
  /** Says whether a file (key relative to the table) is in use, whatever its age. */
  readonly keep?: (key: string) => boolean;
  /** Only say what would be deleted. */
  readonly dryRun?: boolean;
}

/** What was done. */
export interface VacuumResult {
  /** Keys of the deleted files, relative to the table. */
  readonly deleted: readonly string[];
  readonly deletedBytes: number;
}

/**
 * Whether a vacuum must not look at a file: the log and everything hidden, except partition folders whose column's name
 * starts with an underscore.
 */
export function isHidden(key: string): boolean {
  return key.split("/").some((segment) =>
    segment.startsWith(".") || (segment.startsWith("_") && !segment.includes("="))
  );
}

/**
 * Deletes unreferenced files.
 *
 * @param log The table's log.
 * @param refresh Reads the newest snapshot; called after the folder was listed, so that a file committed meanwhile is
 * seen to be referenced.
 * @param options What to keep.
 * @param nowMs Milliseconds since the epoch.
 * @throws {ScouterError} BAD_REQUEST for a retention the log cannot honour, NOT_IMPLEMENTED when the table may not be
 * written by us (a feature may hold on to files in ways unknown here).
 */
export async function vacuum(
  log: DeltaLog,
  refresh: () => Promise<Snapshot>,
  options: VacuumOptions,
  nowMs: number,
): Promise<VacuumResult> {
  const candidates: { key: string; sizeBytes: number; modifiedMs: number }[] = [];
  for await (const info of log.store.list(log.prefix)) {
    const key = info.key.slice(log.prefix.length);
    if (!isHidden(key)) {
      candidates.push({ key, sizeBytes: info.sizeBytes, modifiedMs: info.modifiedMs });
    }
  }
  const snapshot = await refresh();
  checkWritable(snapshot.protocol, snapshot.metadata, log.table);
  const { deletedFileRetentionMs } = readProperties(snapshot.metadata, log.table);
  const retentionMs = options.retentionMs ?? deletedFileRetentionMs;
  if (!(retentionMs >= 0 && retentionMs <= deletedFileRetentionMs)) {
    throw tableError(
      "BAD_REQUEST",
      log.table,
      `vacuum retention ${retentionMs} ms is not between 0 and delta.deletedFileRetentionDuration ` +
        `(${deletedFileRetentionMs} ms): raise that property to keep removed files longer`,
    );
  }
  const deleted: string[] = [];
  let deletedBytes = 0;
  for (const { key, sizeBytes, modifiedMs } of candidates) {
    if (modifiedMs >= nowMs - retentionMs || snapshot.files.has(key)) continue;
    const tombstone = snapshot.tombstones.get(key);
    if (tombstone !== undefined && isTombstoneAlive(tombstone, nowMs, retentionMs)) continue;
    if (options.keep?.(key)) continue;
    if (options.dryRun !== true) await log.store.delete(log.key(key));
    deleted.push(key);
    deletedBytes += sizeBytes;
  }
  return { deleted, deletedBytes };
}
