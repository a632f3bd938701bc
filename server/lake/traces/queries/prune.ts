/**
 * Choosing the files a query must read, in JavaScript, before the engine sees any.
 *
 * @module
 */

import type { SpanFile } from "../contract.ts";

/** What the rows a query wants are known to satisfy. */
export interface PruneBy {
  /** Lower bound of start_time, inclusive, µs. */
  readonly fromUs?: number;
  /** Upper bound of start_time, exclusive, µs. */
  readonly toUs?: number;
  /** Services, one of which every wanted row has. */
  readonly services?: readonly string[];
  /** Hashes of trace ids, one of which every wanted row has. */
  readonly traceHashes?: readonly bigint[];
}

/** The files that may hold a wanted row. Never drops a file that does. */
export function pruneFiles(files: readonly SpanFile[], by: PruneBy): SpanFile[] {
  const { fromUs = -Infinity, toUs = Infinity, services, traceHashes } = by;
  return files.filter((file) =>
    file.rows > 0 && file.maxStartUs >= fromUs && file.minStartUs < toUs &&
    (services === undefined || file.services === null ||
      services.some((service) => file.services?.includes(service))) &&
    (traceHashes === undefined || traceHashes.some((hash) => file.mayContainTrace(hash)))
  );
}

/** What slicing looks at. */
type RowSpread = Pick<SpanFile, "rows" | "minStartUs" | "maxStartUs">;

/**
 * The lower end of a slice of time that ends at `toUs` and holds about `rows` rows, judged by the files' row counts
 * as if rows were spread evenly over each file.
 *
 * @returns The greatest `fromUs` that reaches `rows`; `-Infinity` when all rows before `toUs` are fewer.
 */
export function sliceStart(files: readonly RowSpread[], toUs: number, rows: number): number {
  const before = files.filter((file) => file.rows > 0 && file.minStartUs < toUs);
  const estimate = (fromUs: number) => {
    let sum = 0;
    for (const file of before) {
      const high = Math.min(toUs, file.maxStartUs + 1);
      const low = Math.max(fromUs, file.minStartUs);
      if (low < high) sum += file.rows * (high - low) / (file.maxStartUs + 1 - file.minStartUs);
    }
    return sum;
  };
  let low = Math.min(...before.map((file) => file.minStartUs));
  if (before.length === 0 || estimate(low) <= rows) return -Infinity;
  let high = Math.min(toUs, Math.max(...before.map((file) => file.maxStartUs + 1)));
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (estimate(middle) >= rows) low = middle;
    else high = middle;
  }
  return low;
}

/** The mirror of {@linkcode sliceStart}: the upper end of a slice that begins at `fromUs`. */
export function sliceEnd(files: readonly RowSpread[], fromUs: number, rows: number): number {
  // Mirrored in time, [min, max] becomes [-max, -min] and the exclusive end -fromUs + 1.
  const mirrored = files.map((file) => ({
    rows: file.rows,
    minStartUs: -file.maxStartUs,
    maxStartUs: -file.minStartUs,
  }));
  return 1 - sliceStart(mirrored, 1 - fromUs, rows);
}
