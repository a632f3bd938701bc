/**
 * Connection records on the wire (Arrow IPC stream) and in memory.
 *
 * @module
 */

import { type Data, DataType, RecordBatchReader, TimeUnit, type Vector } from "apache-arrow";
import { ScouterError } from "../errors.ts";
import { CONNECTION_COLUMNS, type ConnectionColumn } from "./connection_columns.ts";

/** A value of a column: timestamps are microseconds since the epoch. */
export type ConnectionValue = string | bigint | number | boolean | null;

/** Rows by column, in the order of {@linkcode CONNECTION_COLUMNS}. */
export interface ConnectionRows {
  readonly count: number;
  readonly columns: readonly (readonly ConnectionValue[])[];
}

/** Continuation marker and a length of zero (Arrow columnar format, "IPC Streaming Format"). */
const END_OF_STREAM = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
const MAX_TEXT_CHARS = 1 << 20;

/**
 * Reads an Arrow IPC stream. No bytes are no rows.
 *
 * @throws {ScouterError} BAD_REQUEST naming the column that is missing or wrong.
 */
export function decodeConnections(bytes: Uint8Array): ConnectionRows {
  const columns: ConnectionValue[][] = CONNECTION_COLUMNS.map(() => []);
  if (bytes.length === 0) return { count: 0, columns };
  // The reader takes a stream that was cut off for a short one, which would lose rows without a word.
  if (!END_OF_STREAM.every((byte, at) => bytes.at(at - END_OF_STREAM.length) === byte)) {
    throw bad("it does not end as an IPC stream ends; was it cut off?");
  }
  let count = 0;
  try {
    for (const batch of RecordBatchReader.from(bytes)) {
      CONNECTION_COLUMNS.forEach((column, at) => {
        const vector = batch.getChild(column.name);
        if (vector === null) throw bad(`column "${column.name}" is missing`);
        for (const value of valuesOf(vector, column)) columns[at]?.push(value);
      });
      count += batch.numRows;
    }
  } catch (cause) {
    if (cause instanceof ScouterError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ScouterError("BAD_REQUEST", `Invalid IPC data: ${reason}`, { cause });
  }
  return { count, columns };
}

function* valuesOf(vector: Vector, column: ConnectionColumn): Iterable<ConnectionValue> {
  if (column.type === "timestamp") {
    for (const chunk of vector.data) yield* timesOf(chunk, column);
    return;
  }
  for (const value of vector) yield checked(value, column);
}

/** Arrow's accessor rounds microseconds to milliseconds, so the values are read from their buffer. */
function* timesOf(chunk: Data, column: ConnectionColumn): Iterable<ConnectionValue> {
  const { type, values, length } = chunk;
  const isMicros = DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND;
  if (!isMicros || !(values instanceof BigInt64Array)) {
    throw bad(`column "${column.name}" must be a timestamp in microseconds, got ${type}`);
  }
  for (let i = 0; i < length; i++) {
    const value = chunk.getValid(i) ? values[i] : undefined;
    if (value === undefined) throw bad(`column "${column.name}" is null in row ${i}`);
    yield value;
  }
}

function checked(value: unknown, column: ConnectionColumn): ConnectionValue {
  const { name, type, nullable } = column;
  if (value === null || value === undefined) {
    if (nullable) return null;
    throw bad(`column "${name}" is null`);
  }
  switch (type) {
    case "string":
      if (typeof value === "string" && value.length <= MAX_TEXT_CHARS) return value;
      break;
    case "long":
      if (typeof value === "bigint") return value;
      if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
      break;
    case "double":
      if (typeof value === "number" && Number.isFinite(value)) return value;
      break;
    case "boolean":
      if (typeof value === "boolean") return value;
      break;
  }
  throw bad(`column "${name}" holds a ${typeof value} that is not a ${type}`);
}

const bad = (problem: string) => new ScouterError("BAD_REQUEST", `Invalid IPC data: ${problem}.`);
