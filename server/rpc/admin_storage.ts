/**
 * What is stored, as messages of `scouter.v1.AdminService`.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  GetStorageResponseSchema,
  LakeTableSchema,
  MaintenanceRunSchema,
} from "../../sdk/gen/scouter/v1/admin_pb.ts";
import type { TableStatus, UpkeepRun } from "../lake/table_status.ts";
import type { SpanStoreStatus } from "../lake/traces/store/status.ts";
import { int64, present } from "./trace_messages.ts";

/** What is known of the places where data lies; null where the system does not say. */
export interface StoragePlaces {
  readonly dataDir: string;
  readonly lakeUri: string;
  readonly diskFreeBytes: number | null;
  readonly diskSizeBytes: number | null;
  readonly databaseKind: string;
  readonly databaseSizeBytes: number | null;
}

function runMessage(run: UpkeepRun): MessageInitShape<typeof MaintenanceRunSchema> {
  return {
    startedUs: int64(run.startedMs * 1000),
    durationMs: run.durationMs,
    ok: run.error === null,
    error: run.error ?? "",
    files: int64(run.files),
  };
}

function tableMessage(table: TableStatus): MessageInitShape<typeof LakeTableSchema> {
  return {
    name: table.name,
    uri: table.uri,
    version: int64(table.version),
    files: int64(table.files),
    sizeBytes: int64(table.sizeBytes),
    rows: int64(table.rows),
    smallFiles: int64(table.smallFiles),
    targetFileBytes: int64(table.targetFileBytes),
    partitions: int64(table.partitions),
    retentionDays: table.retentionDays,
    vacuumAfterMs: int64(table.vacuumAfterMs),
    ...(table.lastCompaction === null ? {} : { lastCompaction: runMessage(table.lastCompaction) }),
    ...(table.lastVacuum === null ? {} : { lastVacuum: runMessage(table.lastVacuum) }),
    ...present({
      oldestPartition: table.oldestPartition,
      newestPartition: table.newestPartition,
      lastCommitUs: table.lastWriteMs === null ? null : int64(table.lastWriteMs * 1000),
    }),
  };
}

/** Tables, hot tier and disk. */
export function storageMessage(
  tables: readonly TableStatus[],
  spans: SpanStoreStatus,
  places: StoragePlaces,
): MessageInitShape<typeof GetStorageResponseSchema> {
  const bytes = (value: number | null) => value === null ? null : int64(value);
  return {
    tables: tables.map(tableMessage),
    hot: {
      files: int64(spans.hotFiles),
      sizeBytes: int64(spans.hotBytes),
      spans: int64(spans.hotSpans),
      segment: int64(spans.segment),
      sealedSegment: int64(spans.sealedSegment),
      ...present({
        oldestUs: spans.oldestRowMs === null ? null : int64(spans.oldestRowMs * 1000),
      }),
    },
    quarantinedFiles: int64(spans.quarantinedFiles),
    quarantineDir: spans.quarantineDir,
    dataDir: places.dataDir,
    lakeUri: places.lakeUri,
    databaseKind: places.databaseKind,
    ...present({
      diskFreeBytes: bytes(places.diskFreeBytes),
      diskSizeBytes: bytes(places.diskSizeBytes),
      databaseSizeBytes: bytes(places.databaseSizeBytes),
    }),
  };
}
