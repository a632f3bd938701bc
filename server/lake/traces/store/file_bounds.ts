/**
 * Bounds of Parquet files, asked of DuckDB: for files that were not just written by this process.
 *
 * @module
 */

import { ScouterError } from "../../../errors.ts";
import type { QueryEngine } from "../../query/contract.ts";
import type { RowBounds } from "../contract.ts";
import type { SegmentCodec } from "./options.ts";
import { literal, readParquet } from "./sql.ts";
import type { TableShape } from "./table_shape.ts";

/** Files with more services than this are not pruned by service. */
const MAX_SERVICES = 256;

/** Upper bound of background statements, in milliseconds; queries of users have their own, shorter limit. */
export const BACKGROUND_TIMEOUT_MS = 3_600_000;

const options = { timeoutMs: BACKGROUND_TIMEOUT_MS };

/** Reads the bounds of one file. */
export async function readBounds(
  engine: QueryEngine,
  codec: SegmentCodec,
  { timeColumn, endColumn }: TableShape,
  path: string,
): Promise<RowBounds> {
  // Ids come as one text: a value a row would cost ten times as much on the way into JavaScript.
  const result = await engine.query(
    `SELECT count(*), min(epoch_us(${timeColumn})), max(epoch_us(${timeColumn})), ` +
      `max(epoch_us(${endColumn})), ` +
      `list(DISTINCT service_name), string_agg(DISTINCT hex(trace_id), '') FROM ${
        readParquet([path])
      }`,
    [],
    options,
  );
  const [rows = 0, minStartUs = 0, maxStartUs = 0, maxEndUs = 0] = result.columns.slice(0, 4).map(
    (column) => Number(column[0] ?? 0),
  );
  const services = result.columns[4]?.[0];
  const names = Array.isArray(services) ? services.map(String).sort() : [];
  const bytes = unhex(result.columns[5]?.[0]);
  const hashes = new BigUint64Array(Math.floor(bytes.length / TRACE_ID_BYTES));
  for (let i = 0; i < hashes.length; i++) hashes[i] = codec.traceIdHash(bytes, i * TRACE_ID_BYTES);
  return {
    rows,
    minStartUs,
    maxStartUs,
    maxEndUs,
    services: names.length > MAX_SERVICES ? null : names,
    traceHashes: hashes.sort(),
  };
}

/**
 * Reads the ids of a file's rows.
 *
 * @param each Called for every row with the offset of its 24 bytes.
 */
export async function readIds(
  engine: QueryEngine,
  { idColumns }: TableShape,
  path: string,
  each: (ids: Uint8Array, at: number) => void,
): Promise<void> {
  const result = await engine.query(
    `SELECT string_agg(${idColumns.map((name) => `hex(${name})`).join(" || ")}, '') ` +
      `FROM read_parquet(${literal(path)}, hive_partitioning = false, file_row_number = true) ` +
      `GROUP BY file_row_number // ${ID_CHUNK_ROWS}`,
    [],
    options,
  );
  for (const chunk of result.columns[0] ?? []) {
    const bytes = unhex(chunk);
    for (let at = 0; at + ID_BYTES <= bytes.length; at += ID_BYTES) each(bytes, at);
  }
}

const TRACE_ID_BYTES = 16;
const ID_BYTES = 24;
const ID_CHUNK_ROWS = 65_536;

/** Bytes of upper-case hexadecimal digits, as DuckDB writes them. */
function unhex(value: unknown): Uint8Array {
  if (value === null || value === undefined) return new Uint8Array(0);
  if (typeof value !== "string") {
    throw new ScouterError("INTERNAL_ERROR", `Expected text from DuckDB, got ${typeof value}.`);
  }
  const bytes = new Uint8Array(value.length >>> 1);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = nibble(value.charCodeAt(2 * i)) << 4 | nibble(value.charCodeAt(2 * i + 1));
  }
  return bytes;
}

const nibble = (code: number): number => code < 0x40 ? code - 0x30 : code - 0x37;
