/**
 * Spans as the queries hand them out, and the columns they are read from.
 *
 * @module
 */

import type { QueryResult } from "../../query/contract.ts";
import { PROMOTED_PAYLOADS } from "../schema.ts";
import { idHex } from "./identifiers.ts";
import { type JsonValue, objectEntries, parseLossless } from "./lossless_json.ts";

/** How much of each span to read. */
export type SpanDetail =
  /** What a waterfall shows: no attributes, events, links or payloads. */
  | "outline"
  /** What a waterfall shows with ticks for events. */
  | "timeline"
  /** Everything but payloads. */
  | "attributes"
  /** Everything. */
  | "full";

/** An attribute whose value is JSON. */
export interface Attribute {
  readonly key: string;
  readonly value: JsonValue;
  /** True when the client sent bytes: the value is their base64 text. */
  readonly bytes?: true;
}

/** An event of a span. */
export interface SpanEvent {
  readonly timestampUs: number;
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
}

/** A link of a span. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
}

/** The token counts and names a GenAI span carries; null where absent. */
export interface GenAiFields {
  readonly operationName: string | null;
  readonly providerName: string | null;
  readonly requestModel: string | null;
  readonly responseModel: string | null;
  readonly conversationId: string | null;
  readonly agentName: string | null;
  readonly toolName: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/** One span. What its {@linkcode SpanDetail} leaves out is empty. */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly flags: number;
  readonly traceState: string;
  readonly serviceName: string;
  readonly scopeName: string;
  readonly scopeVersion: string | null;
  readonly spanName: string;
  readonly spanKind: string;
  readonly startTimeUs: number;
  readonly endTimeUs: number;
  readonly durationMs: number;
  readonly statusCode: number;
  readonly statusMessage: string | null;
  readonly label: string | null;
  readonly errorType: string | null;
  readonly entityIds: readonly string[];
  readonly queueIds: readonly string[];
  readonly genAi: GenAiFields;
  readonly scopeAttributes: readonly Attribute[];
  readonly resourceAttributes: readonly Attribute[];
  readonly attributes: readonly Attribute[];
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  readonly input: JsonValue;
  readonly output: JsonValue;
}

const OUTLINE = [
  "trace_id",
  "span_id",
  "parent_span_id",
  "flags",
  "trace_state",
  "service_name",
  "scope_name",
  "scope_version",
  "span_name",
  "span_kind",
  "start_time",
  "end_time",
  "duration_ms",
  "status_code",
  "status_message",
  "label",
  "error_type",
  "entity_ids",
  "queue_ids",
  "operation_name",
  "provider_name",
  "request_model",
  "response_model",
  "conversation_id",
  "agent_name",
  "tool_name",
  "input_tokens",
  "output_tokens",
];
const ATTRIBUTES = [
  ...OUTLINE,
  "scope_attributes",
  "resource_attributes",
  "attributes",
  "events",
  "links",
  "dropped_attributes_count",
  "dropped_events_count",
  "dropped_links_count",
];

/** Columns to read for each detail. */
export const SPAN_DETAIL_COLUMNS: Readonly<Record<SpanDetail, readonly string[]>> = {
  outline: OUTLINE,
  timeline: [...OUTLINE, "events"],
  attributes: ATTRIBUTES,
  full: [...ATTRIBUTES, ...Object.values(PROMOTED_PAYLOADS)],
};

const text = (value: unknown): string => typeof value === "string" ? value : "";
const textOrNull = (value: unknown): string | null => typeof value === "string" ? value : null;
const integer = (value: unknown): number =>
  typeof value === "bigint" || typeof value === "number" ? Number(value) : 0;
const integerOrNull = (value: unknown): number | null =>
  typeof value === "bigint" || typeof value === "number" ? Number(value) : null;
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
const hexOrNull = (value: unknown): string | null =>
  value instanceof Uint8Array ? idHex(value) : null;

/**
 * Reads rows of {@linkcode SPAN_DETAIL_COLUMNS} into spans.
 *
 * @param result Rows with any of the span columns; columns not read leave their fields empty.
 */
