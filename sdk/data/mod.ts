/**
 * Data in: one small column abstraction that every engine uses.
 *
 * {@linkcode toTable} reads records, columns, matrices and Apache Arrow tables; `files.ts` beside it reads Parquet,
 * CSV and JSON where the runtime can.
 *
 * @module
 */

export * from "./arrow.ts";
export * from "./column.ts";
export { parseCsv } from "./csv.ts";
export * from "./error.ts";
export * from "./infer.ts";
export * from "./json_rows.ts";
export * from "./table.ts";
export * from "./utf8_order.ts";
