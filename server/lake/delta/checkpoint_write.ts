/**
 * Writing classic V1 checkpoints (Delta protocol, "Checkpoints").
 *
 * @module
 */

import { parquetWriteBuffer } from "hyparquet-writer";
import type { RemoveAction } from "./actions.ts";
import { CHECKPOINT_COLUMNS, checkpointSchema } from "./checkpoint_schema.ts";
import { tableError } from "./errors.ts";
import { encodeLastCheckpoint, parseLastCheckpoint } from "./last_checkpoint.ts";
import type { DeltaLog } from "./log.ts";
import { checkpointKey, LAST_CHECKPOINT } from "./paths.ts";
import { readProperties, type TableProperties } from "./properties.ts";
import { checkWritable, OUR_PROTOCOL } from "./protocol.ts";
import type { Snapshot } from "./snapshot.ts";

/** Longs are written as 64-bit integers. */
const long = (value: number | undefined): bigint | undefined =>
  value === undefined ? undefined : BigInt(value);

/** Whether the file behind a tombstone may still be needed by readers of older versions. */
export function isTombstoneAlive(
  remove: RemoveAction,
  nowMs: number,
  retentionMs: number,
): boolean {
  return (remove.deletionTimestamp ?? 0) > nowMs - retentionMs;
}

/** One row per action: an object with one field set. */
function* checkpointRows(
  snapshot: Snapshot,
  properties: TableProperties,
  nowMs: number,
): Iterable<Record<string, unknown>> {
  const { protocol, metadata } = snapshot;
  yield { protocol };
  yield { metaData: { ...metadata, createdTime: long(metadata.createdTime) } };
  for (const txn of snapshot.txnActions.values()) {
    yield { txn: { ...txn, version: long(txn.version), lastUpdated: long(txn.lastUpdated) } };
  }
  for (const domainMetadata of snapshot.domains.values()) yield { domainMetadata };
  for (const { add } of snapshot.files.values()) {
    yield {
      add: {
        ...add,
        size: long(add.size),
        modificationTime: long(add.modificationTime),
        dataChange: false,
        stats: properties.writeStatsAsJson ? add.stats : undefined,
      },
    };
  }
  for (const remove of snapshot.tombstones.values()) {
    if (!isTombstoneAlive(remove, nowMs, properties.deletedFileRetentionMs)) continue;
    yield {
      remove: {
        ...remove,
        deletionTimestamp: long(remove.deletionTimestamp),
        dataChange: false,
        size: long(remove.size),
      },
    };
  }
}

/**
 * Encodes a snapshot as a checkpoint file.
 *
 * @param snapshot State to write.
 * @param properties The table's properties.
 * @param nowMs Tombstones that have expired by then are left out.
 */
export function encodeCheckpoint(
  snapshot: Snapshot,
  properties: TableProperties,
  nowMs: number,
): { readonly bytes: Uint8Array; readonly actions: number } {
  const rows = [...checkpointRows(snapshot, properties, nowMs)];
  const buffer = parquetWriteBuffer({
    schema: checkpointSchema(),
    columnData: CHECKPOINT_COLUMNS.map((name) => ({ name, data: rows.map((row) => row[name]) })),
    createdBy: "Scouter",
  });
  return { bytes: new Uint8Array(buffer), actions: rows.length };
}

/**
 * Writes the checkpoint of a snapshot and moves the pointer to it, unless the pointer is further already.
 *
 * @throws {ScouterError} NOT_IMPLEMENTED when the table wants statistics as columns
 * (`delta.checkpoint.writeStatsAsStruct`) and says so in a protocol that makes it binding.
 */
export async function writeCheckpoint(
  log: DeltaLog,
  snapshot: Snapshot,
  nowMs: number,
): Promise<void> {
  checkWritable(snapshot.protocol, snapshot.metadata, log.table);
  const properties = readProperties(snapshot.metadata, log.table);
  if (
    properties.writeStatsAsStruct &&
    snapshot.protocol.minWriterVersion > OUR_PROTOCOL.minWriterVersion
  ) {
    throw tableError(
      "NOT_IMPLEMENTED",
      log.table,
      "checkpoints with delta.checkpoint.writeStatsAsStruct are not supported: unset that property, or let another " +
        "engine write the checkpoints",
    );
  }
  const { bytes, actions } = encodeCheckpoint(snapshot, properties, nowMs);
  await log.store.put(log.key(checkpointKey(snapshot.version)), bytes);
  const pointer = await log.store.get(log.key(LAST_CHECKPOINT));
  const pointed = pointer === null ? undefined : parseLastCheckpoint(pointer);
  if (pointed !== undefined && pointed > snapshot.version) return;
  await log.store.put(
    log.key(LAST_CHECKPOINT),
    encodeLastCheckpoint({
      version: snapshot.version,
      size: actions,
      sizeInBytes: bytes.length,
      numOfAddFiles: snapshot.files.size,
    }),
  );
}
