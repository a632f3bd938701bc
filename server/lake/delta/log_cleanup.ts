/**
 * Removal of log files that a checkpoint has made unnecessary (Delta protocol, "Metadata Cleanup").
 *
 * @module
 */

import type { DeltaLog } from "./log.ts";
import { LOG_FOLDER, type LogFile, parseLogFile } from "./paths.ts";

const DAY_MS = 86_400_000;

/**
 * Deletes commits, checkpoints and checksums older than the newest checkpoint that covers the retention time. Oldest
 * first, so that an interruption leaves no gap behind a commit that is still there.
 *
 * @param log The table's log.
 * @param retentionMs How long commits are kept.
 * @param nowMs Milliseconds since the epoch.
 * @returns How many files were deleted.
 */
export async function cleanUpLog(
  log: DeltaLog,
  retentionMs: number,
  nowMs: number,
): Promise<number> {
  const cutoffMs = Math.floor((nowMs - retentionMs) / DAY_MS) * DAY_MS;
  const folder = log.key(LOG_FOLDER);
  const files: { readonly key: string; readonly file: LogFile }[] = [];
  let cutoffCommit = -1;
  const parts = new Map<string, { version: number; missing: number }>();
  for await (const { key, modifiedMs } of log.store.list(folder)) {
    const file = parseLogFile(key.slice(folder.length));
    if (file === undefined) continue;
    files.push({ key, file });
    if (file.kind === "commit" && modifiedMs <= cutoffMs) cutoffCommit = file.version;
    if (file.kind === "checkpoint") {
      const id = `${file.version}/${file.parts}`;
      const found = parts.get(id) ?? { version: file.version, missing: file.parts };
      found.missing--;
      parts.set(id, found);
    }
  }
  let checkpoint = -1;
  for (const { version, missing } of parts.values()) {
    if (missing === 0 && version <= cutoffCommit) checkpoint = Math.max(checkpoint, version);
  }
  let deleted = 0;
  for (const { key, file } of files) {
    const isExpired = file.kind === "compacted"
      ? file.version <= checkpoint
      : file.version < checkpoint;
    if (!isExpired) continue;
    await log.store.delete(key);
    deleted++;
  }
  return deleted;
}
