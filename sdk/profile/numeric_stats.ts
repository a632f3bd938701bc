import {
  countDistinct,
  momentsOf,
  quantiles,
  type Range,
  rangeOf,
  sampleStddev,
} from "../data/stats/mod.ts";
import type { Histogram, NumericStats } from "./types.ts";

/**
 * Statistics of a column's finite values.
 *
 * @param values the column; non-finite values are counted and left out
 * @param binSize bins of the histogram
 * @returns the statistics; `NaN` throughout when there is no finite value
 * @example
 * ```ts
 * import { numericStats } from "./mod.ts";
 *
 * numericStats(Float64Array.of(1, 2, 2, 3, 4, 5, 6, 7, 8, 10), 5).mean; // 4.8
 * ```
 */
export function numericStats(values: Float64Array, binSize: number): NumericStats {
  const range = rangeOf(values);
  const moments = momentsOf(values, range);
  const [q25, q50, q75, q99] = quantiles(values, [0.25, 0.5, 0.75, 0.99], "nearest", range);
  const distinct = countDistinct(values);
  return {
    mean: moments.mean,
    stddev: sampleStddev(moments),
    min: range.count === 0 ? NaN : range.min,
    max: range.count === 0 ? NaN : range.max,
    distinct: { count: distinct, percent: values.length === 0 ? 0 : distinct / values.length },
    quantiles: {
      q25: q25 as number,
      q50: q50 as number,
      q75: q75 as number,
      q99: q99 as number,
    },
    histogram: histogram(values, range, binSize),
    infinite: range.infinite,
  };
}

/**
 * Counts values per bin of equal width between the smallest and the largest. Bins are closed on the left; the last one
 * is closed on both sides, so that no value is lost. A constant column has one bin.
 *
 * @param values the column; non-finite values are skipped
 * @param range its range
 * @param binSize how many bins
 * @returns left edges and counts
 */
export function histogram(values: Float64Array, range: Range, binSize: number): Histogram {
  const { count, min, max } = range;
  if (count === 0) return { bins: [], binCounts: [] };
  if (min === max) return { bins: [min], binCounts: [count] };
  const edges = leftEdges(min, max, binSize);
  const counts = new Float64Array(binSize);
  const scale = binSize / (max - min);
  const usable = scale > 0 && scale < Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value - value !== 0) continue;
    let bin = usable ? ((value - min) * scale) | 0 : 0;
    if (bin >= binSize) bin = binSize - 1;
    // The product may be off by a rounding; the edges decide.
    while (bin > 0 && value < (edges[bin] as number)) bin--;
    while (bin + 1 < binSize && value >= (edges[bin + 1] as number)) bin++;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { bins: Array.from(edges), binCounts: Array.from(counts) };
}

/** Left edges of bins of equal width. */
export function leftEdges(min: number, max: number, binSize: number): Float64Array {
  const width = max - min < Infinity ? (max - min) / binSize : max / binSize - min / binSize;
  return Float64Array.from({ length: binSize }, (_, i) => min + i * width);
}
