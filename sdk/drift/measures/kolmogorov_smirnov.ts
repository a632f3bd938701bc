import { sortedFinite } from "../../data/stats/mod.ts";
import { DriftError } from "../error.ts";

/** Result of a two-sample Kolmogorov–Smirnov test. */
export interface KolmogorovSmirnov {
  /** Largest difference of the two distribution functions, within [0, 1]. */
  readonly statistic: number;
  /** Probability of at least this difference when both samples come from one distribution; asymptotic. */
  readonly pValue: number;
}

/**
 * The two-sample Kolmogorov–Smirnov test (Smirnov 1939). The p-value is that of the limiting distribution with
 * Stephens' (1970) correction for finite samples; good from about four values on each side, conservative with ties.
 *
 * @param a one sample; non-finite values are left out
 * @param b the other
 * @returns statistic and p-value
 * @throws DriftError when a sample has no finite value
 * @example
 * ```ts
 * import { kolmogorovSmirnov } from "./mod.ts";
 *
 * kolmogorovSmirnov(Float64Array.of(1, 2, 3), Float64Array.of(7, 8, 9)).statistic; // 1
 * ```
 */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): KolmogorovSmirnov {
  const x = sortedFinite(a);
  const y = sortedFinite(b);
  if (x.length === 0 || y.length === 0) {
    throw new DriftError("NOT_ENOUGH_DATA", "A test needs at least one finite value on each side");
  }
  let i = 0;
  let j = 0;
  let statistic = 0;
  while (i < x.length && j < y.length) {
    const next = Math.min(x[i] as number, y[j] as number);
    while (i < x.length && x[i] === next) i++;
    while (j < y.length && y[j] === next) j++;
    statistic = Math.max(statistic, Math.abs(i / x.length - j / y.length));
  }
  const root = Math.sqrt(x.length * y.length / (x.length + y.length));
  return { statistic, pValue: kolmogorovTail((root + 0.12 + 0.11 / root) * statistic) };
}

/**
 * Upper tail of Kolmogorov's distribution: 2·Σ (−1)^(j−1)·exp(−2j²λ²), and for small λ its theta-function transform,
 * which converges where the series does not.
 *
 * @param lambda the scaled statistic
 * @returns P(K > λ)
 * @example
 * ```ts
 * import { kolmogorovTail } from "./mod.ts";
 *
 * kolmogorovTail(1.3581); // about 0.05
 * ```
 */
export function kolmogorovTail(lambda: number): number {
  if (!(lambda > 0)) return 1;
  let sum = 0;
  if (lambda < 1.18) {
    for (let j = 1; j <= 9; j += 2) {
      sum += Math.exp(-((j * Math.PI) ** 2) / (8 * lambda * lambda));
    }
    return Math.min(1, Math.max(0, 1 - Math.sqrt(2 * Math.PI) / lambda * sum));
  }
  for (let j = 1; j <= 10; j++) {
    sum += (j % 2 === 1 ? 1 : -1) * Math.exp(-2 * j * j * lambda * lambda);
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
