/**
 * Events about GenAI spans that came as log records, before or after their spans: brought together when read.
 *
 * @module
 */

import { asFields, textOf } from "../../../genai/messages/any_message.ts";
import { detailsOf, EVALUATION_EVENT, type SpanEventData } from "../../../genai/messages/events.ts";
import type { QueryOptions } from "../../query/contract.ts";
import type { QueryContext } from "../queries/context.ts";
import { evalResult } from "./attribute_values.ts";
import type { GenAiSpan } from "./genai_spans.ts";

/** Knows the events of traces. */
export interface EventLog {
  /** Events by {@linkcode spanKey}, each list by time. */
  genAiEvents(
    traceIds: readonly string[],
    options?: QueryOptions,
  ): Promise<ReadonlyMap<string, readonly SpanEventData[]>>;
}

/** Names a span. */
export const spanKey = (traceId: string, spanId: string): string => `${traceId}/${spanId}`;

/** Events of some spans by {@linkcode spanKey}. */
export async function logEvents(
  context: QueryContext,
  spans: readonly GenAiSpan[],
  logs: EventLog | undefined,
): Promise<ReadonlyMap<string, readonly SpanEventData[]>> {
  const traceIds = [...new Set(spans.map(({ traceId }) => traceId))];
  if (logs === undefined || traceIds.length === 0) return new Map();
  return byJudgedSpan(await logs.genAiEvents(traceIds, context.options), spans);
}

/** Evaluations that name a response belong to its span, whichever span they were reported in. */
function byJudgedSpan(
  found: ReadonlyMap<string, readonly SpanEventData[]>,
  spans: readonly GenAiSpan[],
): ReadonlyMap<string, readonly SpanEventData[]> {
  const responses = new Map(
    spans.flatMap(({ traceId, spanId, responseId }) =>
      responseId === null ? [] : [[`${traceId}/${responseId}`, spanKey(traceId, spanId)]]
    ),
  );
  if (responses.size === 0) return found;
  const sorted = new Map<string, SpanEventData[]>();
  for (const [key, events] of found) {
    const traceId = key.slice(0, key.indexOf("/"));
    for (const event of events) {
      const { name, attributes } = event;
      const judged = name === EVALUATION_EVENT
        ? responses.get(`${traceId}/${attributes.get("gen_ai.response.id")}`)
        : undefined;
      const target = judged ?? key;
      const list = sorted.get(target) ?? [];
      list.push(event);
      sorted.set(target, list);
    }
  }
  for (const events of sorted.values()) events.sort((a, b) => a.timeUs - b.timeUs);
  return sorted;
}

/** The spans with what log records add to them. */
export async function withLogEvents(
  context: QueryContext,
  spans: readonly GenAiSpan[],
  logs: EventLog | undefined,
): Promise<readonly GenAiSpan[]> {
  const found = await logEvents(context, spans, logs);
  return found.size === 0
    ? spans
    : spans.map((span) => withEvents(span, found.get(spanKey(span.traceId, span.spanId)) ?? []));
}

/** A span with what some events add: evaluations, and the payloads it lacks. */
export function withEvents(span: GenAiSpan, events: readonly SpanEventData[]): GenAiSpan {
  if (events.length === 0) return span;
  const details = detailsOf(events);
  const text = (own: string | null, key: string): string | null => {
    const value = details.get(key);
    return own ?? (value === undefined || value === null ? null : textOf(value));
  };
  const evaluations = events.flatMap(({ name, attributes, body }) => {
    if (name !== EVALUATION_EVENT) return [];
    const fields = asFields(body);
    const result = evalResult((key) => attributes.get(key) ?? fields?.[key]);
    return result === null ? [] : [result];
  });
  return {
    ...span,
    inputMessages: text(span.inputMessages, "gen_ai.input.messages"),
    outputMessages: text(span.outputMessages, "gen_ai.output.messages"),
    systemInstructions: text(span.systemInstructions, "gen_ai.system_instructions"),
    toolDefinitions: text(span.toolDefinitions, "gen_ai.tool.definitions"),
    evalResults: [...span.evalResults, ...evaluations],
  };
}
