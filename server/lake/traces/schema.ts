/**
 * The columns of the `trace_spans` Delta table, in file order: the single source for the Parquet writer, the Delta
 * schema, the queries and `docs/tables.md`.
 *
 * Trace summaries and GenAI rows are derived from this table by query, so that one answer can never contradict
 * another.
 *
 * @module
 */

/** Delta primitive and nested types used by the span table. */
export type ColumnType =
  | "binary"
  | "string"
  | "integer"
  | "long"
  | "double"
  | "timestamp"
  | "date"
  | "map<string,string>"
  | "array<string>";

/** One column of a lake table. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Meaning, units and source, for `docs/tables.md`. */
  readonly doc: string;
}

const column = (
  name: string,
  type: ColumnType,
  nullable: boolean,
  doc: string,
): ColumnSpec => ({ name, type, nullable, doc });

/** Columns stored in every Parquet file of `trace_spans` (the partition column is not stored in files). */
export const SPAN_COLUMNS: readonly ColumnSpec[] = [
  column("trace_id", "binary", false, "W3C trace id, 16 bytes."),
  column("span_id", "binary", false, "W3C span id, 8 bytes."),
  column("parent_span_id", "binary", true, "Parent span id, 8 bytes; null for a root span."),
  column("flags", "integer", false, "W3C/OTLP span flags (u32 bits as a signed integer)."),
  column("trace_state", "string", false, "W3C tracestate; empty when absent."),
  column("service_name", "string", false, "Resource attribute `service.name`, else `unknown`."),
  column("scope_name", "string", false, "Instrumentation scope name, else `unknown`."),
  column("scope_version", "string", true, "Instrumentation scope version."),
  column("scope_attributes", "string", true, "Scope attributes as one JSON object."),
  column("resource_attributes", "string", true, "Resource attributes as one JSON object."),
  column("span_name", "string", false, "Span name."),
  column(
    "span_kind",
    "string",
    false,
    "UNSPECIFIED, INTERNAL, SERVER, CLIENT, PRODUCER or CONSUMER.",
  ),
  column("start_time", "timestamp", false, "Start, microseconds since the epoch, UTC."),
  column("end_time", "timestamp", false, "End, microseconds since the epoch, UTC."),
  column("duration_ms", "long", false, "floor((end - start) / 1 ms); 0 when end is before start."),
  column("status_code", "integer", false, "0 unset, 1 ok, 2 error."),
  column("status_message", "string", true, "Status message; null when empty."),
  column("label", "string", true, "Span attribute `scouter.tracing.label`."),
  column(
    "attributes",
    "map<string,string>",
    false,
    "Span attributes; every value is JSON text: integers without, doubles with a fraction or exponent, bytes as a " +
      "base64 string after one space. String values of the promoted payload attributes (input, output, " +
      "GenAI messages) live only in their own columns.",
  ),
  column("events", "string", true, "Span events as a JSON array; null when there are none."),
  column("links", "string", true, "Span links as a JSON array; null when there are none."),
  column("dropped_attributes_count", "integer", true, "As reported by the client; null when 0."),
  column("dropped_events_count", "integer", true, "As reported by the client; null when 0."),
  column("dropped_links_count", "integer", true, "As reported by the client; null when 0."),
  column("input", "string", true, "`scouter.tracing.input` as JSON text."),
  column("output", "string", true, "`scouter.tracing.output` as JSON text."),
  column("entity_ids", "array<string>", true, "Profile uids from `scouter.entity*`, hyphenated."),
  column(
    "queue_ids",
    "array<string>",
    true,
    "Record uids from `scouter.queue.record`, hyphenated.",
  ),
  column(
    "operation_name",
    "string",
    true,
    "`gen_ai.operation.name`; this column and those from provider_name to cache_read_input_tokens are also filled " +
      "from earlier names of the conventions and those of OpenInference, OpenLLMetry and the AI SDK.",
  ),
  column("provider_name", "string", true, "`gen_ai.provider.name`."),
  column("request_model", "string", true, "`gen_ai.request.model`."),
  column("response_model", "string", true, "`gen_ai.response.model`."),
  column("conversation_id", "string", true, "`gen_ai.conversation.id`."),
  column("agent_name", "string", true, "`gen_ai.agent.name`."),
  column("agent_id", "string", true, "`gen_ai.agent.id`."),
  column("tool_name", "string", true, "`gen_ai.tool.name`."),
  column("tool_type", "string", true, "`gen_ai.tool.type`."),
  column("error_type", "string", true, "`error.type`."),
  column("input_tokens", "long", true, "`gen_ai.usage.input_tokens`."),
  column("output_tokens", "long", true, "`gen_ai.usage.output_tokens`."),
  column(
    "cache_creation_input_tokens",
    "long",
    true,
    "`gen_ai.usage.cache_creation.input_tokens`.",
  ),
  column("cache_read_input_tokens", "long", true, "`gen_ai.usage.cache_read.input_tokens`."),
  column("input_messages", "string", true, "`gen_ai.input.messages`, JSON text."),
  column("output_messages", "string", true, "`gen_ai.output.messages`, JSON text."),
  column("system_instructions", "string", true, "`gen_ai.system_instructions`, JSON text."),
  column("tool_definitions", "string", true, "`gen_ai.tool.definitions`, JSON text."),
];

/** The partition column: the UTC date of `start_time`. */
export const SPAN_PARTITION_COLUMN: ColumnSpec = column(
  "partition_date",
  "date",
  false,
  "UTC date of start_time; the partition column, kept in paths and not in files.",
);

/** Span attributes whose *string* values are stored only in a column of their own. */
export const PROMOTED_PAYLOADS: Readonly<Record<string, string>> = {
  "scouter.tracing.input": "input",
  "scouter.tracing.output": "output",
  "gen_ai.input.messages": "input_messages",
  "gen_ai.output.messages": "output_messages",
  "gen_ai.system_instructions": "system_instructions",
  "gen_ai.tool.definitions": "tool_definitions",
};
