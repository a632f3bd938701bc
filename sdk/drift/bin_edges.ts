import {
  momentsOf,
  orderStatistics,
  populationStddev,
  quantiles,
  rangeOf,
  skewness,
} from "../data/stats/mod.ts";
import { type BinningStrategy, numberOfBins } from "./binning.ts";
import type { Compatibility } from "./compatibility.ts";
import { equalWidthEdges } from "./equal_width.ts";
import { DriftError } from "./error.ts";

/**
 * The inner edges of a column's bins: k−1 ascending numbers for k bins. Bin i holds `edge[i-1] < value <= edge[i]`; the
 * first and last bins are open.
 *
 * @param values the column; non-finite values are skipped
 * @param strategy how to cut
 * @param compatibility see {@linkcode Compatibility}
 * @returns the edges
 * @throws DriftError when there is no finite value, or in reference mode when the rule gives no usable number of bins
 * @example
 * ```ts
 * import { binEdges, quantileBinning } from "./mod.ts";
 *
 * binEdges(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), quantileBinning(4), "strict"); // [2.75, 4.5, 6.25]
 * ```
 */
export function binEdges(
  values: Float64Array,
  strategy: BinningStrategy,
  compatibility: Compatibility,
): Float64Array {
  const range = rangeOf(values);
  const { count, min, max } = range;
  if (count === 0) {
    throw new DriftError("NOT_ENOUGH_DATA", "There is no finite value to make bins from");
  }
  const strict = compatibility === "strict";
  if (strict && min === max) return Float64Array.of(nextBelow(min), min);
  if (strategy.kind === "Quantile") {
    const k = strategy.numBins;
    if (!(k >= 2)) {
      throw new DriftError("NOT_ENOUGH_BINS", `At least 2 bins are needed, got ${k}`);
    }
    const probabilities = Array.from({ length: k - 1 }, (_, i) => (i + 1) / k);
    const edges = quantiles(values, probabilities, "linear", range);
    return strict ? edges.filter((edge, i) => i === 0 || edge !== edges[i - 1]) : edges;
  }
  const k = numberOfBins(strategy.method, {
    count,
    min,
    max,
    stddev: () => populationStddev(momentsOf(values, range)),
    skewness: () => skewness(momentsOf(values, range, true)),
    quartiles: () => {
      const ranks = [Math.floor(0.25 * (count - 1)), Math.floor(0.75 * (count - 1))];
      const [q1, q3] = orderStatistics(values, ranks, range);
      return [q1 as number, q3 as number];
    },
  }, compatibility);
  return equalWidthEdges(min, max, k);
}

/** The largest double below a finite number. */
function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const bits = new BigInt64Array(1);
  const double = new Float64Array(bits.buffer);
  double[0] = value;
  bits[0] = (bits[0] as bigint) + (value > 0 ? -1n : 1n);
  return double[0] as number;
}
