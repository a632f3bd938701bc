/**
 * Waits between tries.
 *
 * @module
 */

/**
 * Doubles with every failure and is spread at random over its upper half, so that many clients of one broker do not
 * come back at the same instant.
 *
 * @param failures Failures so far, from 1.
 * @param minMs Longest wait after the first.
 * @param maxMs Longest wait of all.
 * @param random From 0 to 1.
 * @returns Milliseconds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(backoffMs(1, 500, 30_000, 1), 500);
 * assert.equal(backoffMs(3, 500, 30_000, 0), 1000);
 * ```
 */
export function backoffMs(
  failures: number,
  minMs: number,
  maxMs: number,
  random = Math.random(),
): number {
  const longest = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30));
  return longest / 2 + random * longest / 2;
}
