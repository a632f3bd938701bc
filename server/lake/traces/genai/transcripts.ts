/**
 * What was said in a trace or a conversation: its GenAI spans as steps with their messages.
 *
 * @module
 */

import type { SpanEventData } from "../../../genai/messages/events.ts";
import type { SpokenMessages } from "../../../genai/messages/message.ts";
import { findRepeats, type Repeats } from "../../../genai/messages/repeats.ts";
import { spanMessages } from "../../../genai/messages/span_messages.ts";
import { pruneFiles } from "../queries/prune.ts";
import { type QueryContext, run, traceHashes } from "../queries/context.ts";
import { idHex } from "../queries/identifiers.ts";
import { idSql } from "../queries/search_sql.ts";
import { SqlParams } from "../queries/sql_params.ts";
import { PROMOTED_PAYLOADS } from "../schema.ts";
import { attributeValue } from "./attribute_values.ts";
import { type EventLog, logEvents, spanKey, withEvents } from "./log_events.ts";
import { GENAI_SPAN_COLUMNS, type GenAiSpan, readGenAiSpan } from "./genai_spans.ts";
import { readRows, type ResultRow } from "./measures.ts";

/** Which spans to read. */
export interface TranscriptRequest {
  /** Lowercase hex; this or a conversation. */
  readonly traceId?: string;
  /** Spans that name it, and spans of their traces that name none. */
  readonly conversationId?: string;
  /** Start at or after, µs. */
  readonly startUs?: number;
  /** Start before, µs. */
  readonly endUs?: number;
}

/** One operation with its messages. */
export interface TranscriptStep {
  readonly span: GenAiSpan;
  readonly spanName: string;
  readonly parentSpanId: string | null;
  readonly statusMessage: string | null;
  /** Index of the nearest step it happened within; -1 when there is none. */
  readonly parent: number;
  readonly messages: SpokenMessages;
  readonly repeats: Repeats;
}

/** Steps by start. */
export interface Transcript {
  readonly steps: readonly TranscriptStep[];
  readonly truncated: boolean;
}

/** Most steps of one answer. */
export const MAX_STEPS = 1000;

/** Reads the steps of a trace or a conversation, oldest first. */
export async function readTranscript(
  context: QueryContext,
  request: TranscriptRequest,
  logs?: EventLog,
): Promise<Transcript> {
  const { traceId, conversationId } = request;
  const traceIds = conversationId === undefined
    ? traceId === undefined ? [] : [traceId]
    : await tracesOf(context, conversationId, request);
  const params = new SqlParams();
  const files = pruneFiles(context.files, {
    ...pruneTimes(request),
    traceHashes: traceHashes(context, traceIds),
  });
  if (files.length === 0) return { steps: [], truncated: false };
  const where = [
    "operation_name IS NOT NULL",
    ...timeConditions(request, params),
    anyTraceSql(traceIds, params),
    ...(conversationId === undefined
      ? []
      : [`(conversation_id = ${params.add(conversationId)} OR conversation_id IS NULL)`]),
  ];
  const result = await run(
    context,
    `SELECT ${STEP_COLUMNS.join(", ")} FROM ${params.files(files)} WHERE ${where.join(" AND ")}
     ORDER BY start_time, end_time DESC, trace_id, span_id LIMIT ${params.add(MAX_STEPS + 1)}`,
    params,
  );
  const read = readRows(result, readStep);
  const rows = read.slice(0, MAX_STEPS);
  const [parents, logged] = await Promise.all([
    stepParents(context, rows),
    logEvents(context, rows.map(({ span }) => span), logs),
  ]);
  const steps = rows.map((row, at) => {
    const more = logged.get(spanKey(row.span.traceId, row.span.spanId)) ?? [];
    const events = [...row.events, ...more].sort((a, b) => a.timeUs - b.timeUs);
    const { operationName, toolName } = row.span;
    const messages = spanMessages({
      operationName,
      toolName,
      attributes: row.attributes,
      events,
    });
    return {
      row: { ...row, span: withEvents(row.span, more) },
      messages,
      parent: parents[at] ?? -1,
    };
  });
  const repeats = findRepeats(steps.map(({ messages, parent }) => ({ ...messages, parent })));
  return {
    steps: steps.map(({ row, messages, parent }, at) => ({
      span: row.span,
      spanName: row.spanName,
      parentSpanId: row.parentSpanId,
      statusMessage: row.statusMessage,
      parent,
      messages,
      repeats: repeats[at] ?? { system: false, input: 0, output: [] },
    })),
    truncated: read.length > MAX_STEPS,
  };
}

/** Traces with a span that names the conversation, oldest first. */
async function tracesOf(
  context: QueryContext,
  conversationId: string,
  request: TranscriptRequest,
): Promise<string[]> {
  const files = pruneFiles(context.files, pruneTimes(request));
  if (files.length === 0) return [];
  const params = new SqlParams();
  const where = [
    "operation_name IS NOT NULL",
    `conversation_id = ${params.add(conversationId)}`,
    ...timeConditions(request, params),
  ];
  const result = await run(
    context,
    `SELECT trace_id FROM ${params.files(files)} WHERE ${where.join(" AND ")}
     GROUP BY trace_id ORDER BY min(start_time), trace_id LIMIT ${MAX_STEPS}`,
    params,
  );
  return readRows(result, (row) => hexOf(row, "trace_id"));
}

