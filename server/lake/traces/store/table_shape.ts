/**
 * What the store has to know of the table it keeps: everything else is the segment codec's affair.
 *
 * @module
 */

import { type ColumnSpec, SPAN_COLUMNS, SPAN_PARTITION_COLUMN } from "../schema.ts";

/** A table of rows that carry a trace id, a service and a time, partitioned by the date of the time. */
export interface TableShape {
  readonly columns: readonly ColumnSpec[];
  readonly partitionColumn: ColumnSpec;
  /** The time rows are sorted, partitioned and pruned by. */
  readonly timeColumn: string;
  /** Where a row's time ends; the same column when rows are instants. */
  readonly endColumn: string;
  /** Columns that together tell a row from all others: 24 bytes. */
  readonly idColumns: readonly string[];
  /** What a row is, in messages and in the names of metrics. */
  readonly noun: "span" | "log record";
}

/** The table of spans. */
export const SPAN_TABLE: TableShape = {
  columns: SPAN_COLUMNS,
  partitionColumn: SPAN_PARTITION_COLUMN,
  timeColumn: "start_time",
  endColumn: "end_time",
  idColumns: ["trace_id", "span_id"],
  noun: "span",
};
