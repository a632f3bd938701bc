import {
  asFloat64,
  type Column,
  compareUtf8,
  countMissing,
  type TableInput,
  toTable,
} from "../data/mod.ts";
import type { CompatibilityOptions } from "../drift/compatibility.ts";
import { DriftError } from "../drift/error.ts";
import { compactRanks, correlationRatio, cramersV, pearsonMatrix } from "./correlation.ts";
import { DataProfile } from "./data_profile.ts";
import { numericStats } from "./numeric_stats.ts";
import { referenceProfileJson } from "./reference_profile.ts";
import { textStats } from "./text_stats.ts";
import type { DateStats, FeatureProfile, NumericStats } from "./types.ts";

/** Options of {@linkcode createDataProfile}. */
export interface DataProfileOptions extends CompatibilityOptions {
  /** Bins of each histogram; 20 by default. */
  readonly binSize?: number;
  /** Whether to compare every column with every other; false by default. */
  readonly computeCorrelations?: boolean;
  /** How many of a text column's commonest values to list; 100 by default. */
  readonly topK?: number;
  /** The moment written into the profile; now by default. */
  readonly now?: Date;
}

/**
 * Profiles a data set: what each column holds, how much is missing, how it is distributed, and on request how columns
 * go together.
 *
 * Counts are exact. In reference mode the result is the reference's: values on the last histogram edge are lost, one
 * gap empties all quantiles and histograms, the share of distinct strings is ×100, every distinct string is listed,
 * and correlations take strings as their alphabetical ranks. The default repairs all of that.
 *
 * @param data the data, in any shape {@linkcode toTable} reads
 * @param options bins, correlations, length of lists, compatibility
 * @returns one profile per column
 * @throws DriftError when binSize is not a whole number of at least 1
 * @example
 * ```ts
 * import { createDataProfile } from "./mod.ts";
 *
 * const profile = createDataProfile({ age: [31, 44, 27, null] }, { computeCorrelations: true });
 * profile.features.get("age")?.missing.count; // 1
 * ```
 */
export function createDataProfile(data: TableInput, options: DataProfileOptions = {}): DataProfile {
  const { binSize = 20, computeCorrelations = false, topK = 100 } = options;
  if (!Number.isInteger(binSize) || binSize < 1) {
    throw new DriftError(
      "INVALID_CONFIG",
      `binSize must be a whole number of at least 1, got ${binSize}`,
    );
  }
  const table = toTable(data);
  const timestamp = (options.now ?? new Date()).toISOString();
  if (options.compatibility === "reference") {
    return DataProfile.fromJSON(JSON.stringify(
      referenceProfileJson(table, { binSize, computeCorrelations, timestamp }),
    ));
  }
  const columns = table.columns.toSorted((a, b) => compareUtf8(a.name, b.name));
  const associations = computeCorrelations ? associate(columns) : undefined;
  const features = columns.map((column): [string, FeatureProfile] => {
    const missing = countMissing(column);
    const numeric = column.kind === "numeric" ? numericStats(asFloat64(column), binSize) : null;
    const isDate = column.type === "date";
    return [column.name, {
      id: column.name,
      timestamp,
      numericStats: isDate ? null : numeric,
      stringStats: column.kind === "text" ? textStats(column, topK) : null,
      dateStats: isDate && numeric !== null && numeric.distinct.count > 0
        ? dateStats(numeric)
        : null,
      missing: { count: missing, percent: table.rowCount === 0 ? 0 : missing / table.rowCount },
      correlations: associations?.get(column.name)?.all ?? null,
      rankCorrelations: associations?.get(column.name)?.rank ?? null,
    }];
  });
  return new DataProfile(new Map(features));
}

function dateStats(stats: NumericStats): DateStats {
  const text = (ms: number): string => new Date(ms).toISOString();
  const { q25, q50, q75, q99 } = stats.quantiles;
  return {
    min: text(stats.min),
    max: text(stats.max),
    mean: text(stats.mean),
    distinct: stats.distinct,
    quantiles: { q25: text(q25), q50: text(q50), q75: text(q75), q99: text(q99) },
    histogram: { bins: stats.histogram.bins.map(text), binCounts: stats.histogram.binCounts },
  };
}

interface Associations {
  readonly all: Record<string, number>;
  readonly rank: Record<string, number> | null;
}

function associate(columns: readonly Column[]): Map<string, Associations> {
  const numeric = columns.filter((column) => column.kind === "numeric");
  const values = numeric.map(asFloat64);
  const pearson = pearsonMatrix(values);
  const spearman = pearsonMatrix(values.map(compactRanks));
  const valuesOf = new Map(numeric.map((column, index) => [column.name, values[index]]));
  const matrixAt = (matrix: Float64Array, a: Column, b: Column): number => {
    const row = numeric.findIndex((column) => column.name === a.name);
    const at = numeric.findIndex((column) => column.name === b.name);
    return matrix[row * numeric.length + at] ?? NaN;
  };
  const measure = (a: Column, b: Column): number => {
    if (a.kind === "text" && b.kind === "text") return cramersV(a, b);
    if (a.kind === "numeric" && b.kind === "numeric") return matrixAt(pearson, a, b);
    const [number, text] = a.kind === "numeric" ? [a, b] : [b, a];
    const numbers = valuesOf.get(number.name);
    return numbers === undefined || text.kind !== "text" ? NaN : correlationRatio(numbers, text);
  };
  return new Map(columns.map((column) => {
    const others = columns.filter((other) => other !== column);
    const ranked = others.filter((other) => other.kind === "numeric");
    return [column.name, {
      all: Object.fromEntries(others.map((other) => [other.name, measure(column, other)])),
      rank: column.kind === "numeric"
        ? Object.fromEntries(ranked.map((other) => [other.name, matrixAt(spearman, column, other)]))
        : null,
    }];
  }));
}