function pruneTimes({ startUs, endUs }: TranscriptRequest) {
  return {
    ...(startUs === undefined ? {} : { fromUs: startUs }),
    ...(endUs === undefined ? {} : { toUs: endUs }),
  };
}

function timeConditions({ startUs, endUs }: TranscriptRequest, params: SqlParams): string[] {
  return [
    ...(startUs === undefined ? [] : [`start_time >= ${params.time(startUs)}`]),
    ...(endUs === undefined ? [] : [`start_time < ${params.time(endUs)}`]),
  ];
}

function anyTraceSql(traceIds: readonly string[], params: SqlParams): string {
  if (traceIds.length === 0) return "false";
  return `(${traceIds.map((id) => idSql("trace_id", id, params)).join(" OR ")})`;
}

function hexOf(row: ResultRow, name: string): string {
  const value = row.get(name);
  return value instanceof Uint8Array ? idHex(value) : "";
}

const STEP_COLUMNS = [
  ...GENAI_SPAN_COLUMNS,
  "parent_span_id",
  "span_name",
  "status_message",
  "input",
  "output",
];

interface StepRow {
  readonly span: GenAiSpan;
  readonly spanName: string;
  readonly parentSpanId: string | null;
  readonly statusMessage: string | null;
  readonly attributes: ReadonlyMap<string, unknown>;
  readonly events: readonly SpanEventData[];
}

function readStep(row: ResultRow): StepRow {
  return {
    span: readGenAiSpan(row),
    spanName: row.text("span_name") ?? "",
    parentSpanId: hexOf(row, "parent_span_id") || null,
    statusMessage: row.text("status_message"),
    attributes: attributeValues(row),
    events: eventsOf(row.text("events")),
  };
}

/** All attributes as values, the payloads with columns of their own among them. */
function attributeValues(row: ResultRow): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const stored = row.get("attributes");
  if (stored instanceof Map) {
    for (const [key, value] of stored) {
      if (typeof key === "string" && typeof value === "string") {
        values.set(key, attributeValue(value));
      }
    }
  }
  for (const [key, column] of Object.entries(PROMOTED_PAYLOADS)) {
    const text = row.text(column);
    if (text === null || values.has(key)) continue;
    // Only these two columns hold JSON text of what came, the others what came itself.
    values.set(key, column === "input" || column === "output" ? attributeValue(text) : text);
  }
  return values;
}

function eventsOf(text: string | null): SpanEventData[] {
  if (text === null || !text.includes("gen_ai.")) return [];
  const list = attributeValue(text);
  return (Array.isArray(list) ? list : []).flatMap((event: unknown): SpanEventData[] => {
    if (typeof event !== "object" || event === null) return [];
    const { name, timestamp, attributes } = event as {
      name?: unknown;
      timestamp?: unknown;
      attributes?: unknown;
    };
    if (typeof name !== "string" || !name.startsWith("gen_ai.")) return [];
    const pairs = (Array.isArray(attributes) ? attributes : []).flatMap(
      (pair: unknown): [string, unknown][] => {
        const { key, value } = pair as { key?: unknown; value?: unknown };
        return typeof key === "string" ? [[key, value]] : [];
      },
    );
    const timeUs = typeof timestamp === "number" ? timestamp : Date.parse(String(timestamp)) * 1000;
    return [{
      name,
      timeUs: Number.isFinite(timeUs) ? timeUs : 0,
      attributes: new Map(pairs),
    }];
  });
}

/** For each step the index of the nearest step above it; spans in between need not be GenAI's. */
async function stepParents(
  context: QueryContext,
  rows: readonly StepRow[],
): Promise<readonly number[]> {
  const key = (traceId: string, spanId: string) => `${traceId}/${spanId}`;
  const steps = new Map(rows.map(({ span }, at) => [key(span.traceId, span.spanId), at]));
  const above = new Map<string, string>();
  const traces = new Set<string>();
  for (const { span, parentSpanId } of rows) {
    if (parentSpanId === null) continue;
    above.set(key(span.traceId, span.spanId), key(span.traceId, parentSpanId));
    if (!steps.has(key(span.traceId, parentSpanId))) traces.add(span.traceId);
  }
  if (traces.size > 0 && rows.length > 1) {
    const ids = [...traces];
    const files = pruneFiles(context.files, { traceHashes: traceHashes(context, ids) });
    if (files.length > 0) {
      const params = new SqlParams();
      const result = await run(
        context,
        `SELECT trace_id, span_id, parent_span_id FROM ${params.files(files)}
         WHERE ${anyTraceSql(ids, params)} AND parent_span_id IS NOT NULL LIMIT ${MAX_ANCESTRY}`,
        params,
      );
      readRows(result, (row) => {
        const traceId = hexOf(row, "trace_id");
        above.set(key(traceId, hexOf(row, "span_id")), key(traceId, hexOf(row, "parent_span_id")));
      });
    }
  }
  return rows.map(({ span }) => {
    const own = key(span.traceId, span.spanId);
    const seen = new Set([own]);
    for (let at = above.get(own); at !== undefined && !seen.has(at); at = above.get(at)) {
      const step = steps.get(at);
      if (step !== undefined) return step;
      seen.add(at);
    }
    return -1;
  });
}

/** Most spans looked at for what lies between steps. */
const MAX_ANCESTRY = 200_000;
