/**
 * Messages that came as events, of the span or as log records beside it.
 *
 * @module
 */

import { asFields, asText, readMessage, readMessages, unwrapJson } from "./any_message.ts";
import type { Message, MessagePart } from "./message.ts";

/** An event that belongs to a span. */
export interface SpanEventData {
  readonly name: string;
  readonly timeUs: number;
  readonly attributes: ReadonlyMap<string, unknown>;
  /** Body of a log record; undefined for events of spans. */
  readonly body?: unknown;
}

/** Carries what the GenAI conventions allow to leave off the span. */
export const DETAILS_EVENT = "gen_ai.client.inference.operation.details";
/** Reports an evaluation of a response. */
export const EVALUATION_EVENT = "gen_ai.evaluation.result";

/** Names of events that say something about a GenAI span. */
export const GENAI_EVENTS: readonly string[] = [
  DETAILS_EVENT,
  EVALUATION_EVENT,
  "gen_ai.system.message",
  "gen_ai.user.message",
  "gen_ai.assistant.message",
  "gen_ai.tool.message",
  "gen_ai.choice",
  "gen_ai.content.prompt",
  "gen_ai.content.completion",
];

const ROLE_OF_EVENT: ReadonlyMap<string, string> = new Map([
  ["gen_ai.system.message", "system"],
  ["gen_ai.user.message", "user"],
  ["gen_ai.assistant.message", "assistant"],
  ["gen_ai.tool.message", "tool"],
]);

/** Values of an inference-details event by attribute name. */
export function detailsOf(events: readonly SpanEventData[]): ReadonlyMap<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const { name, attributes, body } of events) {
    if (name !== DETAILS_EVENT) continue;
    for (const [key, value] of Object.entries(asFields(unwrapJson(body)) ?? {})) {
      merged.set(key, value);
    }
    for (const [key, value] of attributes) merged.set(key, value);
  }
  return merged;
}

/** Messages of the per-message events of conventions before 1.37. */
export function eventMessages(
  events: readonly SpanEventData[],
): { readonly input: readonly Message[]; readonly output: readonly Message[] } {
  const input: Message[] = [];
  const output: Message[] = [];
  const add = (list: Message[], message: Message | null) => {
    if (message !== null) list.push(message);
  };
  for (const { name, attributes, body } of events) {
    // Before events were log records, the members of the body were attributes.
    const content = asFields(unwrapJson(body)) ?? Object.fromEntries(attributes);
    const role = ROLE_OF_EVENT.get(name);
    if (role !== undefined) add(input, readMessage({ role, ...content }, role));
    else if (name === "gen_ai.choice") {
      const inner = unwrapJson(content["message"]);
      const message = typeof inner === "string" ? { content: inner } : asFields(inner) ?? content;
      const read = readMessage({ ...message }, "assistant");
      const finishReason = asText(content["finish_reason"]);
      if (read !== null) output.push({ ...read, finishReason: finishReason ?? read.finishReason });
      else if (finishReason !== null) {
        const parts: MessagePart[] = [];
        output.push({ role: "assistant", name: null, parts, finishReason });
      }
    } else if (name === "gen_ai.content.prompt") {
      input.push(...readMessages(attributes.get("gen_ai.prompt"), "user"));
    } else if (name === "gen_ai.content.completion") {
      output.push(...readMessages(attributes.get("gen_ai.completion"), "assistant"));
    }
  }
  return { input, output };
}
