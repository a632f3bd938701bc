/**
 * JSON text to values and back without losing what JavaScript numbers cannot hold: `1.0` stays a double and
 * `9223372036854775807` keeps its last digit.
 *
 * @module
 */

/** What `JSON.rawJSON` returns: a number whose text is kept. */
export interface RawJson {
  readonly rawJSON: string;
}

/** A JSON value whose numbers may be kept as text. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | RawJson
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

interface ReviverContext {
  readonly source?: string;
}

interface SourceTextJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: ReviverContext) => unknown,
  ): JsonValue;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): boolean;
}

// ECMAScript's "JSON.parse source text access", which TypeScript's library does not describe yet.
const sourceText = JSON as unknown as SourceTextJson;

/**
 * Reads one JSON text. A text that is not JSON becomes a string, so that one odd value never hides a whole span.
 *
 * @param text JSON text of one value.
 * @returns The value; numbers that JavaScript would print differently are kept as they were written.
 */
export function parseLossless(text: string): JsonValue {
  if (text.startsWith('"') && text.endsWith('"') && text.length > 1 && !text.includes("\\")) {
    return text.slice(1, -1);
  }
  try {
    return sourceText.parse(
      text,
      (_key, value, context) =>
        typeof value === "number" && context.source !== undefined &&
          context.source !== String(value)
          ? sourceText.rawJSON(context.source)
          : value,
    );
  } catch {
    // Not JSON at all: shown as it is.
    return text;
  }
}

/** Whether a value is a number kept as text. */
export function isRawJson(value: JsonValue): value is RawJson {
  return sourceText.isRawJSON(value);
}

/** A JSON object as key and value pairs, in order; anything else gives none. */
export function objectEntries(value: JsonValue | undefined): { key: string; value: JsonValue }[] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  if ("rawJSON" in value) return [];
  return Object.entries(value).map(([key, entry]) => ({ key, value: entry }));
}
