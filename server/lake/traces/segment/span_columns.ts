/**
 * The builders of all columns of `trace_spans`.
 *
 * @module
 */
import { SPAN_COLUMNS } from "../schema.ts";
import {
  DictBuilder,
  IdBuilder,
  Int32Builder,
  Int64Builder,
  MapBuilder,
  SparseBytesBuilder,
  SparseDictBuilder,
  SparseIntBuilder,
  SparseListBuilder,
} from "./column_builders.ts";
import { ColumnSet } from "./column_set.ts";

function builders() {
  return {
    trace_id: new IdBuilder(16),
    span_id: new IdBuilder(8),
    parent_span_id: new SparseBytesBuilder(),
    flags: new Int32Builder(1024),
    trace_state: new DictBuilder(false),
    service_name: new DictBuilder(false),
    scope_name: new DictBuilder(false),
    scope_version: new DictBuilder(true),
    scope_attributes: new DictBuilder(true),
    resource_attributes: new DictBuilder(true),
    span_name: new DictBuilder(false),
    span_kind: new DictBuilder(false),
    start_time: new Int64Builder(1024),
    end_time: new Int64Builder(1024),
    duration_ms: new Int64Builder(1024),
    status_code: new Int32Builder(1024),
    status_message: new SparseDictBuilder(),
    label: new SparseDictBuilder(),
    attributes: new MapBuilder(),
    events: new SparseBytesBuilder(),
    links: new SparseBytesBuilder(),
    dropped_attributes_count: new SparseIntBuilder(4),
    dropped_events_count: new SparseIntBuilder(4),
    dropped_links_count: new SparseIntBuilder(4),
    input: new SparseBytesBuilder(),
    output: new SparseBytesBuilder(),
    entity_ids: new SparseListBuilder(),
    queue_ids: new SparseListBuilder(),
    operation_name: new SparseDictBuilder(),
    provider_name: new SparseDictBuilder(),
    request_model: new SparseDictBuilder(),
    response_model: new SparseDictBuilder(),
    conversation_id: new SparseDictBuilder(),
    agent_name: new SparseDictBuilder(),
    agent_id: new SparseDictBuilder(),
    tool_name: new SparseDictBuilder(),
    tool_type: new SparseDictBuilder(),
    error_type: new SparseDictBuilder(),
    input_tokens: new SparseIntBuilder(8),
    output_tokens: new SparseIntBuilder(8),
    cache_creation_input_tokens: new SparseIntBuilder(8),
    cache_read_input_tokens: new SparseIntBuilder(8),
    input_messages: new SparseBytesBuilder(),
    output_messages: new SparseBytesBuilder(),
    system_instructions: new SparseBytesBuilder(),
    tool_definitions: new SparseBytesBuilder(),
  };
}

/** Builders by column name. */
export type SpanBuilders = ReturnType<typeof builders>;

/** Name of a span column. */
export type SpanColumnName = keyof SpanBuilders;

const NAMES: readonly SpanColumnName[] = orderedNames();

function orderedNames(): readonly SpanColumnName[] {
  const known = builders();
  const isKnown = (name: string): name is SpanColumnName => name in known;
  return SPAN_COLUMNS.map(({ name }) => {
    if (!isKnown(name)) throw new Error(`No builder for column "${name}" of the span table`);
    return name;
  });
}

/** Position of a column in {@linkcode SegmentData.columns}. */
export function columnIndex(name: SpanColumnName): number {
  return NAMES.indexOf(name);
}

/** Rows of `trace_spans` under construction. */
export class SpanColumns extends ColumnSet<SpanBuilders> {
  constructor() {
    super(builders(), NAMES);
  }

  /** How many of the rows from `from` on ended before a time, microseconds since the epoch. */
  countEndedBefore(from: number, timeUs: number): number {
    const ends = this.builders.end_time.data;
    let count = 0;
    for (let row = from; row < this.rowCount; row++) if (ends[row]! < timeUs) count++;
    return count;
  }
}
