/**
 * One shape for the responses of all vendors.
 *
 * @module
 */

import { EvaluationError } from "../errors.ts";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { readAnthropic } from "./anthropic.ts";
import { readMessages, readNormalised, readVercel } from "./frameworks.ts";
import { readAdk, readGemini, readPredict } from "./google.ts";
import { readOpenAiChat, readOpenAiResponse } from "./openai.ts";
import type { AgentResponse, Provider } from "./types.ts";

/** Any of these tells an event of Google's Agent Development Kit. */
const ADK_KEYS = [
  "partial",
  "turn_complete",
  "interrupted",
  "error_code",
  "error_message",
  "interaction_id",
  "live_session_resumption_update",
  "input_transcription",
  "output_transcription",
  "custom_metadata",
  "usage_metadata",
  "model_version",
];

/** Members that hold a response in the records people keep. */
const WRAPPERS = ["response", "output", "result", "completion", "message", "body", "data"];
/** How deep the search for a wrapped response goes. */
const MAX_WALK_DEPTH = 6;
/** How many values the search looks at. */
const MAX_WALK_VALUES = 2000;

/**
 * Brings a vendor's response into the common shape.
 *
 * Known: OpenAI chat completions and responses, Anthropic messages, Gemini and Vertex AI
 * (`generateContent`, `predict`), Agent Development Kit events, Vercel AI SDK results, LangChain
 * messages, message lists, and already normalised responses. Members of an unexpected type are
 * read as absent. A response inside of another object is searched for.
 *
 * @param value the response
 * @param provider whose it is; null or `Undefined`: decided by its shape
 * @returns the response in the common shape
 * @throws EvaluationError `INVALID_PROVIDER_RESPONSE` when nothing is recognised
 * @example
 * ```ts
 * import { normaliseResponse } from "./normalise.ts";
 *
 * normaliseResponse({
 *   choices: [{ message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
 * }).content; // "Hi"
 * ```
 */
export function normaliseResponse(
  value: JsonValue,
  provider: Provider | null = null,
): AgentResponse {
  const read = provider === null || provider === "Undefined"
    ? recognise(value) ?? search(value)
    : readAs(value, provider);
  if (read !== undefined) return read;
  throw new EvaluationError(
    "INVALID_PROVIDER_RESPONSE",
    provider === null || provider === "Undefined"
      ? "The value is not a response that is known: OpenAI, Anthropic, Gemini, Vertex AI, ADK, " +
        "Vercel AI SDK, LangChain or a normalised one; set context_path to where the response is"
      : `The value is not a response of ${provider}`,
  );
}

function readAs(value: JsonValue, provider: Provider): AgentResponse | undefined {
  if (isJsonArray(value)) return recogniseList(value);
  if (!isJsonObject(value)) return undefined;
  switch (provider) {
    case "OpenAI":
      if (isJsonArray(value.choices)) return readOpenAiChat(value);
      return isJsonArray(value.output) ? readOpenAiResponse(value) : undefined;
    case "Anthropic":
      return "content" in value ? readAnthropic(value) : undefined;
    case "Gemini":
      return "candidates" in value || "promptFeedback" in value ? readGemini(value) : undefined;
    case "Google":
    case "Vertex":
      if ("predictions" in value) return readPredict(value);
      return "candidates" in value || "promptFeedback" in value ? readGemini(value) : undefined;
    case "GoogleAdk":
      return readAdk([value], value);
    case "Undefined":
      return recognise(value);
  }
}

function recognise(value: JsonValue): AgentResponse | undefined {
  if (isJsonArray(value)) return recogniseList(value);
  if (!isJsonObject(value)) return undefined;
  const has = (key: string): boolean => Object.hasOwn(value, key);
  if (isJsonArray(value.choices)) return readOpenAiChat(value);
  if (has("predictions")) return readPredict(value);
  if (has("stop_reason") && has("content")) return readAnthropic(value);
  if (isLangChain(value)) return readMessages([value], value);
  if (ADK_KEYS.some(has) && !isJsonArray(value.content) && typeof value.content !== "string") {
    return readAdk([value], value);
  }
  if (has("candidates") || has("promptFeedback")) return readGemini(value);
  if (value.object === "response" || isTypedItems(value.output)) return readOpenAiResponse(value);
  if (isVercel(value)) return readVercel(value);
  if (value.type === "message" && isJsonArray(value.content)) return readAnthropic(value);
  if (isAdkContent(value.content)) return readAdk([value], value);
  if (isJsonArray(value.messages)) {
    const messages = value.messages.filter(isJsonObject);
    if (messages.length > 0 && messages.every(isMessage)) return readMessages(messages, value);
  }
  if (isNormalised(value)) return readNormalised(value);
  if (value.role === "assistant" && has("content")) return readMessages([value], value);
  return undefined;
}

function recogniseList(value: readonly JsonValue[]): AgentResponse | undefined {
  const items = value.filter(isJsonObject);
  if (items.length === 0 || items.length !== value.length) return undefined;
  if (items.every((item) => isAdkContent(item.content))) return readAdk(items, value);
  if (items.every(isMessage)) return readMessages(items, value);
  return undefined;
}

function isAdkContent(content: JsonValue | undefined): boolean {
  return isJsonObject(content) && isJsonArray(content.parts);
}

function isTypedItems(output: JsonValue | undefined): boolean {
  return isJsonArray(output) && output.length > 0 &&
    output.every((item) => isJsonObject(item) && typeof item.type === "string");
}

function isLangChain(value: JsonObject): boolean {
  if (value.lc === 1 && isJsonObject(value.kwargs)) return true;
  if (isJsonObject(value.response_metadata) && "content" in value) return true;
  return (value.type === "ai" || value.type === "AIMessageChunk") &&
    ("content" in value || isJsonObject(value.data));
}

function isVercel(value: JsonObject): boolean {
  return typeof value.finishReason === "string" &&
    (typeof value.text === "string" || isJsonArray(value.steps) || isJsonArray(value.toolCalls));
}

function isMessage(value: JsonObject): boolean {
  return typeof value.role === "string" || isLangChain(value) ||
    (typeof value.type === "string" && ("content" in value || "data" in value));
}

function isNormalised(value: JsonObject): boolean {
  if (isJsonArray(value.tool_calls)) {
    return value.tool_calls.every((call) => isJsonObject(call) && typeof call.name === "string");
  }
  return (typeof value.content === "string" || value.content === null) &&
    (typeof value.model === "string" || typeof value.finish_reason === "string") &&
    value.role === undefined;
}

/** Breadth first, the usual wrappers before other members. */
function search(value: JsonValue): AgentResponse | undefined {
  let level: JsonValue[] = [value];
  let looked = 0;
  for (let depth = 0; depth < MAX_WALK_DEPTH && level.length > 0; depth++) {
    const next: JsonValue[] = [];
    for (const item of level) {
      if (++looked > MAX_WALK_VALUES) return undefined;
      if (depth > 0) {
        const found = recognise(item);
        if (found !== undefined) return found;
      }
      next.push(...childrenOf(item));
    }
    level = next;
  }
  return undefined;
}

function childrenOf(value: JsonValue): JsonValue[] {
  if (isJsonArray(value)) return value.filter((item) => typeof item === "object");
  if (!isJsonObject(value)) return [];
  const keys = Object.keys(value).sort((a, b) => rank(a) - rank(b));
  return keys.map((key) => value[key]).filter((item) =>
    item !== undefined && item !== null && typeof item === "object"
  ) as JsonValue[];
}

function rank(key: string): number {
  const index = WRAPPERS.indexOf(key);
  return index < 0 ? WRAPPERS.length : index;
}
