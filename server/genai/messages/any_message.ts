/**
 * Reads messages as the providers' and frameworks' APIs have them: the OpenTelemetry GenAI conventions, OpenAI,
 * Anthropic, Gemini, LangChain and the AI SDK. Their shapes do not collide, so that one reader knows them all.
 *
 * @module
 */

import type { Message, MessagePart } from "./message.ts";

/** An object of unknown members. */
export type Fields = { readonly [key: string]: unknown };

/** The value when it is an object and no array, else null. */
export function asFields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Fields
    : null;
}

/** The value when it is a text that is not empty, else null. */
export function asText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A text as it is, anything else as JSON text; empty for nothing. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Deeper JSON is no message: it is shown as the text it came as, and never walked. */
const MAX_NESTING = 100;

/** The value of a JSON text that holds an object or an array; any other value as it is. */
export function unwrapJson(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  if (nestsDeeper(value, MAX_NESTING)) return value;
  try {
    return JSON.parse(value);
  } catch {
    // Text that only looks like JSON is text.
    return value;
  }
}

/** Whether arrays and objects of a JSON text nest deeper than `limit`. */
function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      for (at++; at < text.length && text.charCodeAt(at) !== QUOTE; at++) {
        if (text.charCodeAt(at) === BACKSLASH) at++;
      }
    } else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      if (++depth > limit) return true;
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth--;
  }
  return false;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_BRACKET, CLOSE_BRACKET] = [0x5b, 0x5d];
const [OPEN_BRACE, CLOSE_BRACE] = [0x7b, 0x7d];

const ROLES: ReadonlyMap<string, string> = new Map([
  ["human", "user"],
  ["ai", "assistant"],
  ["aimessagechunk", "assistant"],
  ["model", "assistant"],
  ["function", "tool"],
  ["developer", "system"],
]);

/** The conventions' word for a role. */
export function roleOf(role: unknown, otherwise: string): string {
  const text = asText(role);
  return text === null ? otherwise : ROLES.get(text.toLowerCase()) ?? text;
}

/** Message classes of LangChain by the name they are serialised under. */
const LANGCHAIN_ROLES: ReadonlyMap<string, string> = new Map([
  ["HumanMessage", "user"],
  ["HumanMessageChunk", "user"],
  ["AIMessage", "assistant"],
  ["AIMessageChunk", "assistant"],
  ["SystemMessage", "system"],
  ["SystemMessageChunk", "system"],
  ["ToolMessage", "tool"],
  ["ToolMessageChunk", "tool"],
  ["FunctionMessage", "tool"],
]);

/**
 * Reads one message.
 *
 * @param value An object with a role and content, a plain text, or a list of parts.
 * @param otherwise The role of a message that names none.
 * @returns Null when there is nothing to read.
 */
export function readMessage(value: unknown, otherwise: string): Message | null {
  if (typeof value === "string" || Array.isArray(value)) {
    const parts = readParts(value);
    return parts.length === 0 ? null : { role: otherwise, name: null, parts, finishReason: null };
  }
  const outer = asFields(value);
  if (outer === null) return null;
  // LangChain: { lc, type: "constructor", id: [..., "HumanMessage"], kwargs }, or { type: "human", data }.
  const id = outer["id"];
  const className = Array.isArray(id) ? asText(id.at(-1)) : null;
  const message = asFields(outer["kwargs"]) ?? asFields(outer["data"]) ??
    asFields(outer["message"]) ?? outer;
  const role = className === null
    ? roleOf(message["role"] ?? outer["role"] ?? message["type"] ?? outer["type"], otherwise)
    : LANGCHAIN_ROLES.get(className) ?? roleOf(message["role"], otherwise);
  const parts = messageParts(message, role);
  const finishReason = asText(message["finish_reason"]) ?? asText(outer["finish_reason"]) ??
    asText(message["finishReason"]);
  if (parts.length === 0 && finishReason === null) return null;
  return { role, name: asText(message["name"]), parts, finishReason };
}

/** Reads a list of messages, or one alone; a JSON text is looked into. */
export function readMessages(value: unknown, otherwise: string): Message[] {
  const found = unwrapJson(value);
  if (Array.isArray(found)) {
    // LangChain hands over a list of lists, one a prompt.
    const list = found.length === 1 && Array.isArray(found[0]) ? found[0] : found;
    // A list of parts is one message.
    if (list.length > 0 && list.every(isPart)) return single(readMessage(list, otherwise));
    return list.flatMap((entry: unknown) => single(readMessage(entry, otherwise)));
  }
  return single(readMessage(found, otherwise));
}

const single = (message: Message | null): Message[] => message === null ? [] : [message];

function isPart(value: unknown): boolean {
  const fields = asFields(value);
  return fields !== null && fields["role"] === undefined && typeof fields["type"] === "string" &&
    !ROLES.has(fields["type"]) && fields["content"] === undefined && !("lc" in fields);
}

