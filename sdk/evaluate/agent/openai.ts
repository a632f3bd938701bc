/**
 * OpenAI's two APIs, and everything that speaks like them.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../json.ts";
import {
  parseArguments,
  pick,
  pickNumber,
  pickObjects,
  pickText,
  textOf,
  withResults,
} from "./read.ts";
import type { AgentResponse, ToolCall } from "./types.ts";

/**
 * Reads a chat completion.
 *
 * @param raw an object with `choices`
 * @returns the response in the common shape; missing token counts are 0, a missing model or finish
 * reason is ""
 */
export function readOpenAiChat(raw: JsonObject): AgentResponse {
  const choices = pickObjects(raw, "choices");
  const toolCalls: ToolCall[] = [];
  for (const choice of choices) {
    const message = pick(choice, "message", "delta");
    for (const call of pickObjects(message, "tool_calls")) {
      const called = pick(call, "function", "custom");
      toolCalls.push({
        name: pickText(called, "name") ?? "",
        arguments: parseArguments(pick(called, "arguments", "input")),
        callId: pickText(call, "id"),
        result: null,
      });
    }
    const legacy = pick(message, "function_call");
    if (legacy !== null) {
      toolCalls.push({
        name: pickText(legacy, "name") ?? "",
        arguments: parseArguments(pick(legacy, "arguments")),
        callId: null,
        result: null,
      });
    }
  }
  const [first] = choices;
  const usage = pick(raw, "usage");
  return {
    format: "openai.chat",
    content: textOf(pick(pick(first, "message", "delta"), "content")) ?? pickText(first, "text"),
    model: pickText(raw, "model") ?? "",
    finishReason: first !== undefined && !("finish_reason" in first)
      ? ""
      : pickText(first, "finish_reason"),
    toolCalls,
    usage: {
      inputTokens: pickNumber(usage, "prompt_tokens", "input_tokens") ?? 0,
      outputTokens: pickNumber(usage, "completion_tokens", "output_tokens") ?? 0,
      totalTokens: pickNumber(usage, "total_tokens") ?? 0,
    },
    raw,
  };
}

/**
 * Reads a response of the Responses API.
 *
 * @param raw an object with an `output` array
 * @returns the response in the common shape
 */
export function readOpenAiResponse(raw: JsonObject): AgentResponse {
  const output = pickObjects(raw, "output");
  const calls: ToolCall[] = [];
  const results = new Map<string, JsonValue>();
  let text = "";
  for (const item of output) {
    const type = pickText(item, "type") ?? "";
    if (type === "message") text += textOf(pick(item, "content")) ?? "";
    else if (type.endsWith("_call_output")) {
      const id = pickText(item, "call_id", "id");
      if (id !== null) results.set(id, parsedOrText(pick(item, "output")));
    } else if (type.endsWith("_call")) {
      calls.push({
        name: pickText(item, "name") ?? type.slice(0, -"_call".length),
        arguments: parseArguments(pick(item, "arguments", "input", "action", "queries")),
        callId: pickText(item, "call_id", "id"),
        result: pick(item, "output", "results", "outputs"),
      });
    }
  }
  const usage = pick(raw, "usage");
  const inputTokens = pickNumber(usage, "input_tokens");
  const outputTokens = pickNumber(usage, "output_tokens");
  const reason = pickText(pick(raw, "incomplete_details"), "reason");
  return {
    format: "openai.responses",
    content: text === "" ? pickText(raw, "output_text") : text,
    model: pickText(raw, "model"),
    finishReason: reason ?? pickText(raw, "status"),
    toolCalls: withResults(calls, results),
    usage: {
      inputTokens,
      outputTokens,
      totalTokens: pickNumber(usage, "total_tokens") ?? sum(inputTokens, outputTokens),
    },
    raw,
  };
}

/** The sum, when both are known. */
export function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** Tool output is text by protocol and JSON by habit. */
export function parsedOrText(value: JsonValue): JsonValue {
  if (typeof value !== "string") return value;
  return parseArguments(value) ?? value;
}
