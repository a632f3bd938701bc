/**
 * The messages of one GenAI span, whichever instrumentation wrote it.
 *
 * Instrumentations that know several conventions say the same thing twice: for each side the first of the
 * conventions below that says anything counts.
 *
 * @module
 */

import {
  asFields,
  asText,
  type Fields,
  readMessage,
  readMessages,
  readParts,
  textOf,
  toolCalls,
  unwrapJson,
} from "./any_message.ts";
import { detailsOf, eventMessages, type SpanEventData } from "./events.ts";
import { listOf, nested } from "./indexed_attributes.ts";
import { type Message, type MessagePart, type SpokenMessages, textMessage } from "./message.ts";

/** What of a span its messages are read from. */
export interface MessageSource {
  /** As the conventions name it; null when the span names none. */
  readonly operationName: string | null;
  readonly toolName: string | null;
  /** Values by key, promoted payloads among them. */
  readonly attributes: ReadonlyMap<string, unknown>;
  /** Events of the span and log records that name it, by time. */
  readonly events: readonly SpanEventData[];
}

/** One side of a call as one convention has it. */
type Reader = (span: Context) => readonly Message[];

interface Context extends MessageSource {
  readonly details: ReadonlyMap<string, unknown>;
  readonly fromEvents: { readonly input: readonly Message[]; readonly output: readonly Message[] };
}

/** Reads what a span was given and gave. */
export function spanMessages(source: MessageSource): SpokenMessages {
  const span: Context = {
    ...source,
    details: detailsOf(source.events),
    fromEvents: eventMessages(source.events),
  };
  const isTool = source.operationName === "execute_tool";
  const given = (isTool ? toolInput(span) : null) ?? first(INPUT, span);
  const output = (isTool ? toolOutput(span) : null) ?? first(OUTPUT, span);
  const system = [
    ...readParts(unwrapJson(semantic(span, "gen_ai.system_instructions"))),
    ...given.filter(({ role }) => role === "system").flatMap(({ parts }) => parts),
  ];
  return {
    system,
    input: given.filter(({ role }) => role !== "system"),
    output,
    tools: toolDefinitions(span),
  };
}

function first(readers: readonly Reader[], span: Context): readonly Message[] {
  for (const read of readers) {
    const found = read(span);
    if (found.length > 0) return found;
  }
  return [];
}

/** An attribute of the present conventions, from the span or its details event. */
function semantic(span: Context, key: string): unknown {
  return span.attributes.get(key) ?? span.details.get(key);
}

const INPUT: readonly Reader[] = [
  (span) => readMessages(semantic(span, "gen_ai.input.messages"), "user"),
  // OpenInference.
  (span) => openInference(span, "llm.input_messages.", "input.value", "user"),
  // OpenLLMetry.
  (span) => indexedMessages(span, "gen_ai.prompt.", "user"),
  (span) => indexedMessages(span, "llm.prompts.", "user"),
  // The AI SDK.
  (span) => readMessages(span.attributes.get("ai.prompt.messages"), "user"),
  aiSdkPrompt,
  (span) => span.fromEvents.input,
  (span) => readMessages(span.attributes.get("gen_ai.prompt"), "user"),
  (span) => embeddedTexts(span),
  (span) =>
    payload(span, ["input.value", "traceloop.entity.input", "scouter.tracing.input"], "user"),
];

const OUTPUT: readonly Reader[] = [
  (span) => readMessages(semantic(span, "gen_ai.output.messages"), "assistant"),
  (span) => openInference(span, "llm.output_messages.", "output.value", "assistant"),
  (span) => indexedMessages(span, "gen_ai.completion.", "assistant"),
  (span) => indexedMessages(span, "llm.completions.", "assistant"),
  (span) => indexedMessages(span, "llm.choices.", "assistant"),
  aiSdkResponse,
  (span) => span.fromEvents.output,
  (span) => readMessages(span.attributes.get("gen_ai.completion"), "assistant"),
  retrievedDocuments,
  (span) =>
    payload(
      span,
      ["output.value", "traceloop.entity.output", "scouter.tracing.output"],
      "assistant",
    ),
];

