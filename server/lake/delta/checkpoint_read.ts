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

/** Columns that hold actions. */
const COLUMNS = [
  "add",
  "remove",
  "metaData",
  "protocol",
  "txn",
  "domainMetadata",
  "sidecar",
] as const;

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
    for (const [index, row] of rows.entries()) {
      for (const column of COLUMNS) {
        const body = row[column];
        if (body === null || body === undefined) continue;
        try {
          const action = plain(body);
          if (column === "add") adds.push(addSchema.parse(action));
          else if (column === "remove") removes.push(removeSchema.parse(action));
          else if (column === "txn") txns.push(txnSchema.parse(action));
          else if (column === "domainMetadata") domains.push(domainMetadataSchema.parse(action));
          else if (column === "metaData") metaData = metaDataSchema.parse(action);
          else if (column === "protocol") protocol = protocolSchema.parse(action);
          else refuseSidecar(table, version);
        } catch (cause) {
          if (!(cause instanceof z.ZodError)) throw cause;
          const reason = z.prettifyError(cause).replaceAll("\n", " ");
          const what = `row ${index} of the checkpoint has a malformed ${column} action: ${reason}`;
          throw damagedLog(table, version, what, cause);
        }
      }
    }
  }
  return { adds, removes, metaData, protocol, txns, domains, commitInfo: undefined };
}

function refuseSidecar(table: string, version: number): never {
  throw tableError(
    "NOT_IMPLEMENTED",
    table,
    `the checkpoint of version ${version} needs the Delta table feature v2Checkpoint, not supported here: drop it ` +
      `(ALTER TABLE … DROP FEATURE v2Checkpoint)`,
  );
}
