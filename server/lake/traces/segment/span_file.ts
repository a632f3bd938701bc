/**
 * Encodes row ranges of a segment as Parquet files of `trace_spans`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type ParquetColumnType, parquetSchema } from "../../parquet/schema.ts";
import { type ParquetCodec, ParquetFileWriter } from "../../parquet/writer.ts";
import type { EncodedFile, RowBounds } from "../contract.ts";
import { type ColumnType, SPAN_COLUMNS } from "../schema.ts";
import { dictionaryText } from "./byte_dictionary.ts";
import type { ColumnData, DictColumn, IdColumn, Int64Column, SegmentData } from "./column_data.ts";
import { encodeColumn } from "./column_encode.ts";
import type { StatsBounds } from "./delta_stats.ts";
import { columnIndex, type SpanColumnName } from "./span_columns.ts";
import { traceIdHashHigh, traceIdHashLow } from "./trace_id_hash.ts";

/**
 * Rows per row group. Reading a trace by id decompresses the groups that hold it: half the rows are half the work, for
 * 5 % more bytes.
 */
export const ROW_GROUP_ROWS = 4096;

/** More distinct services than this are not kept for pruning. */
const MAX_BOUND_SERVICES = 256;

const PARQUET_TYPES: Readonly<Partial<Record<ColumnType, ParquetColumnType>>> = {
  "binary": "binary",
  "string": "string",
  "integer": "int32",
  "long": "int64",
  "double": "double",
  "timestamp": "timestamp_micros",
  "map<string,string>": "map_string_string",
  "array<string>": "list_string",
};

const SCHEMA = parquetSchema(SPAN_COLUMNS.map(({ name, type, nullable }) => {
  const parquetType = PARQUET_TYPES[type];
  if (parquetType === undefined) throw new Error(`Column "${name}" has no Parquet form: ${type}`);
  return { name, type: parquetType, nullable };
}));

const STATISTICS_COLUMNS: ReadonlySet<string> = new Set<SpanColumnName>([
  "start_time",
  "end_time",
  "duration_ms",
  "status_code",
  "service_name",
]);
const WITH_STATISTICS = SPAN_COLUMNS.map(({ name }) => STATISTICS_COLUMNS.has(name));
const START_LEAF = SCHEMA.leaves.findIndex(({ path }) => path[0] === "start_time");

/** What {@linkcode encodeSpanFile} found besides the file. */
export interface EncodedSpans {
  readonly file: EncodedFile;
  /** Null count by column, in schema order. */
  readonly nullCounts: readonly number[];
}

/**
 * Encodes rows [from, to).
 *
 * @param sorted whether the rows ascend by start_time
 */
export function encodeSpanFile(
  segment: SegmentData,
  from: number,
  to: number,
  codec: ParquetCodec,
  sorted: boolean,
): EncodedSpans {
  const writer = new ParquetFileWriter(
    SCHEMA,
    sorted ? { codec, sortedByLeaf: START_LEAF } : { codec },
  );
  const nullCounts = SPAN_COLUMNS.map(() => 0);
  for (let start = from; start < to; start += ROW_GROUP_ROWS) {
    const end = Math.min(to, start + ROW_GROUP_ROWS);
    const leaves = segment.columns.flatMap((column, i) => {
      const chunks = encodeColumn(column, start, end, { statistics: WITH_STATISTICS[i]! });
      // An empty map counts as a null of its leaves, but the column itself is never null.
      if (SPAN_COLUMNS[i]!.nullable) nullCounts[i]! += chunks[0]!.nullCount;
      return chunks;
    });
    writer.addRowGroup(end - start, leaves);
  }
  return { file: { bytes: writer.finish(), ...rowBounds(segment, from, to) }, nullCounts };
}

function ofKind<K extends ColumnData["kind"]>(
  segment: SegmentData,
  name: SpanColumnName,
  kind: K,
): Extract<ColumnData, { kind: K }> {
  const column = segment.columns[columnIndex(name)];
  if (column?.kind !== kind) throw new Error(`Column "${name}" is not of kind ${kind}`);
  return column as Extract<ColumnData, { kind: K }>;
}

/** Start times of a segment. */
export function startTimes(segment: SegmentData): Float64Array {
  return ofKind(segment, "start_time", "int64").values;
}

/** Smallest and largest of values [from, to). */
export function minMax(
  values: Float64Array | Int32Array,
  from: number,
  to: number,
): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}

/** Bounds of rows [from, to). */
export function rowBounds(segment: SegmentData, from: number, to: number): RowBounds {
  const start: Int64Column = ofKind(segment, "start_time", "int64");
  const end: Int64Column = ofKind(segment, "end_time", "int64");
  const [minStartUs, maxStartUs] = minMax(start.values, from, to);
  const [, maxEndUs] = minMax(end.values, from, to);
  return {
    rows: to - from,
    minStartUs,
    maxStartUs,
    maxEndUs,
    services: services(ofKind(segment, "service_name", "dict"), from, to),
    traceHashes: traceHashes(ofKind(segment, "trace_id", "id"), from, to),
  };
}

function services(column: DictColumn, from: number, to: number): string[] | null {
  const seen = new Uint8Array(column.dictionary.count);
  const found: number[] = [];
  for (let row = from; row < to; row++) {
    const index = column.index[row]!;
    if (seen[index] === 1) continue;
    if (found.length === MAX_BOUND_SERVICES) return null;
    seen[index] = 1;
    found.push(index);
  }
  return found.map((index) => dictionaryText(column.dictionary, index));
}

function traceHashes(column: IdColumn, from: number, to: number): BigUint64Array<ArrayBuffer> {
  const hashes = new BigUint64Array(to - from);
  const words = new Int32Array(hashes.buffer);
  let count = 0;
  for (let row = from; row < to; row++) {
    const at = row * column.rowBytes + 4;
    const low = traceIdHashLow(column.bytes, at);
    const high = traceIdHashHigh(column.bytes, at);
    // Spans of a trace usually arrive together.
    if (count > 0 && words[count * 2 - 2] === low && words[count * 2 - 1] === high) continue;
    words[count * 2] = low;
    words[count * 2 + 1] = high;
    count++;
  }
  const sorted = hashes.subarray(0, count).sort();
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[kept++] = sorted[i]!;
  }
  return hashes.slice(0, kept);
}

/** Bounds for the Delta statistics of rows [from, to). */
export function spanStatsBounds(segment: SegmentData, from: number, to: number): StatsBounds {
  const names = ofKind(segment, "service_name", "dict");
  const [minEndUs] = minMax(ofKind(segment, "end_time", "int64").values, from, to);
  return {
    minEndUs,
    durationMs: minMax(ofKind(segment, "duration_ms", "int64").values, from, to),
    statusCode: minMax(ofKind(segment, "status_code", "int32").values, from, to),
    serviceName: textBounds(names, from, to),
  };
}

function textBounds(column: DictColumn, from: number, to: number): [string, string] {
  const seen = new Uint8Array(column.dictionary.count);
  let min: string | null = null;
  let max: string | null = null;
  for (let row = from; row < to; row++) {
    const index = column.index[row]!;
    if (seen[index] === 1) continue;
    seen[index] = 1;
    const text = dictionaryText(column.dictionary, index);
    if (min === null || compareUtf8(text, min) < 0) min = text;
    if (max === null || compareUtf8(text, max) > 0) max = text;
  }
  return [min ?? "", max ?? ""];
}

/** Compares by UTF-8 bytes, as Delta readers do; UTF-16 order differs above U+FFFF. */
function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
