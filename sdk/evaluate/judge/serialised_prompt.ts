/**
 * Prompts in their serialised form: the body of a vendor's request, with names and types beside it.
 *
 * @module
 */

import { EvaluationError } from "../errors.ts";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { type JudgeProvider, type PromptOptions, SCORE_SCHEMA } from "./prompt.ts";

/** A serialised prompt, checked for the members it has to have. */
export interface SerialisedPrompt {
  /** The body of the vendor's request. */
  readonly request: JsonObject;
  /** The model. */
  readonly model: string;
  /** Names that occur as `${name}` or `{name}`. */
  readonly parameters: readonly string[];
  /** What the answer is read as. */
  readonly response_type: "Score" | "Pydantic" | "Null";
}

/** What a request says, in the words of prompts. */
interface Parts {
  readonly messages: readonly string[];
  readonly system: readonly string[];
  readonly schema: JsonObject | null;
  readonly settings: JsonObject;
}

/**
 * What a serialised prompt asks. Members of the request that are neither text nor the answer's schema
 * are kept as settings; what a judge cannot be asked is an error.
 *
 * @param file the prompt
 * @param provider whose request it is
 * @param where for error messages
 * @returns what {@linkcode prompt} takes
 * @throws EvaluationError `INVALID_FILE` naming the member of the request
 */
export function readSerialisedPrompt(
  file: SerialisedPrompt,
  provider: JudgeProvider,
  where: string,
): PromptOptions {
  const at = `${where}.request`;
  const { model, stream, ...request } = file.request;
  if (model !== undefined && model !== null && model !== file.model) {
    throw invalid(`${at}.model`, `${shown(model)} is not the prompt's model, "${file.model}"`);
  }
  if (stream === true) {
    throw invalid(`${at}.stream`, "a judge's answer is read as a whole; leave stream out");
  }
  const parts = provider === "anthropic"
    ? anthropicParts(request, at)
    : provider === "gemini" || provider === "vertex"
    ? googleParts(request, at)
    : openAiParts(request, at);
  const bound = (texts: readonly string[]) => texts.map((text) => braces(text, file.parameters));
  return {
    model: file.model,
    provider,
    messages: bound(parts.messages),
    systemInstructions: parts.system,
    settings: parts.settings,
    responseSchema: parts.schema ?? (file.response_type === "Score" ? SCORE_SCHEMA : null),
  };
}

function openAiParts(request: JsonObject, at: string): Parts {
  const { messages, response_format: format, ...rest } = request;
  const system: string[] = [];
  const user: string[] = [];
  for (const { role, content, path } of turns(messages, "content", `${at}.messages`)) {
    if (role === "developer" || role === "system") system.push(...texts(content, path));
    else if (role === "user") user.push(...texts(content, path));
    else throw unknownRole(role, path, "developer, system and user");
  }
  return { messages: user, system, schema: openAiSchema(format, at), settings: present(rest) };
}

function openAiSchema(format: JsonValue | undefined, at: string): JsonObject | null {
  const where = `${at}.response_format`;
  if (format === undefined || format === null) return null;
  if (!isJsonObject(format)) throw invalid(where, `expected an object, got ${shown(format)}`);
  if (format.type === "text") return null;
  const { json_schema: inner } = format;
  if (format.type !== "json_schema" || !isJsonObject(inner) || !isJsonObject(inner.schema)) {
    throw invalid(where, `only a json_schema with a schema is supported, got ${shown(format)}`);
  }
  // The name that the vendor is told comes from the title.
  return inner.schema.title === undefined && typeof inner.name === "string"
    ? { title: inner.name, ...inner.schema }
    : inner.schema;
}

