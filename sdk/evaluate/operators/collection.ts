import { canonicalJson, isJsonArray, isJsonObject, type JsonValue, strictEquals } from "../json.ts";
import { textContains, textContainsAny } from "./text.ts";
import type { Comparison, ComparisonFactory } from "./types.ts";

function has(items: readonly JsonValue[], wanted: JsonValue): boolean {
  if (typeof wanted !== "object" || wanted === null) return items.includes(wanted);
  for (const item of items) if (strictEquals(item, wanted)) return true;
  return false;
}

/** The string contains the text, or the array an equal item. */
export const contains: ComparisonFactory = (expected) => (actual) => {
  if (typeof actual === "string") return textContains(actual, expected);
  if (isJsonArray(actual)) return has(actual, expected);
  return "Contains needs a string or an array";
};

/** The opposite of {@linkcode contains}. */
export const notContains: ComparisonFactory = (expected) => {
  const compare = contains(expected);
  return (actual) => {
    const verdict = compare(actual);
    return typeof verdict === "string" ? verdict : !verdict;
  };
};

function arrayPair(
  what: string,
  holds: (actual: readonly JsonValue[], expected: readonly JsonValue[]) => boolean,
): ComparisonFactory {
  return (expected) => {
    if (!isJsonArray(expected)) return () => `${what} needs an array as expected value`;
    return (actual) => isJsonArray(actual) ? holds(actual, expected) : `${what} needs an array`;
  };
}

/** Every expected item is in the array. */
export const containsAll: ComparisonFactory = arrayPair(
  "ContainsAll",
  (actual, expected) => expected.every((item) => has(actual, item)),
);

/** No expected item is in the array. */
export const containsNone: ComparisonFactory = arrayPair(
  "ContainsNone",
  (actual, expected) => !expected.some((item) => has(actual, item)),
);

/** Some expected item is in the array, or some expected text in the string. */
export const containsAny: ComparisonFactory = (expected) => (actual) => {
  if (typeof actual === "string") return textContainsAny(actual, expected);
  if (!isJsonArray(actual) || !isJsonArray(expected)) {
    return "ContainsAny needs an array or a string, and an array as expected value";
  }
  return expected.some((item) => has(actual, item));
};

/** The arrays are equal, item by item. */
export const sequenceMatches: ComparisonFactory = arrayPair("SequenceMatches", strictEquals);

function emptiness(wanted: boolean): ComparisonFactory {
  const compare: Comparison = (actual) => {
    if (actual === null) return wanted;
    if (typeof actual === "string" || isJsonArray(actual)) return (actual.length === 0) === wanted;
    if (isJsonObject(actual)) return (Object.keys(actual).length === 0) === wanted;
    return "Emptiness check needs a string, array, object or null";
  };
  return () => compare;
}

/** Null, or a string, array or object without content. */
export const isEmpty: ComparisonFactory = emptiness(true);
/** The opposite of {@linkcode isEmpty}. */
export const isNotEmpty: ComparisonFactory = emptiness(false);

/** No two items of the array are equal. */
export const hasUniqueItems: ComparisonFactory = () => (actual) => {
  if (!isJsonArray(actual)) return "HasUniqueItems needs an array";
  const seen = new Set<string>();
  for (const item of actual) {
    const key = canonicalJson(item);
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
};