/** LangChain's calls have their ids in the whole payload only. */
function openInference(span: Context, prefix: string, whole: string, role: string): Message[] {
  const spelled = indexedMessages(span, prefix, role);
  const lacksIds = spelled.some(({ parts }) =>
    parts.some((part) => (part.kind === "tool_call" || part.kind === "tool_result") && !part.id)
  );
  if (!lacksIds) return spelled;
  const found = payloadMessages(asFields(unwrapJson(span.attributes.get(whole))), role) ?? [];
  return found.length === spelled.length ? found : spelled;
}

/** Messages spelled out over attributes, each perhaps one level down in a member of its own. */
function indexedMessages(span: Context, prefix: string, role: string): Message[] {
  return listOf(nested(span.attributes, prefix)).flatMap((entry) => {
    const fields = asFields(entry);
    if (fields === null) return [];
    const inner = asFields(fields["message"]) ?? asFields(fields["prompt"]) ??
      asFields(fields["completion"]) ?? fields;
    const contents = inner["contents"];
    const message = readMessage(
      {
        ...inner,
        ...(contents === undefined ? {} : {
          content: listOf(contents).map((content) =>
            asFields(asFields(content)?.["message_content"]) ?? content
          ),
        }),
        ...(asText(inner["function_call_name"]) === null ? {} : {
          function_call: {
            name: inner["function_call_name"],
            arguments: inner["function_call_arguments_json"],
          },
        }),
      },
      role,
    );
    return message === null ? [] : [message];
  });
}

function aiSdkPrompt(span: Context): Message[] {
  const prompt = asFields(unwrapJson(span.attributes.get("ai.prompt")));
  if (prompt === null) return [];
  const system = asText(prompt["system"]);
  return [
    ...(system === null ? [] : [textMessage("system", system)]),
    ...readMessages(prompt["messages"] ?? prompt["prompt"], "user"),
  ];
}

function aiSdkResponse(span: Context): Message[] {
  const { attributes } = span;
  const thought = asText(attributes.get("ai.response.reasoning"));
  const said = asText(attributes.get("ai.response.text")) ??
    asText(attributes.get("ai.response.object"));
  const parts: MessagePart[] = [
    ...(thought === null ? [] : [{ kind: "reasoning", text: thought } as const]),
    ...(said === null ? [] : [{ kind: "text", text: said } as const]),
    ...toolCalls(attributes.get("ai.response.toolCalls")),
  ];
  if (parts.length === 0) return [];
  const finishReason = asText(attributes.get("ai.response.finishReason"));
  return [{ role: "assistant", name: null, parts, finishReason }];
}

function embeddedTexts(span: Context): Message[] {
  return listOf(nested(span.attributes, "embedding.embeddings.")).flatMap((entry) => {
    const text = asText(asFields(asFields(entry)?.["embedding"])?.["text"]);
    return text === null ? [] : [textMessage("user", text)];
  });
}

function retrievedDocuments(span: Context): Message[] {
  const parts = listOf(nested(span.attributes, "retrieval.documents.")).flatMap(
    (entry): MessagePart[] => {
      const document = asFields(entry)?.["document"];
      return document === undefined
        ? []
        : [{ kind: "other", type: "document", json: JSON.stringify(document) }];
    },
  );
  return parts.length === 0 ? [] : [{ role: "tool", name: null, parts, finishReason: null }];
}

/** What an operation took or gave as a whole, where nothing tells its messages. */
function payload(span: Context, keys: readonly string[], role: string): Message[] {
  for (const key of keys) {
    const value = span.attributes.get(key);
    if (value === undefined || value === null || value === "") continue;
    return payloadMessages(asFields(unwrapJson(value)), role) ?? [textMessage(role, textOf(value))];
  }
  return [];
}

/** Messages inside a payload of LangChain; undefined when it is none. */
function payloadMessages(payload: Fields | null, role: string): Message[] | undefined {
  if (payload === null) return undefined;
  const { generations } = payload;
  // What a model gave: a list of candidates for each prompt.
  if (Array.isArray(generations)) {
    return generations.flat().flatMap((candidate: unknown) => {
      const fields = asFields(candidate);
      return readMessages(fields?.["message"] ?? fields?.["text"], role);
    });
  }
  const messages = payload["messages"] ?? asFields(payload["inputs"])?.["messages"];
  const read = messages === undefined ? [] : readMessages(messages, role);
  return read.length > 0 ? read : undefined;
}

