/**
 * Turns a full segment into sorted, compressed Parquet files, one per UTC date.
 *
 * @module
 */
import type { SealedFile, SealSegment } from "../contract.ts";
import type { SegmentData } from "./column_data.ts";
import { permuteSegment } from "./column_permute.ts";
import { LOG_FORMAT } from "../../logs/log_file.ts";
import { dateOfDay, dayOf } from "./rfc3339.ts";
import { SPAN_FORMAT } from "./span_file.ts";
import { encodeFile } from "./table_file.ts";

/** Rows in ascending order of start, equal starts in row order; null when they are so already. */
export function sortOrder(starts: Float64Array, rows: number): Int32Array | null {
  let isSorted = true;
  let min = Infinity;
  let max = -Infinity;
  for (let row = 0; row < rows; row++) {
    const start = starts[row]!;
    if (start < max) isSorted = false;
    if (start < min) min = start;
    if (start > max) max = start;
  }
  if (isSorted) return null;
  const order = new Int32Array(rows);
  if ((max - min + 1) * rows <= Number.MAX_SAFE_INTEGER) {
    // Start and row in one double: sorting numbers natively is ten times faster than calling a comparator.
    const keys = new Float64Array(rows);
    for (let row = 0; row < rows; row++) keys[row] = (starts[row]! - min) * rows + row;
    keys.sort();
    for (let i = 0; i < rows; i++) order[i] = keys[i]! % rows;
    return order;
  }
  for (let row = 0; row < rows; row++) order[row] = row;
  return order.sort((a, b) => starts[a]! - starts[b]! || a - b);
}

/** Seals the payload of a detached segment. See {@linkcode SealSegment}. */
export const sealSegment: SealSegment = (payload) => {
  // The payload is opaque to callers and made by the builder's `detach` only.
  const segment = payload as SegmentData;
  const format = segment.table === "logs" ? LOG_FORMAT : SPAN_FORMAT;
  const order = sortOrder(format.times(segment), segment.rowCount);
  const sorted = order === null ? segment : permuteSegment(segment, order);
  const starts = format.times(sorted);
  const files: SealedFile[] = [];
  let from = 0;
  while (from < sorted.rowCount) {
    const day = dayOf(starts[from]!);
    let to = from + 1;
    if (dayOf(starts[sorted.rowCount - 1]!) === day) to = sorted.rowCount;
    else while (to < sorted.rowCount && dayOf(starts[to]!) === day) to++;
    const encoded = encodeFile(format, sorted, from, to, "zstd", true);
    const stats = format.stats(sorted, from, to, encoded);
    files.push({ ...encoded.file, partitionDate: dateOfDay(day), deltaStats: stats });
    from = to;
  }
  return files;
};
