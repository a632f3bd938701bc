/**
 * JSON values and what it means for two of them to be equal.
 *
 * @module
 */

/** Any value that JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * Tells a JSON object from every other JSON value.
 *
 * @param value any value
 * @returns whether it is an object and neither null nor an array
 * @example
 * ```ts
 * import { isJsonObject } from "./json.ts";
 *
 * isJsonObject({ a: 1 }); // true
 * isJsonObject([1]); // false
 * ```
 */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Narrows to arrays without widening their items to `any`, as `Array.isArray` does for read-only
 * array types.
 *
 * @param value any JSON value
 * @returns whether it is an array
 * @example
 * ```ts
 * import { isJsonArray } from "./json.ts";
 *
 * isJsonArray([]); // true
 * ```
 */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * Deep equality without any coercion; the order of keys does not matter.
 *
 * @param a one value
 * @param b the other
 * @returns whether both say the same
 * @example
 * ```ts
 * import { strictEquals } from "./json.ts";
 *
 * strictEquals({ a: 1, b: [2] }, { b: [2], a: 1 }); // true
 * strictEquals("1", 1); // false
 * ```
 */
export function strictEquals(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isJsonArray(a)) {
    if (!isJsonArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) {
      if (!strictEquals(a[i] as JsonValue, b[i] as JsonValue)) return false;
    }
    return true;
  }
  if (isJsonArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) return false;
    if (!strictEquals(a[key] as JsonValue, b[key] as JsonValue)) return false;
  }
  return true;
}

/**
 * The same text for equal values: JSON with sorted keys and no spaces.
 *
 * @param value a JSON value
 * @returns canonical text
 * @example
 * ```ts
 * import { canonicalJson } from "./json.ts";
 *
 * canonicalJson({ b: 1, a: [true] }); // '{"a":[true],"b":1}'
 * ```
 */
export function canonicalJson(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isJsonObject(value)) {
    const parts = Object.keys(value).sort().map((key) =>
      `${JSON.stringify(key)}:${canonicalJson(value[key] as JsonValue)}`
    );
    return `{${parts.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** A decimal number as JSON-like text: sign, digits, fraction, exponent; nothing else. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Equality as the top-level `Equals` means it: strings and numbers meet when the string is a plain
 * decimal number; everything else as {@linkcode strictEquals}.
 *
 * @param a one value
 * @param b the other
 * @returns whether they are equal
 * @example
 * ```ts
 * import { coercingEquals } from "./json.ts";
 *
 * coercingEquals("5", 5); // true
 * coercingEquals(" 5", 5); // false
 * ```
 */
export function coercingEquals(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a === "string" && typeof b === "number") return DECIMAL.test(a) && Number(a) === b;
  if (typeof a === "number" && typeof b === "string") return DECIMAL.test(b) && Number(b) === a;
  return strictEquals(a, b);
}

/**
 * Turns what a program holds into plain JSON data: dates become ISO text, `undefined` members
 * vanish, big integers become numbers when they are exact and text otherwise.
 *
 * @param value anything, for example a class instance or a validated model
 * @returns plain JSON data; `null` for what JSON cannot say
 * @example
 * ```ts
 * import { toJsonValue } from "./json.ts";
 *
 * toJsonValue({ at: new Date(0), gone: undefined }); // { at: "1970-01-01T00:00:00.000Z" }
 * ```
 */
export function toJsonValue(value: unknown): JsonValue {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== "bigint") return item;
    const number = Number(item);
    return Number.isSafeInteger(number) ? number : item.toString();
  });
  return text === undefined ? null : JSON.parse(text) as JsonValue;
}
