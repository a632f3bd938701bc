import type { JsonValue } from "../json.ts";

/**
 * What a comparison says: `true` passed, `false` failed, a text that it cannot be answered
 * (the value is of a kind that the operator does not speak about).
 */
export type Verdict = boolean | string;

/** Compares a value with an expectation that was bound at compile time. */
export type Comparison = (actual: JsonValue) => Verdict;

/** Binds an expectation; called once per task, or per value when the expectation is a template. */
export type ComparisonFactory = (expected: JsonValue) => Comparison;
