/**
 * What repeated judgements say together.
 *
 * @module
 */

/** A verdict of several votes. */
export interface Stability {
  /** How often the judge was asked and answered. */
  readonly votes: number;
  /** How many answers passed. */
  readonly passed: number;
  /** Share of the majority: 1 when all agree, 0.5 when split. */
  readonly agreement: number;
  /** Wilson score interval of the probability that the judge passes this record. */
  readonly interval: readonly [low: number, high: number];
  /** The verdict; `unsure` when the interval contains one half. */
  readonly verdict: "passed" | "failed" | "unsure";
}

/** Confidence of the interval unless told: with it, two equal votes decide, two to one do not. */
export const DEFAULT_CONFIDENCE = 0.8;

/**
 * Wilson's score interval for a proportion (E. B. Wilson, JASA 22, 1927).
 *
 * @param successes how many
 * @param trials of how many, at least 1
 * @param z normal quantile of the confidence
 * @returns lower and upper bound within [0, 1]
 * @example
 * ```ts
 * import { wilsonInterval } from "./stability.ts";
 *
 * wilsonInterval(8, 10, 1.959964); // [0.4902, 0.9433]
 * ```
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  z: number,
): readonly [number, number] {
  const p = successes / trials;
  const z2 = z * z;
  const denominator = 1 + z2 / trials;
  const center = (p + z2 / (2 * trials)) / denominator;
  const half = (z / denominator) *
    Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  return [Math.max(0, center - half), Math.min(1, center + half)];
}

/**
 * The quantile of the standard normal distribution (P. J. Acklam's rational approximation, relative
 * error below 1.15e-9).
 *
 * @param p probability, between 0 and 1
 * @returns the quantile
 * @example
 * ```ts
 * import { normalQuantile } from "./stability.ts";
 *
 * normalQuantile(0.975); // 1.95996…
 * ```
 */
export function normalQuantile(p: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q -
              2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783) /
      ((((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q +
            3.754408661907416) * q + 1);
  }
  const q = p - 0.5;
  const r = q * q;
  return (((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r +
            1.38357751867269e2) * r - 3.066479806614716e1) * r + 2.506628277459239) *
    q /
    (((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r +
              6.680131188771972e1) * r - 1.328068155288572e1) * r + 1);
}

/**
 * Weighs votes.
 *
 * @param passed how many votes passed
 * @param votes how many there were, at least 1
 * @param confidence of the interval, between 0 and 1
 * @returns agreement, interval, verdict
 * @example
 * ```ts
 * import { weighVotes } from "./stability.ts";
 *
 * weighVotes(3, 3).verdict; // "passed"
 * weighVotes(2, 3).verdict; // "unsure"
 * ```
 */
export function weighVotes(
  passed: number,
  votes: number,
  confidence: number = DEFAULT_CONFIDENCE,
): Stability {
  const interval = wilsonInterval(passed, votes, normalQuantile((1 + confidence) / 2));
  const share = passed / votes;
  const [low, high] = interval;
  return {
    votes,
    passed,
    agreement: Math.max(share, 1 - share),
    interval,
    verdict: low > 0.5 ? "passed" : high < 0.5 ? "failed" : "unsure",
  };
}
