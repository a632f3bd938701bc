/**
 * Values going into DuckDB and coming out of it: binding of parameters, and reading of result columns as the plain
 * JavaScript values that {@linkcode QueryResult} promises.
 *
 * @module
 */

import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUUIDValue,
  type DuckDBValue,
  LIST,
  VARCHAR,
} from "@duckdb/node-api";
import type { QueryParam, QueryResult } from "./contract.ts";

const LIST_OF_VARCHAR = LIST(VARCHAR);

/**
 * Binds positional parameters. Whole numbers bind as BIGINT, others as DOUBLE, so that a comparison with an integer
 * column keeps its zone maps.
 *
 * @param statement A prepared statement with as many parameters as `params` has entries.
 * @param params Values for `$1`, `$2`, ….
 */
export function bindParams(
  statement: DuckDBPreparedStatement,
  params: readonly QueryParam[],
): void {
  params.forEach((value, at) => {
    const index = at + 1;
    if (value === null) statement.bindNull(index);
    else if (typeof value === "string") statement.bindVarchar(index, value);
    else if (typeof value === "bigint") statement.bindBigInt(index, value);
    else if (typeof value === "boolean") statement.bindBoolean(index, value);
    else if (typeof value === "number") {
      if (Number.isSafeInteger(value)) statement.bindBigInt(index, BigInt(value));
      else statement.bindDouble(index, value);
    } else if (value instanceof Uint8Array) statement.bindBlob(index, value);
    else statement.bindList(index, value, LIST_OF_VARCHAR);
  });
}

/** Turns DuckDB's wrapper objects into plain values; primitives pass through. */
export function plainValue(value: DuckDBValue): unknown {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof DuckDBBlobValue) return new Uint8Array(value.bytes);
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) {
    return value.micros;
  }
  if (value instanceof DuckDBMapValue) {
    const map = new Map<unknown, unknown>();
    for (const entry of value.entries) map.set(plainValue(entry.key), plainValue(entry.value));
    return map;
  }
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    return value.items.map(plainValue);
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(
      Object.entries(value.entries).map(([key, entry]) => [key, plainValue(entry)]),
    );
  }
  if (value instanceof DuckDBDateValue || value instanceof DuckDBUUIDValue) return value.toString();
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  return value;
}

/**
 * Reads a finished result column by column.
 *
 * @param result The materialised result of one statement.
 * @returns Names and values; every column has `rowCount` entries.
 */
export async function readColumns(result: DuckDBMaterializedResult): Promise<QueryResult> {
  const columnNames = result.columnNames();
  const columns: unknown[][] = columnNames.map(() => []);
  let rowCount = 0;
  for (const chunk of await result.fetchAllChunks()) {
    const base = rowCount;
    rowCount += chunk.rowCount;
    columns.forEach((column, index) => {
      chunk.visitColumnValues(index, (value, row) => {
        column[base + row] = plainValue(value);
      });
    });
  }
  return { rowCount, columnNames, columns };
}
