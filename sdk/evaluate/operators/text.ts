import { isJsonArray, type JsonValue } from "../json.ts";
import { compilePattern } from "../regex.ts";
import type { Comparison, ComparisonFactory } from "./types.ts";

/** A question about one string with one string. */
function stringPair(
  what: string,
  bind: (expected: string) => (actual: string) => boolean,
): ComparisonFactory {
  return (expected) => {
    if (typeof expected !== "string") return () => `${what} needs a string as expected value`;
    const holds = bind(expected);
    return (actual) => typeof actual === "string" ? holds(actual) : `${what} needs a string`;
  };
}

/** A question about one string. */
function stringOnly(what: string, holds: (actual: string) => boolean | string): ComparisonFactory {
  const compare: Comparison = (actual) =>
    typeof actual === "string" ? holds(actual) : `${what} needs a string`;
  return () => compare;
}

/** The string begins with the expected one. */
export const startsWith: ComparisonFactory = stringPair(
  "StartsWith",
  (prefix) => (text) => text.startsWith(prefix),
);

/** The string ends with the expected one. */
export const endsWith: ComparisonFactory = stringPair(
  "EndsWith",
  (suffix) => (text) => text.endsWith(suffix),
);

/** The expected pattern occurs anywhere in the string. */
export const matches: ComparisonFactory = (expected: JsonValue) => {
  if (typeof expected !== "string") return () => "Matches needs a pattern as expected value";
  let test: (text: string) => boolean;
  try {
    test = compilePattern(expected).test;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return () => reason;
  }
  return (actual) => typeof actual === "string" ? test(actual) : "Matches needs a string";
};

const WORD_AT_END = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const WORD_AT_START = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** The last character before `at` is a word character. */
function wordBefore(text: string, at: number): boolean {
  return at > 0 && WORD_AT_END.test(text.slice(Math.max(0, at - 2), at));
}

/** The character at `at` is a word character. */
function wordAfter(text: string, at: number): boolean {
  return at < text.length && WORD_AT_START.test(text.slice(at, at + 2));
}

function isBoundary(text: string, at: number): boolean {
  return wordBefore(text, at) !== wordAfter(text, at);
}

/** The expected text occurs with Unicode word boundaries (UTS #18) on both sides. */
export const containsWord: ComparisonFactory = stringPair("ContainsWord", (word) => (text) => {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (isBoundary(text, at) && isBoundary(text, at + word.length)) return true;
    if (at === text.length) break;
  }
  return false;
});

const EMAIL = /^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$/;
const URL_TEXT =
  /^https?:\/\/[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)*(?:\/[^\n]*)?$/;
const UUID = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/;
const ISO_8601 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** The whole string looks like an e-mail address. */
export const isEmail: ComparisonFactory = stringOnly("IsEmail", (text) => EMAIL.test(text));
/** The whole string looks like an http(s) URL without port, user or query right after the host. */
export const isUrl: ComparisonFactory = stringOnly("IsUrl", (text) => URL_TEXT.test(text));
/** The whole string is a hyphenated UUID of any version. */
export const isUuid: ComparisonFactory = stringOnly("IsUuid", (text) => UUID.test(text));
/** The whole string is shaped like an ISO 8601 date or date-time; ranges are not checked. */
export const isIso8601: ComparisonFactory = stringOnly(
  "IsIso8601",
  (text) => ISO_8601.test(text),
);
/** The string is a JSON document. */
export const isJson: ComparisonFactory = stringOnly("IsJson", (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Not being JSON is the answer, not a failure.
    return false;
  }
});

const ALPHABETIC = /^\p{Alphabetic}*$/u;
const ALPHANUMERIC = /^[\p{Alphabetic}\p{N}]*$/u;
const LETTER = /\p{Alphabetic}/u;
const NOT_LOWER = /(?!\p{Lowercase})\p{Alphabetic}/u;
const NOT_UPPER = /(?!\p{Uppercase})\p{Alphabetic}/u;

/** Only letters; the empty string passes. */
export const isAlphabetic: ComparisonFactory = stringOnly(
  "IsAlphabetic",
  (text) => ALPHABETIC.test(text),
);
/** Only letters and numbers; the empty string passes. */
export const isAlphanumeric: ComparisonFactory = stringOnly(
  "IsAlphanumeric",
  (text) => ALPHANUMERIC.test(text),
);
/** Every letter is lower-case; a string without letters cannot be answered. */
export const isLowerCase: ComparisonFactory = stringOnly(
  "IsLowerCase",
  (text) => LETTER.test(text) ? !NOT_LOWER.test(text) : "IsLowerCase needs a string with letters",
);
/** Every letter is upper-case; a string without letters cannot be answered. */
export const isUpperCase: ComparisonFactory = stringOnly(
  "IsUpperCase",
  (text) => LETTER.test(text) ? !NOT_UPPER.test(text) : "IsUpperCase needs a string with letters",
);

/** The string contains the expected text, or the array an equal item. */
export function textContains(actual: string, expected: JsonValue): boolean | string {
  return typeof expected === "string"
    ? actual.includes(expected)
    : "Contains needs a string as expected value when the value is a string";
}

/** Some of the expected strings is contained; items that are no strings cannot be. */
export function textContainsAny(actual: string, expected: JsonValue): boolean | string {
  return isJsonArray(expected)
    ? expected.some((item) => typeof item === "string" && actual.includes(item))
    : "ContainsAny needs an array as expected value";
}