const TOOL_ARGUMENTS = [
  "gen_ai.tool.call.arguments",
  "tool_call.function.arguments",
  "ai.toolCall.args",
  "ai.toolCall.input",
  "input.value",
  "traceloop.entity.input",
  "scouter.tracing.input",
  "tool.parameters",
];
const TOOL_RESULT = [
  "gen_ai.tool.call.result",
  "ai.toolCall.result",
  "ai.toolCall.output",
  "output.value",
  "traceloop.entity.output",
  "scouter.tracing.output",
];
const TOOL_CALL_ID = ["gen_ai.tool.call.id", "tool_call.id", "tool.id", "ai.toolCall.id"];

function valueOf(span: Context, keys: readonly string[]): unknown {
  return keys.map((key) => span.attributes.get(key)).find((value) =>
    value !== undefined && value !== null && value !== ""
  );
}

function toolInput(span: Context): readonly Message[] | null {
  const value = valueOf(span, TOOL_ARGUMENTS);
  const id = asText(valueOf(span, TOOL_CALL_ID));
  if (value === undefined && id === null && span.toolName === null) return null;
  const result = resultMessage(span);
  const call: MessagePart = {
    kind: "tool_call",
    id: id ?? asText(asFields(asFields(unwrapJson(value))?.["kwargs"])?.["tool_call_id"]) ??
      result?.id ?? null,
    name: span.toolName ?? result?.name ?? null,
    argumentsText: textOf(toolArguments(value)),
  };
  return [{ role: "assistant", name: null, parts: [call], finishReason: null }];
}

function toolOutput(span: Context): readonly Message[] | null {
  const value = valueOf(span, TOOL_RESULT);
  if (value === undefined) return null;
  const inner = resultMessage(span);
  const result: MessagePart = {
    kind: "tool_result",
    id: asText(valueOf(span, TOOL_CALL_ID)) ?? inner?.id ?? null,
    name: span.toolName ?? inner?.name ?? null,
    resultText: inner?.resultText ?? plainText(value),
  };
  return [{ role: "tool", name: null, parts: [result], finishReason: null }];
}

/** LangChain hands a tool's result over as a message, perhaps inside an object. */
function resultMessage(span: Context): Extract<MessagePart, { kind: "tool_result" }> | null {
  const value = unwrapJson(valueOf(span, TOOL_RESULT));
  const messages = asFields(value) === null
    ? []
    : readMessages(asFields(value)?.["output"] ?? value, "assistant");
  const [part] = messages.length === 1 && messages[0]?.role === "tool" ? messages[0].parts : [];
  return part?.kind === "tool_result" ? part : null;
}

/** The arguments alone, where a framework sends them with what it knows besides. */
function toolArguments(value: unknown): unknown {
  const fields = asFields(unwrapJson(value));
  if (fields === null) return value;
  if ("input_str" in fields) return fields["inputs"] ?? fields["input_str"];
  const args = fields["args"];
  return Array.isArray(args) && args.length === 1 && Object.keys(fields).length === 1
    ? args[0]
    : value;
}

/** A text as it is, also one that was sent as JSON. */
function plainText(value: unknown): string {
  if (typeof value === "string" && value.startsWith('"') && value.endsWith('"')) {
    try {
      return textOf(JSON.parse(value));
    } catch {
      // A text with quotes around it is text.
      return value;
    }
  }
  return textOf(value);
}

function toolDefinitions(span: Context): string[] {
  const texts = (value: unknown): string[] => {
    const found = unwrapJson(value);
    return (Array.isArray(found) ? found : []).map((tool: unknown) => {
      // OpenInference spells { tool: { json_schema } }, the AI SDK a text each.
      const schema = asFields(asFields(tool)?.["tool"])?.["json_schema"];
      return textOf(schema ?? tool);
    });
  };
  const sources = [
    semantic(span, "gen_ai.tool.definitions"),
    nested(span.attributes, "llm.tools."),
    nested(span.attributes, "llm.request.functions."),
    span.attributes.get("ai.prompt.tools"),
  ];
  return sources.map(texts).find((tools) => tools.length > 0) ?? [];
}
