/**
 * The comparison operators by name; each name is its own serialised form.
 *
 * @example
 * ```ts
 * import { ComparisonOperator } from "./names.ts";
 *
 * ComparisonOperator.GreaterThan; // "GreaterThan"
 * ```
 */
export const ComparisonOperator: { readonly [Name in ComparisonOperator]: Name } = {
  Equals: "Equals",
  NotEqual: "NotEqual",
  GreaterThan: "GreaterThan",
  GreaterThanOrEqual: "GreaterThanOrEqual",
  LessThan: "LessThan",
  LessThanOrEqual: "LessThanOrEqual",
  HasLengthEqual: "HasLengthEqual",
  HasLengthGreaterThan: "HasLengthGreaterThan",
  HasLengthLessThan: "HasLengthLessThan",
  HasLengthGreaterThanOrEqual: "HasLengthGreaterThanOrEqual",
  HasLengthLessThanOrEqual: "HasLengthLessThanOrEqual",
  Contains: "Contains",
  NotContains: "NotContains",
  StartsWith: "StartsWith",
  EndsWith: "EndsWith",
  Matches: "Matches",
  MatchesRegex: "MatchesRegex",
  IsNumeric: "IsNumeric",
  IsString: "IsString",
  IsBoolean: "IsBoolean",
  IsNull: "IsNull",
  IsArray: "IsArray",
  IsObject: "IsObject",
  IsEmail: "IsEmail",
  IsUrl: "IsUrl",
  IsUuid: "IsUuid",
  IsIso8601: "IsIso8601",
  IsJson: "IsJson",
  InRange: "InRange",
  NotInRange: "NotInRange",
  IsPositive: "IsPositive",
  IsNegative: "IsNegative",
  IsZero: "IsZero",
  ContainsAll: "ContainsAll",
  ContainsAny: "ContainsAny",
  ContainsNone: "ContainsNone",
  IsEmpty: "IsEmpty",
  IsNotEmpty: "IsNotEmpty",
  HasUniqueItems: "HasUniqueItems",
  SequenceMatches: "SequenceMatches",
  IsAlphabetic: "IsAlphabetic",
  IsAlphanumeric: "IsAlphanumeric",
  IsLowerCase: "IsLowerCase",
  IsUpperCase: "IsUpperCase",
  ContainsWord: "ContainsWord",
  ApproximatelyEquals: "ApproximatelyEquals",
};

/** How an assertion compares what it found with what it expects. */
export type ComparisonOperator =
  | "Equals"
  | "NotEqual"
  | "GreaterThan"
  | "GreaterThanOrEqual"
  | "LessThan"
  | "LessThanOrEqual"
  | "HasLengthEqual"
  | "HasLengthGreaterThan"
  | "HasLengthLessThan"
  | "HasLengthGreaterThanOrEqual"
  | "HasLengthLessThanOrEqual"
  | "Contains"
  | "NotContains"
  | "StartsWith"
  | "EndsWith"
  | "Matches"
  | "MatchesRegex"
  | "IsNumeric"
  | "IsString"
  | "IsBoolean"
  | "IsNull"
  | "IsArray"
  | "IsObject"
  | "IsEmail"
  | "IsUrl"
  | "IsUuid"
  | "IsIso8601"
  | "IsJson"
  | "InRange"
  | "NotInRange"
  | "IsPositive"
  | "IsNegative"
  | "IsZero"
  | "ContainsAll"
  | "ContainsAny"
  | "ContainsNone"
  | "IsEmpty"
  | "IsNotEmpty"
  | "HasUniqueItems"
  | "SequenceMatches"
  | "IsAlphabetic"
  | "IsAlphanumeric"
  | "IsLowerCase"
  | "IsUpperCase"
  | "ContainsWord"
  | "ApproximatelyEquals";

/** Every operator, in the order of the documentation. */
export const OPERATORS: readonly ComparisonOperator[] = Object.values(ComparisonOperator);

/**
 * Tells an operator's name from any other text.
 *
 * @param name case-sensitive
 * @returns whether it names an operator
 * @example
 * ```ts
 * import { isComparisonOperator } from "./names.ts";
 *
 * isComparisonOperator("equals"); // false: names are case-sensitive
 * ```
 */
export function isComparisonOperator(name: unknown): name is ComparisonOperator {
  return typeof name === "string" && Object.hasOwn(ComparisonOperator, name);
}
