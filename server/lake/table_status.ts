/**
 * How a Delta table is, told from its log alone: nothing is listed or read for it.
 *
 * @module
 */

import type { DeltaTable } from "./delta/mod.ts";

/** The last run of some upkeep. */
export interface UpkeepRun {
  readonly startedMs: number;
  readonly durationMs: number;
  /** Why it failed; null when it did not. */
  readonly error: string | null;
  /** Files merged or deleted. */
  readonly files: number;
}

/** A table in numbers. */
export interface TableStatus {
  readonly name: string;
  readonly uri: string;
  readonly version: number;
  readonly files: number;
  readonly sizeBytes: number;
  /** By the log's statistics. */
  readonly rows: number;
  /** Files below half of the target size. */
  readonly smallFiles: number;
  readonly targetFileBytes: number;
  readonly partitions: number;
  readonly oldestPartition: string | null;
  readonly newestPartition: string | null;
  /** When the newest file was written, milliseconds since the epoch; null for an empty table. */
  readonly lastWriteMs: number | null;
  /** Null when none ran since the start. */
  readonly lastCompaction: UpkeepRun | null;
  readonly lastVacuum: UpkeepRun | null;
  /** 0 keeps everything. */
  readonly retentionDays: number;
  readonly vacuumAfterMs: number;
}

/** What the log does not say. */
export type TableUpkeep = Pick<
  TableStatus,
  | "targetFileBytes"
  | "lastCompaction"
  | "lastVacuum"
  | "retentionDays"
  | "vacuumAfterMs"
>;

/** Describes the newest snapshot that the handle has seen. */
export function tableStatus(name: string, table: DeltaTable, upkeep: TableUpkeep): TableStatus {
  const { snapshot } = table;
  const partitions = new Set<string>();
  let sizeBytes = 0;
  let rows = 0;
  let smallFiles = 0;
  let lastWriteMs: number | null = null;
  for (const file of snapshot.files.values()) {
    sizeBytes += file.sizeBytes;
    rows += file.stats.numRecords ?? 0;
    if (file.sizeBytes * 2 < upkeep.targetFileBytes) smallFiles++;
    partitions.add(Object.values(file.partitionValues).map((value) => value ?? "null").join("/"));
    lastWriteMs = Math.max(lastWriteMs ?? 0, file.modificationTimeMs);
  }
  const isPartitioned = snapshot.metadata.partitionColumns.length > 0;
  const sorted = isPartitioned ? [...partitions].sort() : [];
  return {
    name,
    uri: table.log.table,
    version: snapshot.version,
    files: snapshot.files.size,
    sizeBytes,
    rows,
    smallFiles,
    partitions: partitions.size,
    oldestPartition: sorted[0] ?? null,
    newestPartition: sorted.at(-1) ?? null,
    lastWriteMs,
    ...upkeep,
  };
}
