/**
 * The seam between the query engine (DuckDB) and everybody who asks it something.
 *
 * @module
 */

/** A parameter bound to `$1`, `$2`, …; never spliced into SQL. */
export type QueryParam =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly string[];

/** Limits and cancellation of one query. */
export interface QueryOptions {
  /** Interrupts the query when aborted (the client went away, shutdown). */
  readonly signal?: AbortSignal;
  /** Interrupts the query after this many milliseconds; the setting's default when absent. */
  readonly timeoutMs?: number;
}

/** Column-wise result: JavaScript touches columns, not rows, on hot paths. */
export interface QueryResult {
  readonly rowCount: number;
  readonly columnNames: readonly string[];
  /** Values by column, each of `rowCount` entries: bigint for 64-bit integers and timestamps (µs), Uint8Array for
   * BLOB, string, number, boolean, null, Map for MAP, array for LIST. */
  readonly columns: readonly (readonly unknown[])[];
}

/** The trusted engine: runs the server's own SQL only. */
export interface QueryEngine {
  /** Time limit of queries that name none of their own. */
  readonly defaultTimeoutMs: number;
  query(sql: string, params?: readonly QueryParam[], options?: QueryOptions): Promise<QueryResult>;
  close(): Promise<void>;
}
