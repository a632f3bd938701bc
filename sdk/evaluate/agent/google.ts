/**
 * Gemini, Vertex AI and the Agent Development Kit. All of them write the same things in camelCase
 * or snake_case, depending on who serialised them.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../json.ts";
import { pick, pickNumber, pickObjects, pickText, textOf, withResults } from "./read.ts";
import type { AgentResponse, TokenUsage, ToolCall } from "./types.ts";

/** Calls, results and the last text of a content's parts; an empty text counts as one. */
function readParts(
  content: JsonValue,
  calls: ToolCall[],
  results: Map<string, JsonValue>,
): string | null {
  let text: string | null = null;
  for (const part of pickObjects(content, "parts")) {
    text = pickText(part, "text") ?? text;
    const call = pick(part, "functionCall", "function_call");
    if (call !== null) {
      calls.push({
        name: pickText(call, "name") ?? "",
        arguments: pick(call, "args"),
        callId: pickText(call, "id"),
        result: null,
      });
    }
    const answer = pick(part, "functionResponse", "function_response");
    if (answer !== null) {
      const key = pickText(answer, "id") ?? `name:${pickText(answer, "name") ?? ""}`;
      results.set(key, pick(answer, "response"));
    }
  }
  return text;
}

/** Streamed events close with an empty text that says nothing. */
function notEmpty(part: JsonObject): boolean {
  return part.text !== "";
}

/** Results belong to calls by id, or by name where the vendor gives no ids. */
function join(calls: readonly ToolCall[], results: Map<string, JsonValue>): readonly ToolCall[] {
  return withResults(calls, results).map((call) =>
    call.result === null && results.has(`name:${call.name}`)
      ? { ...call, result: results.get(`name:${call.name}`) ?? null }
      : call
  );
}

function readUsage(usage: JsonValue): TokenUsage {
  if (usage === null) return { inputTokens: null, outputTokens: null, totalTokens: null };
  return {
    inputTokens: pickNumber(usage, "promptTokenCount", "prompt_token_count") ?? 0,
    outputTokens: pickNumber(usage, "candidatesTokenCount", "candidates_token_count") ?? 0,
    totalTokens: pickNumber(usage, "totalTokenCount", "total_token_count") ?? 0,
  };
}

/**
 * Reads a `generateContent` response of Gemini or Vertex AI.
 *
 * @param raw an object with `candidates`; blocked candidates may lack content
 * @returns the response in the common shape
 */
export function readGemini(raw: JsonObject): AgentResponse {
  const calls: ToolCall[] = [];
  const results = new Map<string, JsonValue>();
  const candidates = pickObjects(raw, "candidates");
  const texts = candidates.map((candidate) =>
    readParts(pick(candidate, "content"), calls, results)
  );
  const feedback = pick(raw, "promptFeedback", "prompt_feedback");
  return {
    format: "gemini",
    content: texts[0] || null,
    model: pickText(raw, "modelVersion", "model_version"),
    finishReason: pickText(candidates[0], "finishReason", "finish_reason") ??
      pickText(feedback, "blockReason", "block_reason"),
    toolCalls: join(calls, results),
    usage: readUsage(pick(raw, "usageMetadata", "usage_metadata")),
    raw,
  };
}

/**
 * Reads an event of the Agent Development Kit, or a list of events as one response.
 *
 * @param events the events in order
 * @param raw what they came from
 * @returns the response in the common shape; text, model and counts of the last event that has any
 */
export function readAdk(
  events: readonly JsonObject[],
  raw: JsonObject | readonly JsonValue[],
): AgentResponse {
  const calls: ToolCall[] = [];
  const results = new Map<string, JsonValue>();
  let content: string | null = null;
  let model: string | null = null;
  let finishReason: string | null = null;
  let usage: JsonValue = null;
  for (const event of events) {
    const withText = { parts: pickObjects(pick(event, "content"), "parts").filter(notEmpty) };
    content = readParts(withText, calls, results) ?? content;
    model = pickText(event, "model_version", "modelVersion") ?? model;
    finishReason = pickText(event, "finish_reason", "finishReason") ?? finishReason;
    usage = pick(event, "usage_metadata", "usageMetadata") ?? usage;
  }
  return {
    format: "google.adk",
    content,
    model,
    finishReason,
    toolCalls: join(calls, results),
    usage: readUsage(usage),
    raw,
  };
}

/**
 * Reads a Vertex AI `predict` response.
 *
 * @param raw an object with `predictions`
 * @returns the response in the common shape; the shape of predictions is the model's own
 */
export function readPredict(raw: JsonObject): AgentResponse {
  const [first] = pickObjects(raw, "predictions");
  return {
    format: "vertex.predict",
    content: textOf(pick(first, "content")),
    model: pickText(raw, "model"),
    finishReason: null,
    toolCalls: [],
    usage: { inputTokens: null, outputTokens: null, totalTokens: null },
    raw,
  };
}
