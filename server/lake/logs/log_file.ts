/**
 * The Parquet files of `logs`.
 *
 * @module
 */

import type { RowBounds } from "../traces/contract.ts";
import {
  type ColumnData,
  lowerBound,
  type SegmentData,
  type SparseBytesColumn,
} from "../traces/segment/column_data.ts";
import {
  columnOfKind,
  type FileFormat,
  fileLayout,
  minMax,
  services,
  textBounds,
  traceHashes,
} from "../traces/segment/table_file.ts";
import { logColumnIndex, type LogColumnName } from "./log_columns.ts";
import { LOG_COLUMNS } from "./schema.ts";

/** Longer service names are left out of the statistics: an upper bound may not simply be cut. */
const MAX_STATISTIC_CHARS = 64;

function ofKind<K extends ColumnData["kind"]>(
  segment: SegmentData,
  name: LogColumnName,
  kind: K,
): Extract<ColumnData, { kind: K }> {
  return columnOfKind(segment, logColumnIndex(name), kind);
}

function bounds(segment: SegmentData, from: number, to: number): RowBounds {
  const [minStartUs, maxStartUs] = minMax(ofKind(segment, "time", "int64").values, from, to);
  return {
    rows: to - from,
    minStartUs,
    maxStartUs,
    maxEndUs: maxStartUs,
    services: services(ofKind(segment, "service_name", "dict"), from, to),
    traceHashes: logTraceHashes(ofKind(segment, "trace_id", "sparseBytes"), from, to),
  };
}

function logTraceHashes(
  column: SparseBytesColumn,
  from: number,
  to: number,
): BigUint64Array<ArrayBuffer> {
  const first = lowerBound(column.rows, column.count, from);
  const last = lowerBound(column.rows, column.count, to);
  const offsets = new Int32Array(last - first);
  for (let i = first; i < last; i++) offsets[i - first] = (column.ends[i] ?? 0) - TRACE_ID_BYTES;
  return traceHashes(column.bytes, offsets);
}

const TRACE_ID_BYTES = 16;

/** ISO 8601 with milliseconds: readers differ in what finer digits they accept, so bounds are widened to these. */
const isoMs = (timeMs: number): string => new Date(timeMs).toISOString();

/** Files of log records. */
export const LOG_FORMAT: FileFormat = {
  ...fileLayout(LOG_COLUMNS, "time", new Set(["time", "service_name", "severity_number"])),
  times: (segment) => ofKind(segment, "time", "int64").values,
  bounds,
  stats(segment, from, to, { file, nullCounts }) {
    const severity = minMax(ofKind(segment, "severity_number", "int32").values, from, to);
    const service = textBounds(ofKind(segment, "service_name", "dict"), from, to);
    const isShort = service.every((name) => name.length <= MAX_STATISTIC_CHARS);
    return JSON.stringify({
      numRecords: file.rows,
      minValues: {
        ...(isShort ? { service_name: service[0] } : {}),
        time: isoMs(Math.floor(file.minStartUs / 1000)),
        severity_number: severity[0],
      },
      maxValues: {
        ...(isShort ? { service_name: service[1] } : {}),
        time: isoMs(Math.ceil(file.maxStartUs / 1000)),
        severity_number: severity[1],
      },
      nullCount: Object.fromEntries(LOG_COLUMNS.map(({ name }, i) => [name, nullCounts[i]])),
    });
  },
};
