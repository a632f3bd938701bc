import { DriftError } from "../error.ts";

/**
 * The Jensen–Shannon divergence of two distributions over the same bins (Lin 1991), in bits: 0 for equal distributions,
 * 1 for disjoint ones. Its square root is a metric (Endres and Schindelin 2003). Unlike the PSI it needs no epsilon and
 * cannot be driven up by one empty bin.
 *
 * @param p proportions of one side
 * @param q proportions of the other, bin by bin
 * @returns the divergence, within [0, 1]
 * @throws DriftError when the two have different numbers of bins
 * @example
 * ```ts
 * import { jensenShannon } from "./mod.ts";
 *
 * jensenShannon([1, 0], [0, 1]); // 1
 * ```
 */
export function jensenShannon(p: ArrayLike<number>, q: ArrayLike<number>): number {
  if (p.length !== q.length) {
    throw new DriftError(
      "WRONG_TYPE",
      `The two distributions must have the same bins, got ${p.length} and ${q.length}`,
    );
  }
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const a = p[i] as number;
    const b = q[i] as number;
    const middle = (a + b) / 2;
    if (a > 0) sum += a * Math.log2(a / middle);
    if (b > 0) sum += b * Math.log2(b / middle);
  }
  return Math.min(1, Math.max(0, sum / 2));
}
