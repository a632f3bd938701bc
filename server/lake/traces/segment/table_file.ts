/**
 * Encodes row ranges of a segment as Parquet files, whichever table they belong to.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type ParquetColumnType, type ParquetSchema, parquetSchema } from "../../parquet/schema.ts";
import { type ParquetCodec, ParquetFileWriter } from "../../parquet/writer.ts";
import type { EncodedFile, RowBounds } from "../contract.ts";
import type { ColumnSpec, ColumnType } from "../schema.ts";
import { dictionaryText } from "./byte_dictionary.ts";
import type { ColumnData, DictColumn, SegmentData } from "./column_data.ts";
import { encodeColumn } from "./column_encode.ts";
import { traceIdHashHigh, traceIdHashLow } from "./trace_id_hash.ts";

/**
 * Rows per row group. Reading a trace by id decompresses the groups that hold it: half the rows are half the work, for
 * 5 % more bytes.
 */
export const ROW_GROUP_ROWS = 4096;

/** More distinct services than this are not kept for pruning. */
const MAX_BOUND_SERVICES = 256;

/** What of a table its files need to know. */
export interface FileFormat {
  readonly columns: readonly ColumnSpec[];
  readonly schema: ParquetSchema;
  /** Whether the column at each place has statistics. */
  readonly withStatistics: readonly boolean[];
  /** Leaf of the time that rows are sorted by. */
  readonly timeLeaf: number;
  /** Times that rows are sorted by. */
  times(segment: SegmentData): Float64Array;
  /** Bounds of rows [from, to). */
  bounds(segment: SegmentData, from: number, to: number): RowBounds;
  /** The `stats` text of the Delta `add` action of a file with rows [from, to). */
  stats(segment: SegmentData, from: number, to: number, encoded: EncodedRows): string;
}

/** An encoded file and what was found on the way. */
export interface EncodedRows {
  readonly file: EncodedFile;
  /** Null count by column, in schema order. */
  readonly nullCounts: readonly number[];
}

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

/** The parts of a {@linkcode FileFormat} that follow from its columns. */
export function fileLayout(
  columns: readonly ColumnSpec[],
  timeColumn: string,
  statisticsColumns: ReadonlySet<string>,
): Pick<FileFormat, "columns" | "schema" | "withStatistics" | "timeLeaf"> {
  const schema = parquetSchema(columns.map(({ name, type, nullable }) => {
    const parquetType = PARQUET_TYPES[type];
    if (parquetType === undefined) throw new Error(`Column "${name}" has no Parquet form: ${type}`);
    return { name, type: parquetType, nullable };
  }));
  return {
    columns,
    schema,
    withStatistics: columns.map(({ name }) => statisticsColumns.has(name)),
    timeLeaf: schema.leaves.findIndex(({ path }) => path[0] === timeColumn),
  };
}

/**
 * Encodes rows [from, to).
 *
 * @param sorted whether the rows ascend by time
 */
export function encodeFile(
  format: FileFormat,
  segment: SegmentData,
  from: number,
  to: number,
  codec: ParquetCodec,
  sorted: boolean,
): EncodedRows {
  const { columns, schema, withStatistics, timeLeaf } = format;
  const writer = new ParquetFileWriter(
    schema,
    sorted ? { codec, sortedByLeaf: timeLeaf } : { codec },
  );
  const nullCounts = columns.map(() => 0);
  for (let start = from; start < to; start += ROW_GROUP_ROWS) {
    const end = Math.min(to, start + ROW_GROUP_ROWS);
    const leaves = segment.columns.flatMap((column, i) => {
      const chunks = encodeColumn(column, start, end, { statistics: withStatistics[i]! });
      // An empty map counts as a null of its leaves, but the column itself is never null.
      if (columns[i]!.nullable) nullCounts[i]! += chunks[0]!.nullCount;
      return chunks;
    });
    writer.addRowGroup(end - start, leaves);
  }
  return { file: { bytes: writer.finish(), ...format.bounds(segment, from, to) }, nullCounts };
}

/** A column of a segment, of the kind its builder makes. */
export function columnOfKind<K extends ColumnData["kind"]>(
  segment: SegmentData,
  index: number,
  kind: K,
): Extract<ColumnData, { kind: K }> {
  const column = segment.columns[index];
  if (column?.kind !== kind) throw new Error(`Column ${index} is not of kind ${kind}`);
  return column as Extract<ColumnData, { kind: K }>;
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

/** Distinct services of rows [from, to); null when there are too many to keep. */
export function services(column: DictColumn, from: number, to: number): string[] | null {
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

/**
 * Sorted distinct hashes of trace ids.
 *
 * @param bytes Holds the ids.
 * @param offsets Where each row's id starts.
 */
export function traceHashes(bytes: Uint8Array, offsets: Int32Array): BigUint64Array<ArrayBuffer> {
  const hashes = new BigUint64Array(offsets.length);
  const words = new Int32Array(hashes.buffer);
  let count = 0;
  for (const at of offsets) {
    const low = traceIdHashLow(bytes, at);
    const high = traceIdHashHigh(bytes, at);
    // Rows of a trace usually arrive together.
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

/** Smallest and largest text of rows [from, to), compared by UTF-8 bytes. */
export function textBounds(column: DictColumn, from: number, to: number): [string, string] {
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
