/**
 * The columns of the `logs` Delta table, in file order.
 *
 * @module
 */

import type { ColumnSpec, ColumnType } from "../traces/schema.ts";
import { SPAN_PARTITION_COLUMN } from "../traces/schema.ts";
import type { TableShape } from "../traces/store/table_shape.ts";

const column = (
  name: string,
  type: ColumnType,
  nullable: boolean,
  doc: string,
): ColumnSpec => ({ name, type, nullable, doc });

/** Columns stored in every Parquet file of `logs` (the partition column is not stored in files). */
export const LOG_COLUMNS: readonly ColumnSpec[] = [
  column(
    "record_id",
    "binary",
    false,
    "24 bytes made of what the record, its scope and its resource hold: a request sent twice is stored once.",
  ),
  column(
    "time",
    "timestamp",
    false,
    "When it happened, else when it was observed, else when it arrived; microseconds since the epoch, UTC.",
  ),
  column("observed_time", "timestamp", false, "When it was observed, else when it arrived."),
  column(
    "sequence",
    "integer",
    false,
    "Place of the record in the request it came with: records of one instant stand in the order they were sent.",
  ),
  column("trace_id", "binary", true, "W3C trace id, 16 bytes; null outside of traces."),
  column("span_id", "binary", true, "W3C span id, 8 bytes; null outside of spans."),
  column("flags", "integer", false, "W3C trace flags (u32 bits as a signed integer)."),
  column("service_name", "string", false, "Resource attribute `service.name`, else `unknown`."),
  column("scope_name", "string", false, "Instrumentation scope name, else `unknown`."),
  column("scope_version", "string", true, "Instrumentation scope version."),
  column("scope_attributes", "string", true, "Scope attributes as one JSON object."),
  column("resource_attributes", "string", true, "Resource attributes as one JSON object."),
  column("severity_number", "integer", false, "1 (trace) to 24 (fatal); 0 when not given."),
  column("severity_text", "string", true, "Severity as the source calls it."),
  column("event_name", "string", true, "Event name, or the attribute `event.name`."),
  column("body", "string", true, "The body as JSON text; null when there is none."),
  column(
    "attributes",
    "map<string,string>",
    false,
    "Attributes; every value is JSON text, written as in `trace_spans`.",
  ),
  column("dropped_attributes_count", "integer", true, "As reported by the client; null when 0."),
];

/** The partition column: the UTC date of `time`. */
export const LOG_PARTITION_COLUMN: ColumnSpec = {
  ...SPAN_PARTITION_COLUMN,
  doc: "UTC date of time; the partition column, kept in paths and not in files.",
};

/** The table of log records. */
export const LOG_TABLE: TableShape = {
  columns: LOG_COLUMNS,
  partitionColumn: LOG_PARTITION_COLUMN,
  timeColumn: "time",
  endColumn: "time",
  idColumns: ["record_id"],
  noun: "log record",
};
