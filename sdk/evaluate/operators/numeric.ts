import { isJsonArray, type JsonValue } from "../json.ts";
import type { Comparison, ComparisonFactory } from "./types.ts";

const NOT_NUMERIC = "Cannot compare non-numeric values";

/** Orders two numbers; anything else cannot be answered. */
function ordering(holds: (x: number, bound: number) => boolean): ComparisonFactory {
  return (expected) => {
    if (typeof expected !== "number") return () => NOT_NUMERIC;
    return (actual) => typeof actual === "number" ? holds(actual, expected) : NOT_NUMERIC;
  };
}

/** `actual > expected`, both numbers. */
export const greaterThan: ComparisonFactory = ordering((x, bound) => x > bound);
/** `actual >= expected`, both numbers. */
export const greaterThanOrEqual: ComparisonFactory = ordering((x, bound) => x >= bound);
/** `actual < expected`, both numbers. */
export const lessThan: ComparisonFactory = ordering((x, bound) => x < bound);
/** `actual <= expected`, both numbers. */
export const lessThanOrEqual: ComparisonFactory = ordering((x, bound) => x <= bound);
/** `actual = expected`, both numbers; lengths are compared so. */
export const sameNumber: ComparisonFactory = ordering((x, bound) => x === bound);

function pair(expected: JsonValue): readonly [number, number] | undefined {
  if (!isJsonArray(expected) || expected.length !== 2) return undefined;
  const [first, second] = expected;
  return typeof first === "number" && typeof second === "number" ? [first, second] : undefined;
}

function range(inside: boolean): ComparisonFactory {
  return (expected) => {
    const bounds = pair(expected);
    if (bounds === undefined) return () => "Range expects [min, max], two numbers";
    const [low, high] = bounds;
    return (actual) =>
      typeof actual === "number"
        ? (actual >= low && actual <= high) === inside
        : "Range check needs a number";
  };
}

/** `min <= actual <= max`. */
export const inRange: ComparisonFactory = range(true);
/** The opposite of {@linkcode inRange}. */
export const notInRange: ComparisonFactory = range(false);

/** `|actual - value| <= tolerance`, expected `[value, tolerance]`. */
export const approximatelyEquals: ComparisonFactory = (expected) => {
  const bounds = pair(expected);
  if (bounds === undefined) return () => "Invalid tolerance: expected [value, tolerance]";
  const [value, tolerance] = bounds;
  return (actual) =>
    typeof actual === "number"
      ? Math.abs(actual - value) <= tolerance
      : "Approximate comparison needs a number";
};

function sign(holds: (x: number) => boolean): ComparisonFactory {
  const compare: Comparison = (actual) =>
    typeof actual === "number" ? holds(actual) : "Sign check needs a number";
  return () => compare;
}

/** A number above zero. */
export const isPositive: ComparisonFactory = sign((x) => x > 0);
/** A number below zero. */
export const isNegative: ComparisonFactory = sign((x) => x < 0);
/** Zero. */
export const isZero: ComparisonFactory = sign((x) => x === 0);
