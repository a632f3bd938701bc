/**
 * Every operator with what evaluation needs to know of it.
 *
 * @module
 */

import { coercingEquals, isJsonArray, isJsonObject, type JsonValue } from "../json.ts";
import * as collection from "./collection.ts";
import type { ComparisonOperator } from "./names.ts";
import * as numeric from "./numeric.ts";
import * as text from "./text.ts";
import type { ComparisonFactory } from "./types.ts";
import * as types from "./types_of.ts";

/** What is done to a value before it is compared. */
export type Transformation = "length" | "number" | "none";

/** An operator's behaviour. */
export interface OperatorEntry {
  /** Binds the expectation. */
  readonly bind: ComparisonFactory;
  /** Looks at an array as a whole; all others are asked of each item. */
  readonly arrayNative: boolean;
  /** What is done to the value first. */
  readonly transform: Transformation;
  /** What the expected value has to be; `any` also for operators that ignore it. */
  readonly expects: "any" | "array" | "number" | "numberPair" | "pattern" | "string";
  /** Kinds of value that can be answered, item-wise for operators that iterate. */
  readonly accepts: readonly JsonKind[];
}

/** The kinds of JSON values. */
export type JsonKind = "array" | "boolean" | "null" | "number" | "object" | "string";

const ALL: readonly JsonKind[] = ["array", "boolean", "null", "number", "object", "string"];

function entry(
  bind: ComparisonFactory,
  accepts: readonly JsonKind[],
  options: Partial<OperatorEntry> = {},
): OperatorEntry {
  return { bind, accepts, arrayNative: false, transform: "none", expects: "any", ...options };
}

function length(bind: ComparisonFactory): OperatorEntry {
  return entry(bind, ["string", "array", "object"], {
    arrayNative: true,
    transform: "length",
    expects: "number",
  });
}

function order(bind: ComparisonFactory): OperatorEntry {
  return entry(bind, ["number"], { transform: "number", expects: "number" });
}

const whole: Partial<OperatorEntry> = { arrayNative: true };
const wholeArray: Partial<OperatorEntry> = { arrayNative: true, expects: "array" };

/** The operators by name. */
export const OPERATOR_TABLE: { readonly [Name in ComparisonOperator]: OperatorEntry } = {
  Equals: entry((expected) => (actual) => coercingEquals(actual, expected), ALL),
  NotEqual: entry((expected) => (actual) => !coercingEquals(actual, expected), ALL),
  GreaterThan: order(numeric.greaterThan),
  GreaterThanOrEqual: order(numeric.greaterThanOrEqual),
  LessThan: order(numeric.lessThan),
  LessThanOrEqual: order(numeric.lessThanOrEqual),
  HasLengthEqual: length(numeric.sameNumber),
  HasLengthGreaterThan: length(numeric.greaterThan),
  HasLengthLessThan: length(numeric.lessThan),
  HasLengthGreaterThanOrEqual: length(numeric.greaterThanOrEqual),
  HasLengthLessThanOrEqual: length(numeric.lessThanOrEqual),
  Contains: entry(collection.contains, ["string", "array"], whole),
  NotContains: entry(collection.notContains, ["string"]),
  StartsWith: entry(text.startsWith, ["string"], { expects: "string" }),
  EndsWith: entry(text.endsWith, ["string"], { expects: "string" }),
  Matches: entry(text.matches, ["string"], { expects: "pattern" }),
  MatchesRegex: entry(text.matches, ["string"], { expects: "pattern" }),
  IsNumeric: entry(types.isNumeric, ALL, whole),
  IsString: entry(types.isString, ALL, whole),
  IsBoolean: entry(types.isBoolean, ALL, whole),
  IsNull: entry(types.isNull, ALL, whole),
  IsArray: entry(types.isArray, ALL, whole),
  IsObject: entry(types.isObject, ALL, whole),
  IsEmail: entry(text.isEmail, ["string"]),
  IsUrl: entry(text.isUrl, ["string"]),
  IsUuid: entry(text.isUuid, ["string"]),
  IsIso8601: entry(text.isIso8601, ["string"]),
  IsJson: entry(text.isJson, ["string"]),
  InRange: entry(numeric.inRange, ["number"], { expects: "numberPair" }),
  NotInRange: entry(numeric.notInRange, ["number"], { expects: "numberPair" }),
  IsPositive: entry(numeric.isPositive, ["number"]),
  IsNegative: entry(numeric.isNegative, ["number"]),
  IsZero: entry(numeric.isZero, ["number"]),
  ContainsAll: entry(collection.containsAll, ["array"], wholeArray),
  ContainsAny: entry(collection.containsAny, ["array", "string"], wholeArray),
  ContainsNone: entry(collection.containsNone, ["array"], wholeArray),
  IsEmpty: entry(collection.isEmpty, ["string", "array", "object", "null"], whole),
  IsNotEmpty: entry(collection.isNotEmpty, ["string", "array", "object", "null"], whole),
  HasUniqueItems: entry(collection.hasUniqueItems, ["array"], whole),
  SequenceMatches: entry(collection.sequenceMatches, ["array"], wholeArray),
  IsAlphabetic: entry(text.isAlphabetic, ["string"]),
  IsAlphanumeric: entry(text.isAlphanumeric, ["string"]),
  IsLowerCase: entry(text.isLowerCase, ["string"]),
  IsUpperCase: entry(text.isUpperCase, ["string"]),
  ContainsWord: entry(text.containsWord, ["string"], { expects: "string" }),
  ApproximatelyEquals: entry(numeric.approximatelyEquals, ["number"], { expects: "numberPair" }),
};

/**
 * The kind of a JSON value.
 *
 * @param value the value
 * @returns its kind
 * @example
 * ```ts
 * import { kindOf } from "./table.ts";
 *
 * kindOf([1]); // "array"
 * ```
 */
export function kindOf(value: JsonValue): JsonKind {
  if (value === null) return "null";
  if (isJsonArray(value)) return "array";
  if (isJsonObject(value)) return "object";
  return typeof value as "boolean" | "number" | "string";
}
