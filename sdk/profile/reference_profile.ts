/**
 * The reference's data profile, flaws and all, for continuing what was started with it: see
 * {@linkcode createDataProfile} for how the default differs.
 *
 * @module
 */

import { asFloat64, type DataTable } from "../data/mod.ts";
import { countDistinct, rangeOf } from "../data/stats/mod.ts";
import { FeatureMap } from "../drift/feature_map.ts";
import { encodedNumbers } from "../drift/psi_create.ts";
import { pearsonMatrix } from "./correlation.ts";
import { leftEdges, numericStats } from "./numeric_stats.ts";
import { textStats } from "./text_stats.ts";
import type { Histogram, NumericStats } from "./types.ts";

/** The reference's JSON for a table. */
export function referenceProfileJson(
  table: DataTable,
  options: { binSize: number; computeCorrelations: boolean; timestamp: string },
): Record<string, unknown> {
  const columns = table.columns.toSorted((a, b) => a.name < b.name ? -1 : 1);
  const text = columns.filter((column) => column.kind === "text");
  const featureMap = FeatureMap.of(text, "reference");
  const numbers = columns.map((column) => encodedNumbers(column, featureMap));
  // One gap anywhere empties the quantiles and histograms of all numeric columns.
  const gaps = columns.some((column) =>
    column.kind === "numeric" && rangeOf(asFloat64(column)).count < table.rowCount
  );
  const matrix = options.computeCorrelations ? spoiltPearson(numbers, table.rowCount) : null;
  const features = columns.map((column, index) => {
    const correlations = matrix === null ? null : Object.fromEntries(
      columns.flatMap((other, at) =>
        at === index ? [] : [[other.name, matrix[index * columns.length + at]]]
      ),
    );
    const values = numbers[index] as Float64Array;
    return [column.name, {
      id: column.name,
      numeric_stats: column.kind === "numeric" ? numericJson(values, options.binSize, gaps) : null,
      string_stats: column.kind === "text" ? stringJson(textStats(column, Infinity)) : null,
      timestamp: options.timestamp,
      correlations,
    }];
  });
  return { features: Object.fromEntries(features) };
}

function numericJson(values: Float64Array, binSize: number, gaps: boolean): unknown {
  const stats: NumericStats = numericStats(values, binSize);
  const range = rangeOf(values);
  const spoilt = range.count < values.length;
  const histogram = gaps ? { bins: [], binCounts: [] } : openHistogram(values, stats, binSize);
  const kinds = (range.nan > 0 ? 1 : 0) +
    new Set(values.filter((v) => Math.abs(v) === Infinity)).size;
  const distinct = countDistinct(values) + kinds;
  return {
    mean: spoilt ? NaN : stats.mean,
    stddev: spoilt ? NaN : stats.stddev,
    // Infinities count here, and JSON writes them as null.
    min: values.includes(-Infinity) ? -Infinity : stats.min,
    max: values.includes(Infinity) ? Infinity : stats.max,
    distinct: { count: distinct, percent: distinct / values.length },
    quantiles: gaps ? { q25: 0, q50: 0, q75: 0, q99: 0 } : stats.quantiles,
    histogram: { bins: histogram.bins, bin_counts: histogram.binCounts },
  };
}

/** The last bin takes only values above its edge, so that one on the edge is lost. */
function openHistogram(values: Float64Array, stats: NumericStats, binSize: number): Histogram {
  const edges = leftEdges(stats.min, stats.max, binSize);
  const binCounts = Array.from(edges, (edge, bin) => {
    const next = edges[bin + 1];
    return next === undefined
      ? values.filter((value) => value > edge).length
      : values.filter((value) => edge <= value && value < next).length;
  });
  return { bins: Array.from(edges), binCounts };
}

function stringJson(stats: ReturnType<typeof textStats>): unknown {
  const { distinct, charStats, wordStats } = stats;
  return {
    distinct: { count: distinct.count, percent: distinct.percent * 100 },
    char_stats: {
      min_length: charStats.minLength,
      max_length: charStats.maxLength,
      median_length: charStats.medianLength,
      mean_length: charStats.meanLength,
    },
    word_stats: { words: Object.fromEntries(wordStats.words) },
  };
}

/** Pearson's matrix in which a column with a gap has no correlation at all. */
function spoiltPearson(columns: readonly Float64Array[], rowCount: number): Float64Array {
  const matrix = pearsonMatrix(columns);
  const spoilt = columns.map((column) => rangeOf(column).count < rowCount);
  return matrix.map((r, cell) =>
    spoilt[Math.floor(cell / columns.length)] || spoilt[cell % columns.length] ? NaN : r
  );
}
