import { sortedFinite } from "../../data/stats/mod.ts";
import { DriftError } from "../error.ts";

/**
 * The Wasserstein-1 distance of two samples: the area between their distribution functions (Vallender 1974), in the
 * unit of the values. How far, on average, mass has to move to turn one sample into the other.
 *
 * @param a one sample; non-finite values are left out
 * @param b the other
 * @returns the distance, at least 0
 * @throws DriftError when a sample has no finite value
 * @example
 * ```ts
 * import { wasserstein1 } from "./mod.ts";
 *
 * wasserstein1(Float64Array.of(0, 1, 3), Float64Array.of(5, 6, 8)); // 5
 * ```
 */
export function wasserstein1(a: Float64Array, b: Float64Array): number {
  const x = sortedFinite(a);
  const y = sortedFinite(b);
  if (x.length === 0 || y.length === 0) {
    throw new DriftError(
      "NOT_ENOUGH_DATA",
      "A distance needs at least one finite value on each side",
    );
  }
  let i = 0;
  let j = 0;
  let distance = 0;
  let last = Math.min(x[0] as number, y[0] as number);
  while (i < x.length || j < y.length) {
    const next = Math.min(x[i] ?? Infinity, y[j] ?? Infinity);
    const gap = Math.abs(i / x.length - j / y.length);
    // Halves first: the difference of two huge values may overflow.
    if (gap > 0) distance += 2 * gap * (next / 2 - last / 2);
    last = next;
    while (i < x.length && x[i] === next) i++;
    while (j < y.length && y[j] === next) j++;
  }
  return distance;
}
