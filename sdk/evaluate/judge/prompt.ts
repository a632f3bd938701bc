/**
 * Prompts: what a judge is asked, with places for the record's values.
 *
 * @module
 */

import { EvaluationError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { compilePath } from "../path.ts";
import { asText } from "../template.ts";
import {
  type AnswerSchema,
  isStandardSchema,
  jsonSchemaOf,
  type StandardAnswerSchema,
} from "./answer_schema.ts";

/** Whose model is asked. */
export type JudgeProvider = "openai" | "anthropic" | "gemini" | "vertex" | "openai-compatible";

/** What a judge is asked. */
export interface Prompt {
  /** The model. */
  readonly model: string;
  /** Whose model it is. */
  readonly provider: JudgeProvider;
  /** User messages; `${path}` is replaced by values of the record. */
  readonly messages: readonly string[];
  /** System instructions, likewise. */
  readonly systemInstructions: readonly string[];
  /** Settings in the vendor's own words, for example `temperature`. */
  readonly settings: JsonObject;
  /** JSON Schema that the answer has to follow; null: free text. */
  readonly responseSchema: JsonObject | null;
  /** Validates the answer instead of `responseSchema`, which the vendor is still sent. Not stored in files. */
  readonly answerSchema?: StandardAnswerSchema;
}

/** Options of {@linkcode prompt}. */
export interface PromptOptions {
  /** The model. */
  readonly model: string;
  /** Whose model it is. */
  readonly provider: JudgeProvider;
  /** One user message or several. */
  readonly messages: string | readonly string[];
  /** One system instruction or several. */
  readonly systemInstructions?: string | readonly string[];
  /** Settings in the vendor's own words. */
  readonly settings?: JsonObject;
  /**
   * What the answer has to follow: a JSON Schema, or a Standard Schema object such as Zod's, whose
   * output is then what the task looks at.
   */
  readonly responseSchema?: AnswerSchema | null;
  /** JSON Schema to send for a Standard Schema object whose library does not make it by itself. */
  readonly responseJsonSchema?: JsonObject;
}

/** JSON Schema of the usual judgement: a whole score from 1 to 5 and the reason. */
export const SCORE_SCHEMA: JsonObject = {
  title: "Score",
  type: "object",
  properties: {
    score: { type: "integer", minimum: 1, maximum: 5 },
    reason: { type: "string" },
  },
  required: ["score", "reason"],
  additionalProperties: false,
};

/**
 * Makes a prompt.
 *
 * @param options see {@linkcode PromptOptions}
 * @returns the prompt
 * @throws EvaluationError `INVALID_TASK` without a message or a model
 * @example
 * ```ts
 * import { prompt, SCORE_SCHEMA } from "./prompt.ts";
 *
 * prompt({
 *   model: "claude-sonnet-4-5",
 *   provider: "anthropic",
 *   messages: "Question: ${question}\nAnswer: ${answer.text}\nScore it.",
 *   responseSchema: SCORE_SCHEMA,
 * });
 * ```
 * @example A schema of a library that follows Standard Schema
 * ```ts
 * import { z } from "zod";
 * import { prompt } from "./prompt.ts";
 *
 * prompt({
 *   model: "gpt-4o-mini",
 *   provider: "openai",
 *   messages: "Is this polite? ${answer}",
 *   responseSchema: z.object({ polite: z.boolean(), why: z.string() }),
 * });
 * ```
 */
export function prompt(options: PromptOptions): Prompt {
  const messages = asList(options.messages);
  if (messages.length === 0) {
    throw new EvaluationError("INVALID_TASK", "A prompt needs at least one message");
  }
  if (options.model === "") throw new EvaluationError("INVALID_TASK", "A prompt needs a model");
  const schema = options.responseSchema ?? null;
  const answerSchema = isStandardSchema(schema) ? schema : undefined;
  const made: Prompt = {
    model: options.model,
    provider: options.provider,
    messages,
    systemInstructions: asList(options.systemInstructions ?? []),
    settings: options.settings ?? {},
    responseSchema: options.responseJsonSchema ??
      (isStandardSchema(schema) ? jsonSchemaOf(schema) : schema),
    ...(answerSchema === undefined ? {} : { answerSchema }),
  };
  for (const name of promptParameters(made)) compilePath(name, "strict");
  return made;
}

function asList(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}

const PARAMETER = /\$\{([^{}]+)\}/g;

/**
 * The paths that a prompt takes from the record.
 *
 * @param prompt the prompt
 * @returns sorted, each once
 * @example
 * ```ts
 * import { prompt, promptParameters } from "./prompt.ts";
 *
 * promptParameters(prompt({ model: "m", provider: "openai", messages: "${a} and ${b.c}" }));
 * // ["a", "b.c"]
 * ```
 */
export function promptParameters(prompt: Prompt): readonly string[] {
  const names = new Set<string>();
  for (const text of [...prompt.systemInstructions, ...prompt.messages]) {
    for (const match of text.matchAll(PARAMETER)) names.add((match[1] ?? "").trim());
  }
  return [...names].sort();
}

/**
 * Puts the record's values into a prompt. Strings go in as they are, everything else as JSON.
 *
 * @param prompt the prompt
 * @param context where values are looked up
 * @returns the prompt with its messages filled in
 * @throws EvaluationError `FIELD_NOT_FOUND` when a value is missing: a judge that does not see
 * what it judges would still answer
 * @example
 * ```ts
 * import { bindPrompt, prompt } from "./prompt.ts";
 *
 * bindPrompt(prompt({ model: "m", provider: "openai", messages: "Hi ${name}" }), { name: "Ada" })
 *   .messages; // ["Hi Ada"]
 * ```
 */
export function bindPrompt(prompt: Prompt, context: JsonValue): Prompt {
  const fill = (text: string): string =>
    text.replace(PARAMETER, (_whole, name: string) => {
      const path = compilePath(name.trim(), "strict");
      const value = path.get(context);
      if (value !== undefined) return asText(value);
      throw new EvaluationError(
        "FIELD_NOT_FOUND",
        `The prompt needs \${${path.text}}: ${path.explain(context).message}`,
      );
    });
  return {
    ...prompt,
    messages: prompt.messages.map(fill),
    systemInstructions: prompt.systemInstructions.map(fill),
  };
}
