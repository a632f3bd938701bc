/**
 * What the Parquet reader throws when bytes contradict the format.
 *
 * @module
 */

/** A file or page is not what its own metadata says: truncated, overwritten or never Parquet. */
export class ParquetReadError extends Error {
  override readonly name = "ParquetReadError";
}
