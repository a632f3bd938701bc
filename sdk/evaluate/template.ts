/**
 * Templates: expectations that point into the record, such as `"${reference.answer}"`.
 *
 * @module
 */

import { EvaluationError } from "./errors.ts";
import { isJsonArray, isJsonObject, type JsonValue } from "./json.ts";
import { type Compatibility, type CompiledPath, compilePath } from "./path.ts";

/** An expectation that is resolved per record. */
export interface Template {
  /**
   * Puts values in place of the references.
   *
   * @param scopes where to look, in this order
   * @throws EvaluationError when a reference leads nowhere in every scope
   */
  resolve(scopes: readonly JsonValue[]): JsonValue;
}

/**
 * Finds the references in an expectation.
 *
 * In the reference grammar only a whole string `"${path}"` is one; in the strict grammar they may
 * also be part of a string or sit deep inside arrays and objects.
 *
 * @param value the expectation as written
 * @param compatibility which grammar
 * @returns a template, or `undefined` when the expectation is a plain value
 * @throws EvaluationError in strict mode, when a reference's path cannot be parsed
 * @example
 * ```ts
 * import { compileTemplate } from "./template.ts";
 *
 * compileTemplate("${user.id}")?.resolve([{ user: { id: 7 } }]); // 7
 * ```
 */
export function compileTemplate(
  value: JsonValue,
  compatibility: Compatibility = "reference",
): Template | undefined {
  if (compatibility === "strict") return compileDeep(value);
  if (typeof value !== "string" || !value.startsWith("${") || !value.endsWith("}")) {
    return undefined;
  }
  try {
    return whole(value.slice(2, -1), "reference");
  } catch (error) {
    // A broken reference matters only where it would be looked up.
    return {
      resolve() {
        throw error;
      },
    };
  }
}

function whole(text: string, compatibility: Compatibility): Template {
  const path = compilePath(text, compatibility);
  return { resolve: (scopes) => lookUp(path, scopes) };
}

function lookUp(path: CompiledPath, scopes: readonly JsonValue[]): JsonValue {
  for (const scope of scopes) {
    const found = path.get(scope);
    if (found !== undefined) return found;
  }
  const reason = scopes[0] === undefined ? "nothing to look in" : path.explain(scopes[0]).message;
  throw new EvaluationError("FIELD_NOT_FOUND", `Template \${${path.text}}: ${reason}`);
}

const REFERENCE = /\$\{([^{}]*)\}/g;

function compileDeep(value: JsonValue): Template | undefined {
  if (typeof value === "string") {
    const found = [...value.matchAll(REFERENCE)];
    if (found.length === 0) return undefined;
    const [only] = found;
    if (found.length === 1 && only !== undefined && only[0].length === value.length) {
      return whole(only[1] ?? "", "strict");
    }
    const paths = found.map((match) => compilePath(match[1] ?? "", "strict"));
    return {
      resolve(scopes) {
        let index = 0;
        return value.replace(REFERENCE, () => {
          const path = paths[index++];
          return path === undefined ? "" : asText(lookUp(path, scopes));
        });
      },
    };
  }
  if (isJsonArray(value)) {
    const items = value.map(compileDeep);
    if (items.every((item) => item === undefined)) return undefined;
    return {
      resolve: (scopes) =>
        value.map((item, i) => {
          const template = items[i];
          return template === undefined ? item : template.resolve(scopes);
        }),
    };
  }
  if (isJsonObject(value)) {
    const items = Object.entries(value).map(([key, item]) =>
      [key, item, compileDeep(item)] as const
    );
    if (items.every(([, , item]) => item === undefined)) return undefined;
    return {
      resolve: (scopes) =>
        Object.fromEntries(
          items.map(([key, item, template]) => [key, template ? template.resolve(scopes) : item]),
        ),
    };
  }
  return undefined;
}

/**
 * A value inside a text: strings as they are, everything else as JSON.
 *
 * @param value the value
 * @returns text
 * @example
 * ```ts
 * import { asText } from "./template.ts";
 *
 * asText("a"); // "a"
 * asText([1]); // "[1]"
 * ```
 */
export function asText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
