/**
 * The Parquet files of `trace_spans`.
 *
 * @module
 */
import type { ParquetCodec } from "../../parquet/writer.ts";
import { SPAN_COLUMNS } from "../schema.ts";
import type { RowBounds } from "../contract.ts";
import type { ColumnData, IdColumn, SegmentData } from "./column_data.ts";
import { deltaStats } from "./delta_stats.ts";
import { columnIndex, type SpanColumnName } from "./span_columns.ts";
import {
  columnOfKind,
  type EncodedRows,
  encodeFile,
  type FileFormat,
  fileLayout,
  minMax,
  services,
  textBounds,
  traceHashes,
} from "./table_file.ts";

export { ROW_GROUP_ROWS } from "./table_file.ts";

const STATISTICS_COLUMNS: ReadonlySet<string> = new Set<SpanColumnName>([
  "start_time",
  "end_time",
  "duration_ms",
  "status_code",
  "service_name",
]);

function ofKind<K extends ColumnData["kind"]>(
  segment: SegmentData,
  name: SpanColumnName,
  kind: K,
): Extract<ColumnData, { kind: K }> {
  return columnOfKind(segment, columnIndex(name), kind);
}

function bounds(segment: SegmentData, from: number, to: number): RowBounds {
  const [minStartUs, maxStartUs] = minMax(ofKind(segment, "start_time", "int64").values, from, to);
  const [, maxEndUs] = minMax(ofKind(segment, "end_time", "int64").values, from, to);
  return {
    rows: to - from,
    minStartUs,
    maxStartUs,
    maxEndUs,
    services: services(ofKind(segment, "service_name", "dict"), from, to),
    traceHashes: spanTraceHashes(ofKind(segment, "trace_id", "id"), from, to),
  };
}

function spanTraceHashes(column: IdColumn, from: number, to: number): BigUint64Array<ArrayBuffer> {
  const offsets = new Int32Array(to - from);
  // Each id follows its 32-bit length.
  for (let row = from; row < to; row++) offsets[row - from] = row * column.rowBytes + 4;
  return traceHashes(column.bytes, offsets);
}

/** Files of spans. */
export const SPAN_FORMAT: FileFormat = {
  ...fileLayout(SPAN_COLUMNS, "start_time", STATISTICS_COLUMNS),
  times: (segment) => ofKind(segment, "start_time", "int64").values,
  bounds,
  stats(segment, from, to, { file, nullCounts }) {
    const [minEndUs] = minMax(ofKind(segment, "end_time", "int64").values, from, to);
    return deltaStats(file, {
      minEndUs,
      durationMs: minMax(ofKind(segment, "duration_ms", "int64").values, from, to),
      statusCode: minMax(ofKind(segment, "status_code", "int32").values, from, to),
      serviceName: textBounds(ofKind(segment, "service_name", "dict"), from, to),
    }, nullCounts);
  },
};

/**
 * Encodes rows [from, to) of a segment of spans.
 *
 * @param sorted whether the rows ascend by start_time
 */
export function encodeSpanFile(
  segment: SegmentData,
  from: number,
  to: number,
  codec: ParquetCodec,
  sorted: boolean,
): EncodedRows {
  return encodeFile(SPAN_FORMAT, segment, from, to, codec, sorted);
}
