/**
 * Comparisons for golden vectors.
 *
 * @module
 */

import { AssertionError } from "node:assert";

/** Marks a value that differs per run: only that it is there is compared. */
export const VOLATILE = "<volatile>";

/** Turns `{"$number": "NaN"}` and its like into numbers, all the way down. */
export function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== "object" || value === null) return value;
  if ("$number" in value) return Number(value.$number);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, revive(child)]));
}

/**
 * Throws when two JSON values differ: the same keys, numbers to a relative tolerance (with a small floor), `<volatile>` for any value.
 *
 * @param actual what came out
 * @param expected what is recorded
 * @param tolerance relative; values below a thousandth are compared absolutely
 * @param path where in the document, for the message
 */
export function assertClose(
  actual: unknown,
  expected: unknown,
  tolerance: number,
  path = "$",
): void {
  if (expected === VOLATILE) {
    if (actual === undefined || actual === null) differ(path, actual, "any value");
    return;
  }
  // JSON writes NaN and infinities as null.
  if (actual === null && typeof expected === "number" && !Number.isFinite(expected)) return;
  if (typeof expected === "number" && typeof actual === "number") {
    if (Object.is(actual, expected)) return;
    // A floor for differences of nearly equal numbers, where nothing relative can be said.
    const scale = Math.max(1e-3, Math.abs(expected));
    if (!(Math.abs(actual - expected) <= tolerance * scale)) differ(path, actual, expected);
    return;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) differ(path, actual, "an array");
    if (actual.length !== expected.length) {
      differ(`${path}.length`, actual.length, expected.length);
    }
    expected.forEach((item, i) => assertClose(actual[i], item, tolerance, `${path}[${i}]`));
    return;
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null) differ(path, actual, "an object");
    const have = Object.keys(actual).sort();
    const want = Object.keys(expected).sort();
    if (have.join("\n") !== want.join("\n")) differ(`${path} keys`, have, want);
    for (const [key, value] of Object.entries(expected)) {
      assertClose((actual as Record<string, unknown>)[key], value, tolerance, `${path}.${key}`);
    }
    return;
  }
  if (actual !== expected) differ(path, actual, expected);
}

function differ(path: string, actual: unknown, expected: unknown): never {
  throw new AssertionError({
    message: `${path}: got ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`,
  });
}
