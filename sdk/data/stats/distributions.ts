/**
 * Quantiles and tails of the normal and chi-square distributions.
 *
 * @module
 */

/** Lanczos coefficients for g = 7, n = 9 (Godfrey's table), good to about 15 digits. */
const LANCZOS = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/**
 * Natural logarithm of the gamma function.
 *
 * @param x above 0
 * @returns ln Γ(x)
 * @example
 * ```ts
 * import { logGamma } from "./distributions.ts";
 *
 * Math.exp(logGamma(5)); // 24, up to rounding
 * ```
 */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const t = x + 6.5;
  let sum = LANCZOS[0] as number;
  for (let i = 1; i < LANCZOS.length; i++) sum += (LANCZOS[i] as number) / (x - 1 + i);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * Regularised lower and upper incomplete gamma functions P(a, x) and Q(a, x): the series of DLMF 8.11.4 below
 * a + 1, Legendre's continued fraction (DLMF 8.9.2, evaluated by Lentz's method) above.
 *
 * @param a shape, above 0
 * @param x at least 0
 * @returns P and Q; each is accurate where it is small
 * @example
 * ```ts
 * import { incompleteGamma } from "./distributions.ts";
 *
 * incompleteGamma(1, 2).upper; // exp(-2)
 * ```
 */
export function incompleteGamma(a: number, x: number): { lower: number; upper: number } {
  if (!(x > 0)) return { lower: 0, upper: 1 };
  if (x === Infinity) return { lower: 1, upper: 0 };
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 100_000; n++) {
      term *= x / (a + n);
      sum += term;
      if (term < sum * 1e-17) break;
    }
    const lower = front * sum;
    return { lower, upper: 1 - lower };
  }
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 100_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / nonZero(an * d + b, tiny);
    c = nonZero(b + an / c, tiny);
    const delta = d * c;
    h *= delta;
    if (Math.abs(delta - 1) < 1e-16) break;
  }
  const upper = front * h;
  return { lower: 1 - upper, upper };
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/**
 * Distribution function of the standard normal distribution.
 *
 * @param z any number
 * @returns P(Z ≤ z)
 * @example
 * ```ts
 * import { normalCdf } from "./distributions.ts";
 *
 * normalCdf(0); // 0.5
 * ```
 */
export function normalCdf(z: number): number {
  const { lower, upper } = incompleteGamma(0.5, z * z / 2);
  return z >= 0 ? 0.5 + 0.5 * lower : 0.5 * upper;
}

/**
 * Quantile of the standard normal distribution: the rational approximation 26.2.23 of Abramowitz and Stegun as a
 * start, polished by Halley's method to full precision.
 *
 * @param p within (0, 1)
 * @returns z with P(Z ≤ z) = p; ±Infinity at the ends
 * @throws RangeError when p lies outside [0, 1]
 * @example
 * ```ts
 * import { normalQuantile } from "./distributions.ts";
 *
 * normalQuantile(0.975); // 1.959963984540054
 * ```
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`A probability lies within [0, 1], got ${p}`);
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  let z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  for (let i = 0; i < 4; i++) {
    const error = (normalCdf(z) - p) * Math.sqrt(2 * Math.PI) * Math.exp(z * z / 2);
    if (error === 0) break;
    z -= error / (1 + z * error / 2);
  }
  return z;
}

/**
 * Upper tail of the chi-square distribution.
 *
 * @param x the observed statistic
 * @param degrees degrees of freedom, above 0
 * @returns P(X ≥ x)
 * @example
 * ```ts
 * import { chiSquareTail } from "./distributions.ts";
 *
 * chiSquareTail(3.841458820694124, 1); // 0.05
 * ```
 */
export function chiSquareTail(x: number, degrees: number): number {
  return incompleteGamma(degrees / 2, x / 2).upper;
}

/**
 * Quantile of the chi-square distribution: the Wilson–Hilferty (1931) cube approximation as a start, then Newton steps
 * kept inside a shrinking bracket.
 *
 * @param p within [0, 1)
 * @param degrees degrees of freedom, above 0
 * @returns x with P(X ≤ x) = p; 0 and Infinity at the ends
 * @throws RangeError when p lies outside [0, 1] or there are no degrees of freedom
 * @example
 * ```ts
 * import { chiSquareQuantile } from "./distributions.ts";
 *
 * chiSquareQuantile(0.95, 9); // 16.918977604620448
 * ```
 */
export function chiSquareQuantile(p: number, degrees: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`A probability lies within [0, 1], got ${p}`);
  if (!(degrees > 0)) throw new RangeError(`Degrees of freedom must be above 0, got ${degrees}`);
  if (p === 0 || p === 1) return p === 0 ? 0 : Infinity;
  const a = degrees / 2;
  const logNorm = logGamma(a);
  const v = 2 / (9 * degrees);
  let x = degrees * Math.max(1 - v + normalQuantile(p) * Math.sqrt(v), 1e-3) ** 3;
  // Near zero P(a, y) is about y^a / Γ(a+1); start there when the cube approximation fails.
  const small = 2 * Math.exp((Math.log(p) + logGamma(a + 1)) / a);
  if (small < 0.1 * degrees) x = Math.min(x, small);
  let low = 0;
  let high = Infinity;
  for (let i = 0; i < 200; i++) {
    const { lower, upper } = incompleteGamma(a, x / 2);
    const error = p < 0.5 ? lower - p : (1 - p) - upper;
    if (error === 0) return x;
    if (error > 0) high = Math.min(high, x);
    else low = Math.max(low, x);
    const density = 0.5 * Math.exp((a - 1) * Math.log(x / 2) - x / 2 - logNorm);
    let next = x - error / density;
    if (!(next > low && next < high)) next = high === Infinity ? x * 2 : (low + high) / 2;
    if (Math.abs(next - x) <= 2e-16 * x) return next;
    x = next;
  }
  return x;
}
