import type { Random } from "./random.ts";

/** Up to so many pairs every sign pattern is tried; 2¹⁶ of them. */
const EXACT_LIMIT = 16;

/**
 * The sign-flip permutation test for paired differences (R. A. Fisher, The Design of Experiments,
 * 1935): if nothing had changed, every difference could as well have the other sign.
 *
 * Exact up to 16 non-zero differences, by random sign patterns beyond, where the p-value is
 * (hits + 1) / (patterns + 1) and so never zero.
 *
 * @param differences after − before, one per pair
 * @param random source of sign patterns
 * @param patterns how many random patterns
 * @returns the two-sided p-value of the mean difference; 1 without differences
 * @example
 * ```ts
 * import { pairedPermutationTest } from "./paired.ts";
 * import { seededRandom } from "./random.ts";
 *
 * pairedPermutationTest([1, 1, 1, 1, 1], seededRandom(1)); // 0.0625
 * ```
 */
export function pairedPermutationTest(
  differences: readonly number[],
  random: Random,
  patterns = 9999,
): number {
  const changed = differences.filter((difference) => difference !== 0);
  if (changed.length === 0) return 1;
  const observed = Math.abs(changed.reduce((sum, value) => sum + value, 0));
  // Sums of the same numbers in other orders differ in the last bits.
  const least = observed - 1e-12 * Math.max(1, observed);
  if (changed.length <= EXACT_LIMIT) {
    const all = 2 ** changed.length;
    let hits = 0;
    for (let pattern = 0; pattern < all; pattern++) {
      let sum = 0;
      for (let i = 0; i < changed.length; i++) {
        const value = changed[i] ?? 0;
        sum += (pattern >> i) & 1 ? -value : value;
      }
      if (Math.abs(sum) >= least) hits++;
    }
    return hits / all;
  }
  let hits = 0;
  for (let pattern = 0; pattern < patterns; pattern++) {
    let sum = 0;
    for (const value of changed) sum += random() < 0.5 ? -value : value;
    if (Math.abs(sum) >= least) hits++;
  }
  return (hits + 1) / (patterns + 1);
}

/**
 * A percentile bootstrap interval of a mean (B. Efron, Annals of Statistics 7, 1979).
 *
 * @param values the sample
 * @param random source of resamples
 * @param options `confidence`, 0.95 unless told; `resamples`, 2000 unless told
 * @returns lower and upper bound; `undefined` for an empty sample
 * @example
 * ```ts
 * import { bootstrapMean } from "./paired.ts";
 * import { seededRandom } from "./random.ts";
 *
 * bootstrapMean([1, 1, 1], seededRandom(1)); // [1, 1]
 * ```
 */
export function bootstrapMean(
  values: readonly number[],
  random: Random,
  options: { readonly confidence?: number; readonly resamples?: number } = {},
): readonly [low: number, high: number] | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  const { confidence = 0.95, resamples = 2000 } = options;
  const means = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[Math.floor(random() * n)] ?? 0;
    means[resample] = sum / n;
  }
  means.sort();
  const at = (share: number): number =>
    means[Math.min(resamples - 1, Math.max(0, Math.round(share * (resamples - 1))))] ?? 0;
  return [at((1 - confidence) / 2), at((1 + confidence) / 2)];
}

/**
 * Adjusts p-values for asking several questions (S. Holm, Scandinavian Journal of Statistics 6,
 * 1979): bounds the chance of any false alarm.
 *
 * @param pValues unadjusted
 * @returns adjusted, in the same order
 * @example
 * ```ts
 * import { holm } from "./paired.ts";
 *
 * holm([0.01, 0.04, 0.03]); // [0.03, 0.06, 0.06]
 * ```
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let floor = 0;
  order.forEach(({ p, index }, rank) => {
    floor = Math.max(floor, Math.min(1, p * (pValues.length - rank)));
    adjusted[index] = floor;
  });
  return adjusted;
}
