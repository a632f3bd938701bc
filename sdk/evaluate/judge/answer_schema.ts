/**
 * What a judge's answer has to look like: a JSON Schema, or a schema object of any library that
 * follows Standard Schema (https://standardschema.dev), such as Zod, Valibot or ArkType.
 *
 * @module
 */

import { z } from "zod";
import { EvaluationError } from "../errors.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  toJsonValue,
} from "../json.ts";
import type { Prompt } from "./prompt.ts";

/** What is wrong with an answer. */
export interface AnswerIssue {
  /** For people. */
  readonly message: string;
  /** Where; keys, or objects that hold one. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * The part of Standard Schema v1 and Standard JSON Schema v1 that is used here: any library's
 * schema object that follows them is assignable.
 */
export interface StandardAnswerSchema {
  /** What the standard asks for. */
  readonly "~standard": {
    /** Version of the standard. */
    readonly version: 1;
    /** The library. */
    readonly vendor: string;
    /** Gives the output, or what is wrong. */
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: unknown; readonly issues?: undefined }
      | { readonly issues: readonly AnswerIssue[] }
      | Promise<
        | { readonly value: unknown; readonly issues?: undefined }
        | { readonly issues: readonly AnswerIssue[] }
      >;
    /** Makes the JSON Schema of the input; not every library does. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
    } | undefined;
  };
}

/** A JSON Schema, or a Standard Schema object. */
export type AnswerSchema = JsonObject | StandardAnswerSchema;

/**
 * Tells a Standard Schema object from a JSON Schema.
 *
 * @param schema either
 * @returns whether it can validate by itself
 * @example
 * ```ts
 * import { z } from "zod";
 * import { isStandardSchema } from "./answer_schema.ts";
 *
 * isStandardSchema(z.object({ score: z.int() })); // true
 * isStandardSchema({ type: "object" }); // false
 * ```
 */
export function isStandardSchema(schema: unknown): schema is StandardAnswerSchema {
  // Some libraries' schemas are functions.
  if (schema === null || (typeof schema !== "object" && typeof schema !== "function")) return false;
  const props: unknown = Reflect.get(schema, "~standard");
  return typeof props === "object" && props !== null && "validate" in props &&
    typeof props.validate === "function";
}

/**
 * The JSON Schema that a vendor is sent for a Standard Schema object, made by the schema's own
 * library (Standard JSON Schema, `~standard.jsonSchema`): that of the input, since a model's answer
 * goes in. Objects that do not say whether they are open are closed, as vendors' strict modes ask.
 *
 * @param schema the schema object
 * @returns draft 2020-12
 * @throws EvaluationError `INVALID_TASK` when its library offers no JSON Schema, or cannot express
 * this one
 * @example
 * ```ts
 * import { z } from "zod";
 * import { jsonSchemaOf } from "./answer_schema.ts";
 *
 * jsonSchemaOf(z.object({ score: z.int() })).type; // "object"
 * ```
 */
export function jsonSchemaOf(schema: StandardAnswerSchema): JsonObject {
  const props = schema["~standard"];
  const advice = "pass the JSON Schema beside it as responseJsonSchema";
  if (typeof props.jsonSchema?.input !== "function") {
    throw new EvaluationError(
      "INVALID_TASK",
      `responseSchema: this ${props.vendor} schema does not offer its JSON Schema, which models ` +
        `are told; ${advice}`,
    );
  }
  let made: JsonValue;
  try {
    made = toJsonValue(props.jsonSchema.input({ target: "draft-2020-12" }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EvaluationError(
      "INVALID_TASK",
      `responseSchema: ${props.vendor} cannot express this schema as JSON Schema (${reason}); ${advice}`,
      { cause: error },
    );
  }
  const closed = close(made);
  if (!isJsonObject(closed)) {
    throw new EvaluationError(
      "INVALID_TASK",
      `responseSchema: the JSON Schema of this ${props.vendor} schema is no object; ${advice}`,
    );
  }
  // The dialect is known to every vendor, and not accepted by all.
  const { $schema: _dialect, ...rest } = closed;
  return rest;
}

/** Keywords with a schema, a list of schemas, or schemas by name. `allOf` must not be closed. */
const ONE = new Set(["items", "additionalProperties"]);
const LISTS = new Set(["prefixItems", "anyOf", "oneOf"]);
const NAMED = new Set(["properties", "$defs", "definitions"]);

function close(schema: JsonValue): JsonValue {
  if (!isJsonObject(schema)) return schema;
  const result = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (ONE.has(key)) return [key, close(value)];
      if (LISTS.has(key) && isJsonArray(value)) return [key, value.map(close)];
      if (NAMED.has(key) && isJsonObject(value)) {
        return [key, Object.fromEntries(Object.entries(value).map(([k, v]) => [k, close(v)]))];
      }
      return [key, value];
    }),
  );
  return "properties" in result && !("additionalProperties" in result) && !("allOf" in result)
    ? { ...result, additionalProperties: false }
    : result;
}

/** A valid answer, or why it is none. */
export type CheckedAnswer =
  | { readonly value: JsonValue; readonly problem?: undefined }
  | { readonly problem: string };

const validators = new WeakMap<JsonObject, z.ZodType>();

/**
 * Holds an answer against the prompt's schema.
 *
 * @param prompt what was asked
 * @param value the answer
 * @returns the answer, as a Standard Schema object made it (defaults filled in, values transformed),
 * or why it does not follow the schema
 */
export async function checkAnswer(prompt: Prompt, value: JsonValue): Promise<CheckedAnswer> {
  const { answerSchema, responseSchema } = prompt;
  if (answerSchema === undefined && responseSchema === null) return { value };
  if (value === null) return { problem: "the answer is not JSON" };
  if (answerSchema !== undefined) {
    const result = await answerSchema["~standard"].validate(value);
    if (result.issues === undefined) return { value: toJsonValue(result.value) };
    const [issue] = result.issues;
    const path = (issue?.path ?? []).map((part) =>
      String(typeof part === "object" ? part.key : part)
    );
    return { problem: problemAt(path, issue?.message) };
  }
  if (responseSchema === null) return { value };
  let validator = validators.get(responseSchema);
  if (validator === undefined) {
    validator = z.fromJSONSchema(responseSchema as Parameters<typeof z.fromJSONSchema>[0]);
    validators.set(responseSchema, validator);
  }
  const result = validator.safeParse(value);
  if (result.success) return { value };
  const [issue] = result.error.issues;
  return { problem: problemAt((issue?.path ?? []).map(String), issue?.message) };
}

function problemAt(path: readonly string[], message = "not valid"): string {
  return `the answer does not follow the schema: ${path.join(".") || "value"}: ${message}`;
}
