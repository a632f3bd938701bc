/**
 * Frameworks that wrap vendors: Vercel's AI SDK, LangChain, plain message lists, and the shape that
 * other tools normalise to.
 *
 * @module
 */

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { readBlocks } from "./anthropic.ts";
import { parsedOrText, sum } from "./openai.ts";
import {
  parseArguments,
  pick,
  pickNumber,
  pickObjects,
  pickText,
  textOf,
  withResults,
} from "./read.ts";
import type { AgentResponse, TokenUsage, ToolCall } from "./types.ts";

function readUsage(usage: JsonValue): TokenUsage {
  const inputTokens = pickNumber(usage, "inputTokens", "input_tokens", "promptTokens") ??
    pickNumber(usage, "prompt_tokens");
  const outputTokens = pickNumber(usage, "outputTokens", "output_tokens", "completionTokens") ??
    pickNumber(usage, "completion_tokens");
  return {
    inputTokens,
    outputTokens,
    totalTokens: pickNumber(usage, "totalTokens", "total_tokens") ??
      sum(inputTokens, outputTokens),
  };
}

/**
 * Reads a `generateText` result of Vercel's AI SDK, with the calls of all its steps.
 *
 * @param raw an object with `finishReason` and `text`, `steps` or `toolCalls`
 * @returns the response in the common shape
 */
export function readVercel(raw: JsonObject): AgentResponse {
  const steps = pickObjects(raw, "steps");
  const calls: ToolCall[] = [];
  const results = new Map<string, JsonValue>();
  for (const step of steps.length > 0 ? steps : [raw]) {
    for (const call of pickObjects(step, "toolCalls")) {
      calls.push({
        name: pickText(call, "toolName") ?? "",
        arguments: parseArguments(pick(call, "input", "args")),
        callId: pickText(call, "toolCallId"),
        result: null,
      });
    }
    for (const result of pickObjects(step, "toolResults")) {
      const id = pickText(result, "toolCallId");
      if (id !== null) results.set(id, pick(result, "output", "result"));
    }
  }
  const last = steps[steps.length - 1];
  return {
    format: "vercel.ai",
    content: pickText(raw, "text") || pickText(last, "text") || null,
    model: pickText(pick(raw, "response"), "modelId") ??
      pickText(pick(last, "response"), "modelId"),
    finishReason: pickText(raw, "finishReason"),
    toolCalls: withResults(calls, results),
    usage: readUsage(pick(raw, "totalUsage", "usage")),
    raw,
  };
}

/** A LangChain message, whether serialised by `toJSON` (constructor and kwargs) or plain. */
function unwrapLangChain(message: JsonObject): JsonObject {
  const kwargs = pick(message, "kwargs", "data");
  if (!isJsonObject(kwargs)) return message;
  const id = pick(message, "id");
  const name = isJsonArray(id) ? id[id.length - 1] : undefined;
  const type = typeof name === "string" ? messageType(name) : pickText(message, "type");
  return { type, ...kwargs };
}

/** `AIMessage` and `AIMessageChunk` are `ai`, `ToolMessage` is `tool`. */
function messageType(className: string): string {
  return className.replace(/Message(Chunk)?$/, "").toLowerCase();
}

/**
 * Reads a conversation: LangChain messages, or messages with roles as OpenAI and Anthropic have
 * them. All tool calls count; text, model and finish reason are those of the last answer.
 *
 * @param messages the messages in order
 * @param raw what they came from
 * @returns the response in the common shape; tokens are summed over the answers
 */
export function readMessages(
  messages: readonly JsonObject[],
  raw: JsonObject | readonly JsonValue[],
): AgentResponse {
  const calls: ToolCall[] = [];
  const results = new Map<string, JsonValue>();
  let content: string | null = null;
  let model: string | null = null;
  let finishReason: string | null = null;
  let usage: TokenUsage = { inputTokens: null, outputTokens: null, totalTokens: null };
  for (const packed of messages) {
    const message = unwrapLangChain(packed);
    const role = pickText(message, "role", "type") ?? "ai";
    const blocks = pickObjects(message, "content");
    if (role === "tool") {
      const id = pickText(message, "tool_call_id", "toolCallId");
      const body = pick(message, "content");
      if (id !== null) results.set(id, parsedOrText(textOf(body) ?? body));
      continue;
    }
    const blockCalls: ToolCall[] = [];
    const blockText = readBlocks(blocks, blockCalls, results);
    if (role !== "ai" && role !== "assistant" && role !== "model" && role !== "message") continue;
    const listed = pickObjects(message, "tool_calls");
    for (const call of listed) calls.push(readListedCall(call));
    // LangChain repeats Anthropic's blocks in tool_calls.
    if (listed.length === 0) calls.push(...blockCalls);
    content = blockText ?? textOf(pick(message, "content")) ?? content;
    const metadata = pick(message, "response_metadata");
    model = pickText(metadata, "model_name", "model", "model_id") ?? pickText(message, "model") ??
      model;
    finishReason =
      pickText(metadata, "finish_reason", "stop_reason", "finishReason", "stopReason") ??
        pickText(message, "finish_reason", "stop_reason") ?? finishReason;
    usage = addUsage(usage, readUsage(pick(message, "usage_metadata", "usage")));
  }
  return {
    format: "messages",
    content,
    model,
    finishReason,
    toolCalls: withResults(calls, results),
    usage,
    raw,
  };
}

/** LangChain's `{name, args, id}`, OpenAI's `{id, function}` or the normalised form. */
function readListedCall(call: JsonObject): ToolCall {
  const called = pick(call, "function");
  return {
    name: pickText(call, "name") ?? pickText(called, "name") ?? "",
    arguments: parseArguments(pick(call, "args", "arguments") ?? pick(called, "arguments")),
    callId: pickText(call, "call_id", "id"),
    result: pick(call, "result"),
  };
}

function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  const add = (x: number | null, y: number | null) => x === null ? y : y === null ? x : x + y;
  return {
    inputTokens: add(a.inputTokens, b.inputTokens),
    outputTokens: add(a.outputTokens, b.outputTokens),
    totalTokens: add(a.totalTokens, b.totalTokens),
  };
}

/**
 * Reads a response that somebody normalised already: `{model, content, finish_reason, tool_calls,
 * usage}`.
 *
 * @param raw the response
 * @returns the response in the common shape
 */
export function readNormalised(raw: JsonObject): AgentResponse {
  return {
    format: "normalised",
    content: textOf(pick(raw, "content")),
    model: pickText(raw, "model"),
    finishReason: pickText(raw, "finish_reason", "finishReason"),
    toolCalls: pickObjects(raw, "tool_calls", "toolCalls").map(readListedCall),
    usage: readUsage(pick(raw, "usage")),
    raw,
  };
}
