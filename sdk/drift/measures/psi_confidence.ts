import { chiSquareTail, normalQuantile } from "../../data/stats/mod.ts";
import { DriftError } from "../error.ts";
import { psi, PSI_EPSILON } from "../psi.ts";

/** How sure a PSI is. */
export interface PsiConfidence {
  /** The index itself. */
  readonly psi: number;
  /** Standard error. */
  readonly standardError: number;
  /** Ends of the confidence interval; the lower one is at least 0. */
  readonly lower: number;
  /** Upper end of the confidence interval. */
  readonly upper: number;
  /** Probability of at least this index without drift. */
  readonly pValue: number;
}

/** Options of {@linkcode psiConfidence}. */
export interface PsiConfidenceOptions {
  /** Coverage of the interval; 0.95 by default. */
  readonly level?: number;
  /** Values behind the baseline; infinitely many by default, as for a fixed baseline. */
  readonly baselineSize?: number;
  /** Added to every proportion; 1e-10 by default. */
  readonly epsilon?: number;
}

/**
 * Standard error, interval and p-value of a PSI by large-sample theory.
 *
 * The standard error is the delta method on multinomial counts: with g = ∂PSI/∂q = ln(q/p) + 1 − p/q, the variance
 * is (Σ q·g² − (Σ q·g)²)/M, plus the same for the baseline when its size is given. Without drift M·N/(M+N) times the
 * index is about chi-square with B − 1 degrees of freedom (Yurdakul and Naranjo 2020), which gives the p-value. Bins
 * that are empty on one side are raised to half a count for the derivative only, where it would be infinite.
 *
 * @param expected the baseline's proportions
 * @param counts new values per bin
 * @param options level, baseline size, epsilon
 * @returns index, error, interval and p-value
 * @throws DriftError when there are no counts, or different numbers of bins
 * @example
 * ```ts
 * import { psiConfidence } from "./mod.ts";
 *
 * psiConfidence([0.5, 0.5], [600, 400]).pValue < 1e-9; // true
 * ```
 */
export function psiConfidence(
  expected: ArrayLike<number>,
  counts: ArrayLike<number>,
  options: PsiConfidenceOptions = {},
): PsiConfidence {
  const { level = 0.95, baselineSize = Infinity, epsilon = PSI_EPSILON } = options;
  const bins = expected.length;
  const size = Array.from(counts).reduce((sum, count) => sum + count, 0);
  if (size === 0) throw new DriftError("NOT_ENOUGH_DATA", "A PSI of no values has no confidence");
  const observed = Array.from(counts, (count) => count / size);
  const value = psi(expected, observed, epsilon);
  const floorP = 0.5 / Math.min(baselineSize, size);
  let [qg, qgg, ph, phh] = [0, 0, 0, 0];
  for (let i = 0; i < bins; i++) {
    const p = Math.max(expected[i] as number, floorP);
    const q = Math.max(observed[i] as number, 0.5 / size);
    const g = Math.log(q / p) + 1 - p / q;
    const h = Math.log(p / q) + 1 - q / p;
    qg += (observed[i] as number) * g;
    qgg += (observed[i] as number) * g * g;
    ph += (expected[i] as number) * h;
    phh += (expected[i] as number) * h * h;
  }
  const variance = Math.max(0, qgg - qg * qg) / size + Math.max(0, phh - ph * ph) / baselineSize;
  const standardError = Math.sqrt(variance);
  const z = normalQuantile(0.5 + level / 2);
  const effective = baselineSize === Infinity ? size : size * baselineSize / (size + baselineSize);
  return {
    psi: value,
    standardError,
    lower: Math.max(0, value - z * standardError),
    upper: value + z * standardError,
    pValue: bins < 2 ? 1 : chiSquareTail(value * effective, bins - 1),
  };
}

/**
 * A bootstrap interval of a PSI: counts are drawn again from the observed proportions, and the percentiles of the
 * resulting indices are taken (Efron 1979), shifted by the bias that resampling itself brings in (the basic bootstrap
 * of Davison and Hinkley 1997, section 5.2). Slower than {@linkcode psiConfidence}, and better with few values.
 *
 * @param expected the baseline's proportions
 * @param counts new values per bin
 * @param random numbers within [0, 1), for instance `Math.random`
 * @param options level, how many resamples, epsilon
 * @returns ends of the interval; the lower one is at least 0
 * @throws DriftError when there are no counts
 * @example
 * ```ts
 * import { psiBootstrap } from "./mod.ts";
 *
 * psiBootstrap([0.5, 0.5], [60, 40], Math.random, { resamples: 200 }).upper > 0; // true
 * ```
 */
export function psiBootstrap(
  expected: ArrayLike<number>,
  counts: ArrayLike<number>,
  random: () => number,
  options: { level?: number; resamples?: number; epsilon?: number } = {},
): { lower: number; upper: number } {
  const { level = 0.95, resamples = 1000, epsilon = PSI_EPSILON } = options;
  const size = Array.from(counts).reduce((sum, count) => sum + count, 0);
  if (size === 0) throw new DriftError("NOT_ENOUGH_DATA", "A PSI of no values has no confidence");
  const value = psi(expected, Array.from(counts, (count) => count / size), epsilon);
  const cumulative = new Float64Array(counts.length);
  let total = 0;
  for (let i = 0; i < counts.length; i++) cumulative[i] = total += counts[i] as number;
  const values = new Float64Array(resamples);
  const drawn = new Float64Array(counts.length);
  for (let r = 0; r < resamples; r++) {
    drawn.fill(0);
    for (let i = 0; i < size; i++) {
      const at = random() * size;
      let bin = 0;
      while (bin < counts.length - 1 && at >= (cumulative[bin] as number)) bin++;
      drawn[bin] = (drawn[bin] as number) + 1;
    }
    values[r] = psi(expected, drawn.map((count) => count / size), epsilon);
  }
  values.sort();
  const at = (p: number) => values[Math.round(p * (resamples - 1))] as number;
  const tail = (1 - level) / 2;
  return {
    lower: Math.max(0, 2 * value - at(1 - tail)),
    upper: Math.max(0, 2 * value - at(tail)),
  };
}
