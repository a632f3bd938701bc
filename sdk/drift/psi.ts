import { DriftError } from "./error.ts";

/** Added to every proportion, so that an empty bin has a finite logarithm. */
export const PSI_EPSILON = 1e-10;

/**
 * The population stability index of two distributions over the same bins, with natural logarithms: the sum of
 * (p − q)·ln(p / q), which is the symmetrised Kullback–Leibler divergence of Jeffreys (1946). Never negative, and
 * exactly 0 for equal distributions.
 *
 * Each proportion is raised by `epsilon`. A bin that one side leaves empty and the other fills with a share of Δ adds
 * about 23·Δ with the default of 1e-10; raise it to soften that.
 *
 * @param expected the baseline's proportions
 * @param observed the new data's proportions, bin by bin
 * @param epsilon added to every proportion
 * @returns the index; below 0.1 is usually called stable, above 0.25 a significant shift
 * @throws DriftError when the two have different numbers of bins
 * @example
 * ```ts
 * import { psi } from "./mod.ts";
 *
 * psi([0.3, 0.4, 0.3], [0.2, 0.4, 0.4]); // 0.0693147180...
 * ```
 */
export function psi(
  expected: ArrayLike<number>,
  observed: ArrayLike<number>,
  epsilon: number = PSI_EPSILON,
): number {
  if (expected.length !== observed.length) {
    throw new DriftError(
      "WRONG_TYPE",
      `The two distributions must have the same bins, got ${expected.length} and ${observed.length}`,
    );
  }
  let total = 0;
  for (let i = 0; i < expected.length; i++) {
    const p = (expected[i] as number) + epsilon;
    const q = (observed[i] as number) + epsilon;
    total += (p - q) * Math.log(p / q);
  }
  return total;
}