function messageParts(message: Fields, role: string): MessagePart[] {
  const toolCallId = asText(message["tool_call_id"]) ?? asText(message["toolCallId"]) ??
    (role === "tool" ? asText(message["id"]) : null);
  const body = message["parts"] ?? message["content"] ?? message["contents"] ?? message["text"];
  let parts = readParts(unwrapParts(body));
  if (role === "tool" && !parts.some(({ kind }) => kind === "tool_result")) {
    const onlyText = parts.every((part) => part.kind === "text");
    const resultText = onlyText
      ? parts.map((part) => part.kind === "text" ? part.text : "").join("\n")
      : textOf(body);
    parts = parts.length === 0 && toolCallId === null
      ? []
      : [{ kind: "tool_result", id: toolCallId, name: asText(message["name"]), resultText }];
  }
  const reasoning = asText(message["reasoning_content"]) ?? asText(message["reasoning"]);
  if (reasoning !== null) parts.unshift({ kind: "reasoning", text: reasoning });
  const refusal = asText(message["refusal"]);
  if (refusal !== null) parts.push({ kind: "text", text: refusal });
  const known = new Set(parts.map((part) => part.kind === "tool_call" ? part.id : null));
  const extra = asFields(message["additional_kwargs"]);
  for (
    const call of toolCalls(
      message["tool_calls"] ?? message["toolCalls"] ?? extra?.["tool_calls"],
    )
  ) {
    // Anthropic through LangChain tells calls both among the content and beside it.
    if (call.kind === "tool_call" && (call.id === null || !known.has(call.id))) parts.push(call);
  }
  const legacy = asFields(message["function_call"]) ?? asFields(extra?.["function_call"]);
  if (legacy !== null) parts.push(functionCall(null, legacy));
  return parts;
}

/** Content that is JSON text of a list of parts. */
function unwrapParts(body: unknown): unknown {
  const found = unwrapJson(body);
  return Array.isArray(found) && found.length > 0 && found.every((entry) => {
      const fields = asFields(entry);
      return fields !== null && typeof fields["type"] === "string";
    })
    ? found
    : body;
}

/** Reads the calls beside a message's content; a JSON text is looked into. */
export function toolCalls(value: unknown): MessagePart[] {
  const found = unwrapJson(value);
  const list = Array.isArray(found) ? found : found === undefined || found === null ? [] : [found];
  return list.flatMap((entry: unknown): MessagePart[] => {
    const fields = asFields(entry);
    if (fields === null) return [];
    const inner = asFields(fields["tool_call"]) ?? fields;
    const id = asText(inner["id"]) ?? asText(inner["toolCallId"]) ?? asText(inner["call_id"]);
    return [functionCall(id, asFields(inner["function"]) ?? inner)];
  });
}

function functionCall(id: string | null, call: Fields): MessagePart {
  return {
    kind: "tool_call",
    id,
    name: asText(call["name"]) ?? asText(call["toolName"]),
    argumentsText: textOf(call["arguments"] ?? call["args"] ?? call["input"]),
  };
}

/** Reads content: a text, a part, or a list of them. */
export function readParts(value: unknown): MessagePart[] {
  if (value === undefined || value === null || value === "") return [];
  if (typeof value === "string") return [{ kind: "text", text: value }];
  if (Array.isArray(value)) return value.flatMap(readParts);
  const part = asFields(value);
  return part === null ? [{ kind: "text", text: String(value) }] : readPart(part);
}

function readPart(part: Fields): MessagePart[] {
  const type = asText(part["type"]);
  const text = (content: unknown): MessagePart[] => {
    const found = textOf(content);
    return found === "" ? [] : [{ kind: "text", text: found }];
  };
  switch (type) {
    case "text":
    case "input_text":
    case "output_text":
    case "summary_text":
      return text(part["content"] ?? part["text"]);
    case "refusal":
      return text(part["refusal"] ?? part["content"]);
    case "reasoning":
    case "thinking": {
      const thought = textOf(
        part["content"] ?? part["text"] ?? part["thinking"] ?? part["reasoning"],
      );
      return thought === "" ? [] : [{ kind: "reasoning", text: thought }];
    }
    case "tool_call":
    case "tool-call":
    case "tool_use":
    case "function_call":
    case "function": {
      const id = asText(part["call_id"]) ?? asText(part["toolCallId"]) ?? asText(part["id"]);
      return [functionCall(id, asFields(part["function"]) ?? part)];
    }
    case "tool_call_response":
    case "tool-result":
    case "tool_result":
    case "function_call_output":
      return [{
        kind: "tool_result",
        id: asText(part["tool_use_id"]) ?? asText(part["call_id"]) ??
          asText(part["toolCallId"]) ?? asText(part["id"]),
        name: asText(part["name"]) ?? asText(part["toolName"]),
        resultText: resultText(
          part["response"] ?? part["result"] ?? part["output"] ?? part["content"],
        ),
      }];
  }
  // Gemini: a part is told by its only member.
  const call = asFields(part["functionCall"]) ?? asFields(part["function_call"]);
  if (call !== null) return [functionCall(asText(call["id"]), call)];
  const response = asFields(part["functionResponse"]) ?? asFields(part["function_response"]);
  if (response !== null) {
    return [{
      kind: "tool_result",
      id: asText(response["id"]),
      name: asText(response["name"]),
      resultText: textOf(response["response"]),
    }];
  }
  if (type === null && typeof part["text"] === "string") return text(part["text"]);
  return [{ kind: "other", type: type ?? "object", json: JSON.stringify(part) }];
}

/** Results come as text, as parts of text, or as `{ type: "text" | "json", value }`. */
function resultText(value: unknown): string {
  const wrapped = asFields(value);
  if (wrapped !== null && "value" in wrapped && typeof wrapped["type"] === "string") {
    return textOf(wrapped["value"]);
  }
  if (Array.isArray(value)) {
    const parts = readParts(value);
    if (parts.every((part) => part.kind === "text")) {
      return parts.map((part) => part.text).join("\n");
    }
  }
  return textOf(value);
}