export function readSpans(result: QueryResult): SpanRecord[] {
  const at = new Map(result.columnNames.map((name, index) => [name, result.columns[index] ?? []]));
  const spans: SpanRecord[] = [];
  // Resource and scope attributes repeat from span to span: parse each text once.
  const objects = new Map<string, Attribute[]>();
  const object = (value: unknown): readonly Attribute[] => {
    if (typeof value !== "string") return [];
    let entries = objects.get(value);
    if (entries === undefined) objects.set(value, entries = objectEntries(parseLossless(value)));
    return entries;
  };
  for (let row = 0; row < result.rowCount; row++) {
    const get = (name: string): unknown => at.get(name)?.[row];
    spans.push({
      traceId: hexOrNull(get("trace_id")) ?? "",
      spanId: hexOrNull(get("span_id")) ?? "",
      parentSpanId: hexOrNull(get("parent_span_id")),
      flags: integer(get("flags")) >>> 0,
      traceState: text(get("trace_state")),
      serviceName: text(get("service_name")),
      scopeName: text(get("scope_name")),
      scopeVersion: textOrNull(get("scope_version")),
      spanName: text(get("span_name")),
      spanKind: text(get("span_kind")),
      startTimeUs: integer(get("start_time")),
      endTimeUs: integer(get("end_time")),
      durationMs: integer(get("duration_ms")),
      statusCode: integer(get("status_code")),
      statusMessage: textOrNull(get("status_message")),
      label: textOrNull(get("label")),
      errorType: textOrNull(get("error_type")),
      entityIds: texts(get("entity_ids")),
      queueIds: texts(get("queue_ids")),
      genAi: {
        operationName: textOrNull(get("operation_name")),
        providerName: textOrNull(get("provider_name")),
        requestModel: textOrNull(get("request_model")),
        responseModel: textOrNull(get("response_model")),
        conversationId: textOrNull(get("conversation_id")),
        agentName: textOrNull(get("agent_name")),
        toolName: textOrNull(get("tool_name")),
        inputTokens: integerOrNull(get("input_tokens")),
        outputTokens: integerOrNull(get("output_tokens")),
      },
      scopeAttributes: object(get("scope_attributes")),
      resourceAttributes: object(get("resource_attributes")),
      attributes: spanAttributes(get),
      events: list(get("events")).map(event),
      links: list(get("links")).map(link),
      droppedAttributesCount: integer(get("dropped_attributes_count")),
      droppedEventsCount: integer(get("dropped_events_count")),
      droppedLinksCount: integer(get("dropped_links_count")),
      input: payload(get("input")),
      output: payload(get("output")),
    });
  }
  return spans;
}

/** The stored map, with the string payloads that live in columns of their own put back. */
function spanAttributes(get: (name: string) => unknown): Attribute[] {
  const stored = get("attributes");
  const attributes: Attribute[] = [];
  const keys = new Set<string>();
  if (stored instanceof Map) {
    for (const [key, value] of stored) {
      if (typeof key !== "string") continue;
      keys.add(key);
      if (typeof value !== "string") attributes.push({ key, value: null });
      else if (value.startsWith(' "')) {
        attributes.push({ key, value: parseLossless(value.slice(1)), bytes: true });
      } else attributes.push({ key, value: parseLossless(value) });
    }
  }
  for (const [key, column] of Object.entries(PROMOTED_PAYLOADS)) {
    const value = get(column);
    if (typeof value === "string" && !keys.has(key)) {
      attributes.push({ key, value: originalText(column, value) });
    }
  }
  return attributes;
}

/**
 * The string a client sent. `input` and `output` hold JSON text: a client's JSON as it came, any other string as a
 * JSON string. The other payloads hold the client's text itself.
 */
function originalText(column: string, stored: string): string {
  if (column !== "input" && column !== "output") return stored;
  const value = parseLossless(stored);
  return typeof value === "string" ? value : stored;
}

const payload = (value: unknown): JsonValue =>
  typeof value === "string" ? parseLossless(value) : null;

type JsonObject = { readonly [key: string]: JsonValue };

function list(value: unknown): JsonObject[] {
  if (typeof value !== "string") return [];
  const parsed = parseLossless(value);
  if (!Array.isArray(parsed)) return [];
  return parsed.filter((entry): entry is JsonObject =>
    entry !== null && typeof entry === "object" && !Array.isArray(entry)
  );
}

function attributeList(value: JsonValue | undefined): Attribute[] {
  if (!Array.isArray(value)) return objectEntries(value);
  return value.flatMap((entry: JsonValue) => {
    if (entry === null || typeof entry !== "object" || Array.isArray(entry)) return [];
    const { key, value } = entry as { key?: JsonValue; value?: JsonValue };
    return typeof key === "string" ? [{ key, value: value ?? null }] : [];
  });
}

function eventTimeUs(value: JsonValue | undefined): number {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return 0;
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) return 0;
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? "";
  return Math.floor(ms / 1000) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}

const event = (value: JsonObject): SpanEvent => ({
  timestampUs: eventTimeUs(value["timestamp"]),
  name: text(value["name"]),
  attributes: attributeList(value["attributes"]),
  droppedAttributesCount: integer(value["dropped_attributes_count"]),
});

const link = (value: JsonObject): SpanLink => ({
  traceId: text(value["trace_id"]),
  spanId: text(value["span_id"]),
  traceState: text(value["trace_state"]),
  attributes: attributeList(value["attributes"]),
  droppedAttributesCount: integer(value["dropped_attributes_count"]),
});
