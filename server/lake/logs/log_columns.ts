/**
 * The builders of all columns of `logs`.
 *
 * @module
 */

import {
  DictBuilder,
  IdBuilder,
  Int32Builder,
  Int64Builder,
  MapBuilder,
  SparseBytesBuilder,
  SparseDictBuilder,
  SparseIntBuilder,
} from "../traces/segment/column_builders.ts";
import type { SegmentData } from "../traces/segment/column_data.ts";
import { ColumnSet } from "../traces/segment/column_set.ts";
import { LOG_COLUMNS } from "./schema.ts";

/** Bytes of a record id. */
export const RECORD_ID_BYTES = 24;

function builders() {
  return {
    record_id: new IdBuilder(RECORD_ID_BYTES),
    time: new Int64Builder(1024),
    observed_time: new Int64Builder(1024),
    sequence: new Int32Builder(1024),
    trace_id: new SparseBytesBuilder(),
    span_id: new SparseBytesBuilder(),
    flags: new Int32Builder(1024),
    service_name: new DictBuilder(false),
    scope_name: new DictBuilder(false),
    scope_version: new DictBuilder(true),
    scope_attributes: new DictBuilder(true),
    resource_attributes: new DictBuilder(true),
    severity_number: new Int32Builder(1024),
    severity_text: new SparseDictBuilder(),
    event_name: new SparseDictBuilder(),
    body: new SparseBytesBuilder(),
    attributes: new MapBuilder(),
    dropped_attributes_count: new SparseIntBuilder(4),
  };
}

/** Builders by column name. */
export type LogBuilders = ReturnType<typeof builders>;

/** Name of a log column. */
export type LogColumnName = keyof LogBuilders;

const KNOWN = builders();
const isKnown = (name: string): name is LogColumnName => name in KNOWN;

const NAMES: readonly LogColumnName[] = LOG_COLUMNS.map(({ name }) => {
  if (!isKnown(name)) throw new Error(`No builder for column "${name}" of the log table`);
  return name;
});

/** Position of a column in a segment of log records. */
export function logColumnIndex(name: LogColumnName): number {
  return NAMES.indexOf(name);
}

/** Rows of `logs` under construction. */
export class LogColumns extends ColumnSet<LogBuilders> {
  constructor() {
    super(builders(), NAMES);
  }

  override data(): SegmentData {
    return { ...super.data(), table: "logs" };
  }
}
