/**
 * Reading classic and multi-part checkpoints (Delta protocol, "Checkpoints", "Checkpoint Schema").
 *
 * @module
 */

import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { z } from "zod";
import {
  addSchema,
  type CommitContent,
  domainMetadataSchema,
  metaDataSchema,
  protocolSchema,
  removeSchema,
  txnSchema,
} from "./actions.ts";
import { damagedLog, tableError } from "./errors.ts";

const rowSchema = z.object({
  add: addSchema.nullish(),
  remove: removeSchema.nullish(),
  metaData: metaDataSchema.nullish(),
  protocol: protocolSchema.nullish(),
  txn: txnSchema.nullish(),
  domainMetadata: domainMetadataSchema.nullish(),
  sidecar: z.unknown().optional(),
});
const COLUMNS = Object.keys(rowSchema.shape);

/** Parquet longs arrive as bigints and maps as plain objects; the actions want numbers where they are exact. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
  }
  if (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  ) {
    return Object.fromEntries(
      Object.entries(value)
        // Typed copies of what `stats` and `partitionValues` say as text.
        .filter(([name]) => name !== "stats_parsed" && name !== "partitionValues_parsed")
        .map(([key, inner]) => [key, plain(inner)]),
    );
  }
  return value;
}

/**
 * Reads the parts of a checkpoint.
 *
 * @param parts Content of each file; one for a classic checkpoint.
 * @param table Address of the table, for errors.
 * @param version Version of the checkpoint, for errors.
 * @throws {ScouterError} INTERNAL_ERROR when a part is damaged, NOT_IMPLEMENTED for V2 checkpoints with sidecars.
 */
export async function readCheckpoint(
  parts: readonly Uint8Array[],
  table: string,
  version: number,
): Promise<CommitContent> {
  const adds: z.output<typeof addSchema>[] = [];
  const removes: z.output<typeof removeSchema>[] = [];
  const txns: z.output<typeof txnSchema>[] = [];
  const domains: z.output<typeof domainMetadataSchema>[] = [];
  let metaData: z.output<typeof metaDataSchema> | undefined;
  let protocol: z.output<typeof protocolSchema> | undefined;
  for (const bytes of parts) {
    let rows: Record<string, unknown>[];
    try {
      // A buffer of its own: what a store returns may be a view into a larger one.
      const file = new Uint8Array(bytes).buffer;
      const metadata = await parquetMetadataAsync(file);
      const present = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
      rows = await parquetReadObjects({
        file,
        metadata,
        compressors,
        columns: COLUMNS.filter((column) => present.has(column)),
      });
    } catch (cause) {
      throw damagedLog(
        table,
        version,
        "the checkpoint is not a readable Parquet file (when all commits up to it are still there, deleting it is safe)",
        cause,
      );
    }
    for (const [index, raw] of rows.entries()) {
      const parsed = rowSchema.safeParse(plain(raw));
      if (!parsed.success) {
        const reason = z.prettifyError(parsed.error).replaceAll("\n", " ");
        throw damagedLog(
          table,
          version,
          `row ${index} of the checkpoint is malformed: ${reason}`,
          parsed.error,
        );
      }
      const row = parsed.data;
      if (row.sidecar != null) {
        throw tableError(
          "NOT_IMPLEMENTED",
          table,
          `the checkpoint of version ${version} needs the Delta table feature v2Checkpoint, not supported here: ` +
            `drop it (ALTER TABLE … DROP FEATURE v2Checkpoint)`,
        );
      }
      if (row.add) adds.push(row.add);
      if (row.remove) removes.push(row.remove);
      if (row.txn) txns.push(row.txn);
      if (row.domainMetadata) domains.push(row.domainMetadata);
      if (row.metaData) metaData = row.metaData;
      if (row.protocol) protocol = row.protocol;
    }
  }
  return { adds, removes, metaData, protocol, txns, domains, commitInfo: undefined };
}
