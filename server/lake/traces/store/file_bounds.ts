/**
 * Bounds of Parquet files, asked of DuckDB: for files that were not just written by this process.
 *
 * @module
 */

import { ScouterError } from "../../../errors.ts";
import type { QueryEngine } from "../../query/contract.ts";
import type { RowBounds } from "../contract.ts";
import type { SegmentCodec } from "./options.ts";
import { readParquet } from "./sql.ts";

/** Files with more services than this are not pruned by service. */
const MAX_SERVICES = 256;

/** Upper bound of background statements, in milliseconds; queries of users have their own, shorter limit. */
export const BACKGROUND_TIMEOUT_MS = 3_600_000;

const options = { timeoutMs: BACKGROUND_TIMEOUT_MS };

/** Reads the bounds of one file. */
export async function readBounds(
  engine: QueryEngine,
  codec: SegmentCodec,
  path: string,
): Promise<RowBounds> {
  const from = readParquet([path]);
  const totals = await engine.query(
    `SELECT count(*), min(epoch_us(start_time)), max(epoch_us(start_time)), max(epoch_us(end_time)) FROM ${from}`,
    [],
    options,
  );
  const [rows = 0, minStartUs = 0, maxStartUs = 0, maxEndUs = 0] = totals.columns.map((column) =>
    Number(column[0] ?? 0)
  );
  const services = await engine.query(
    `SELECT DISTINCT service_name FROM ${from} ORDER BY 1 LIMIT ${MAX_SERVICES + 1}`,
    [],
    options,
  );
  const traces = await engine.query(`SELECT DISTINCT trace_id FROM ${from}`, [], options);
  const hashes = new BigUint64Array(traces.rowCount);
  traces.columns[0]?.forEach((id, i) => {
    hashes[i] = codec.traceIdHash(asBytes(id), 0);
  });
  return {
    rows,
    minStartUs,
    maxStartUs,
    maxEndUs,
    services: services.rowCount > MAX_SERVICES ? null : (services.columns[0] ?? []).map(String),
    traceHashes: hashes.sort(),
  };
}

/** Trace and span ids of files, row by row. */
export async function readIds(
  engine: QueryEngine,
  paths: readonly string[],
  each: (traceId: Uint8Array, spanId: Uint8Array) => void,
): Promise<void> {
  for (const path of paths) {
    const ids = await engine.query(
      `SELECT trace_id, span_id FROM ${readParquet([path])}`,
      [],
      options,
    );
    const [traces = [], spans = []] = ids.columns;
    for (let i = 0; i < ids.rowCount; i++) each(asBytes(traces[i]), asBytes(spans[i]));
  }
}

/** Narrows a BLOB value. */
export function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new ScouterError("INTERNAL_ERROR", `Expected a BLOB from DuckDB, got ${typeof value}.`);
}
