/**
 * Pieces of SQL for DuckDB statements that take no parameters where we need them (`read_parquet` lists, `COPY … TO`).
 *
 * @module
 */

/** A string literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * A table function that reads Parquet files as they are, whatever their folders are called. With `positions`, every
 * row also says its file (`filename`) and its place in it (`file_row_number`).
 */
export const readParquet = (paths: readonly string[], positions = false): string =>
  `read_parquet([${
    paths.map(literal).join(", ")
  }], hive_partitioning = false, union_by_name = true` +
  `${positions ? ", filename = true, file_row_number = true" : ""})`;
