import { logGamma, momentsOf, rangeOf, sampleStddev } from "../data/stats/mod.ts";
import type { Compatibility } from "./compatibility.ts";
import { DriftError } from "./error.ts";

/** Control limits of one feature: center and one, two and three sigma to both sides. */
export interface ControlLimits {
  /** The center line. */
  readonly center: number;
  /** One sigma above the center. */
  readonly oneUcl: number;
  /** One sigma below the center. */
  readonly oneLcl: number;
  /** Two sigma above the center. */
  readonly twoUcl: number;
  /** Two sigma below the center. */
  readonly twoLcl: number;
  /** Three sigma above the center. */
  readonly threeUcl: number;
  /** Three sigma below the center. */
  readonly threeLcl: number;
}

/**
 * The constant c4 of control charts: the expected sample standard deviation of m normal values with variance 1.
 *
 * @param m sample size, at least 2
 * @returns √(2/(m−1)) · Γ(m/2) / Γ((m−1)/2)
 * @example
 * ```ts
 * import { c4 } from "./mod.ts";
 *
 * c4(5); // 0.9400 in the tables
 * ```
 */
export function c4(m: number): number {
  if (m > 1e6) return 1 - 1 / (4 * m); // The difference of logarithms would lose its digits here.
  return Math.sqrt(2 / (m - 1)) * Math.exp(logGamma(m / 2) - logGamma((m - 1) / 2));
}

/** The approximation (4m−4)/(4m−3) in single precision, as the reference evaluates it. */
function referenceC4(m: number): number {
  return Math.fround(Math.fround(4 * m - 4) / Math.fround(4 * m - 3));
}

/** The reference's chunk size at creation, by the number of rows. */
export function referenceChunkSize(rowCount: number): number {
  if (rowCount < 1_000) return 25;
  if (rowCount < 10_000) return 100;
  if (rowCount < 100_000) return 1_000;
  if (rowCount < 1_000_000) return 10_000;
  return 100_000;
}

/**
 * Control limits of a column: an x̄-chart with sigma from the mean of the chunks' standard deviations, divided by c4. The
 * limits are for single values (sigma is not divided by √m), which makes them wide for sample means; this is how the
 * charts of this product are defined.
 *
 * @param values the baseline, in order of time
 * @param sampleSize rows per sample
 * @param compatibility see {@linkcode Compatibility}
 * @returns center and limits
 * @throws DriftError when fewer than two values can be used
 * @example
 * ```ts
 * import { controlLimits } from "./mod.ts";
 *
 * controlLimits(Float64Array.from({ length: 50 }, (_, i) => i + 1), 25, "strict").center; // 25.5
 * ```
 */
export function controlLimits(
  values: Float64Array,
  sampleSize: number,
  compatibility: Compatibility,
): ControlLimits {
  const reference = compatibility === "reference";
  const m = reference ? referenceChunkSize(values.length) : sampleSize;
  // Without one full chunk, all there is makes one sample.
  const end = reference || values.length < m ? values.length : values.length - values.length % m;
  let chunks = 0;
  let meanSum = 0;
  let stddevSum = 0;
  let sizeSum = 0;
  const out = new Float64Array(3);
  for (let start = 0; start < end; start += m) {
    chunkStats(values, start, Math.min(start + m, end), out);
    const size = out[0] as number;
    if (!reference && size < 2) continue;
    chunks++;
    sizeSum += size;
    meanSum += out[1] as number;
    stddevSum += out[2] as number;
  }
  if (chunks === 0) {
    throw new DriftError(
      "NOT_ENOUGH_DATA",
      "Control limits need a sample of at least two finite values; give more rows",
    );
  }
  const center = meanSum / chunks;
  const sigma = stddevSum / chunks / (reference ? referenceC4(m) : c4(sizeSum / chunks));
  return {
    center,
    oneUcl: center + sigma,
    oneLcl: center - sigma,
    twoUcl: center + 2 * sigma,
    twoLcl: center - 2 * sigma,
    threeUcl: center + 3 * sigma,
    threeLcl: center - 3 * sigma,
  };
}

/** Writes count, mean and sample standard deviation of the finite values of a chunk. */
function chunkStats(values: Float64Array, start: number, end: number, out: Float64Array): void {
  let a = 0;
  let b = 0;
  let i = start;
  for (; i + 1 < end; i += 2) {
    a += values[i] as number;
    b += values[i + 1] as number;
  }
  if (i < end) a += values[i] as number;
  const n = end - start;
  const mean = (a + b) / n;
  let error = 0;
  let squares = 0;
  let error2 = 0;
  let squares2 = 0;
  i = start;
  for (; i + 1 < end; i += 2) {
    const x = (values[i] as number) - mean;
    const y = (values[i + 1] as number) - mean;
    error += x;
    squares += x * x;
    error2 += y;
    squares2 += y * y;
  }
  if (i < end) {
    const x = (values[i] as number) - mean;
    error += x;
    squares += x * x;
  }
  error += error2;
  squares += squares2 - error * error / n;
  if (squares > 1e-250 && squares < Infinity && n > 1) {
    out[0] = n;
    out[1] = mean + error / n;
    out[2] = Math.sqrt(squares / (n - 1));
    return;
  }
  // Gaps, extreme magnitudes, or no spread at all: the careful way.
  const chunk = values.subarray(start, end);
  const moments = momentsOf(chunk, rangeOf(chunk));
  out[0] = moments.count;
  out[1] = moments.mean;
  out[2] = sampleStddev(moments);
}

/**
 * Means of consecutive chunks of a column.
 *
 * @param values the column, in order of time
 * @param sampleSize rows per chunk
 * @param compatibility strict leaves out a short last chunk when there is a full one, and non-finite values
 * @returns one mean per chunk; `NaN` where a chunk has no finite value
 * @example
 * ```ts
 * import { sampleMeans } from "./mod.ts";
 *
 * sampleMeans(Float64Array.of(1, 2, 3, 4), 2, "strict"); // Float64Array [1.5, 3.5]
 * ```
 */
export function sampleMeans(
  values: Float64Array,
  sampleSize: number,
  compatibility: Compatibility,
): Float64Array {
  const strict = compatibility === "strict";
  const full = Math.floor(values.length / sampleSize);
  const chunks = strict && full > 0 ? full : Math.ceil(values.length / sampleSize);
  const means = new Float64Array(chunks);
  for (let chunk = 0, start = 0; chunk < chunks; chunk++, start += sampleSize) {
    const end = Math.min(start + sampleSize, values.length);
    let sum = 0;
    for (let i = start; i < end; i++) sum += values[i] as number;
    means[chunk] = strict && sum - sum !== 0
      ? momentsOf(values.subarray(start, end)).mean
      : sum / (end - start);
  }
  return means;
}