function anthropicParts(request: JsonObject, at: string): Parts {
  const { messages, system, output_format: format, ...rest } = request;
  const user: string[] = [];
  for (const { role, content, path } of turns(messages, "content", `${at}.messages`)) {
    if (role !== "user") throw unknownRole(role, path, "user");
    user.push(...texts(content, path));
  }
  let schema: JsonObject | null = null;
  if (format !== undefined && format !== null) {
    if (!isJsonObject(format) || format.type !== "json_schema" || !isJsonObject(format.schema)) {
      throw invalid(
        `${at}.output_format`,
        `only a json_schema with a schema is supported, got ${shown(format)}`,
      );
    }
    schema = format.schema;
  }
  return {
    messages: user,
    system: system === undefined || system === null ? [] : texts(system, `${at}.system`),
    schema,
    settings: present(rest),
  };
}

function googleParts(request: JsonObject, at: string): Parts {
  const { contents, systemInstruction, system_instruction, ...others } = request;
  const { generationConfig, generation_config, ...rest } = others;
  const user: string[] = [];
  for (const { role, content, path } of turns(contents, "parts", `${at}.contents`)) {
    if (role !== undefined && role !== "user") throw unknownRole(role, path, "user");
    user.push(...texts(content, path));
  }
  const instruction = systemInstruction ?? system_instruction ?? null;
  const system = instruction === null
    ? []
    : texts(isJsonObject(instruction) ? instruction.parts : instruction, `${at}.systemInstruction`);
  const config = generationConfig ?? generation_config ?? null;
  if (config !== null && !isJsonObject(config)) {
    throw invalid(`${at}.generationConfig`, `expected an object, got ${shown(config)}`);
  }
  const schemas = ["responseJsonSchema", "response_json_schema", "responseSchema"];
  const forms = [...schemas, "response_schema", "responseMimeType", "response_mime_type"];
  const found = forms.map((key) => config?.[key]).find(isJsonObject);
  const generation = present(
    Object.fromEntries(Object.entries(config ?? {}).filter(([key]) => !forms.includes(key))),
  );
  return {
    messages: user,
    system,
    schema: found ?? null,
    settings: {
      ...present(rest),
      ...(Object.keys(generation).length === 0 ? {} : { generationConfig: generation }),
    },
  };
}

/** Turns of a conversation, each with its role and content. */
function turns(
  list: JsonValue | undefined,
  member: "content" | "parts",
  at: string,
): { role: JsonValue | undefined; content: JsonValue | undefined; path: string }[] {
  if (!isJsonArray(list)) throw invalid(at, `expected a list of messages, got ${shown(list)}`);
  return list.map((turn, index) => {
    const path = `${at}[${index}]`;
    if (!isJsonObject(turn)) throw invalid(path, `expected a message, got ${shown(turn)}`);
    return { role: turn.role, content: turn[member], path: `${path}.${member}` };
  });
}

/** A text, or a list of parts that are all text. */
function texts(content: JsonValue | undefined, at: string): string[] {
  if (typeof content === "string") return [content];
  if (!isJsonArray(content)) throw invalid(at, `expected text, got ${shown(content)}`);
  return content.map((part, index) => {
    if (typeof part === "string") return part;
    if (isJsonObject(part) && typeof part.text === "string") return part.text;
    throw invalid(`${at}[${index}]`, `a judge is asked in text, got ${shown(part)}`);
  });
}

/** `{name}` as `${name}`, for the names that the file lists; other braces are text. */
function braces(text: string, names: readonly string[]): string {
  return text.replace(
    /(\$?)\{([A-Za-z_][A-Za-z0-9_]*)\}/g,
    (all, dollar: string, name: string) =>
      dollar === "" && names.includes(name) ? `\${${name}}` : all,
  );
}

/** Without members that are null: vendors take a setting's absence, not always its null. */
function present(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}

function unknownRole(role: JsonValue | undefined, path: string, known: string): EvaluationError {
  return invalid(
    path.replace(/\.\w+$/, ".role"),
    `${shown(role)} cannot be judged with; known are ${known}`,
  );
}

function shown(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function invalid(at: string, what: string): EvaluationError {
  return new EvaluationError("INVALID_FILE", `${at}: ${what}`);
}
