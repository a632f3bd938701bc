/**
 * Records of connections as the columns of their table: the schema and an Arrow IPC stream.
 *
 * @module
 */

import {
  Bool,
  type DataType,
  DateDay,
  Float64,
  Int64,
  makeData,
  Table,
  tableToIPC,
  TimestampMicrosecond,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import type { ServiceConnectionRecord } from "../service_map/record.ts";

const text = { type: "string" };
const optionalText = { anyOf: [{ type: "string" }, { type: "null" }], default: null };

/** JSON Schema of a record. */
export const CONNECTION_JSON_SCHEMA: string = JSON.stringify({
  title: "ServiceConnectionRecord",
  type: "object",
  properties: {
    source_service: text,
    destination_service: text,
    endpoint: text,
    method: text,
    status_code: { type: "integer" },
    latency_ms: { type: "number" },
    timestamp: { type: "string", format: "date-time" },
    trace_id: optionalText,
    error: { type: "boolean" },
    source_verified: { type: "boolean", default: false },
    tags: optionalText,
    request_schema: optionalText,
  },
  required: [
    "source_service",
    "destination_service",
    "endpoint",
    "method",
    "status_code",
    "latency_ms",
    "timestamp",
    "error",
  ],
});

/** Arrow's own conversion goes through milliseconds in floating point; the values are whole microseconds here. */
function timestamps(valuesMs: readonly number[]): Vector {
  const data = BigInt64Array.from(valuesMs, (ms) => BigInt(Math.round(ms * 1e3)));
  return new Vector([makeData({ type: new TimestampMicrosecond("UTC"), data })]);
}

/**
 * Writes records as one batch, with the columns that every dataset has: when it was made, its day, and its id.
 *
 * @param records At least one
 * @param batchId UUID; the same for every attempt to send the same records
 * @param createdMs When the batch was made, milliseconds since the epoch
 */
export function connectionBatch(
  records: readonly ServiceConnectionRecord[],
  batchId: string,
  createdMs: number,
): Uint8Array<ArrayBuffer> {
  const column = <T>(type: DataType, value: (record: ServiceConnectionRecord) => T): Vector =>
    vectorFromArray(records.map(value), type);
  // Names in the order of their bytes, then the dataset's own.
  const table = new Table({
    destination_service: column(new Utf8(), (record) => record.destination_service),
    endpoint: column(new Utf8(), (record) => record.endpoint),
    error: column(new Bool(), (record) => record.error),
    latency_ms: column(new Float64(), (record) => record.latency_ms),
    method: column(new Utf8(), (record) => record.method),
    request_schema: column(new Utf8(), (record) => record.request_schema),
    source_service: column(new Utf8(), (record) => record.source_service),
    source_verified: column(new Bool(), (record) => record.source_verified),
    status_code: column(new Int64(), (record) => BigInt(record.status_code)),
    tags: column(new Utf8(), (record) => record.tags),
    timestamp: timestamps(records.map((record) => Date.parse(record.timestamp))),
    trace_id: column(new Utf8(), (record) => record.trace_id),
    scouter_created_at: timestamps(records.map(() => createdMs)),
    scouter_partition_date: column(new DateDay(), () => new Date(createdMs)),
    scouter_batch_id: column(new Utf8(), () => batchId),
  });
  return new Uint8Array(tableToIPC(table, "stream"));
}
