/**
 * What a data profile says about each column.
 *
 * @module
 */

/** A count and its share of all rows. */
export interface Share {
  readonly count: number;
  /**
   * A fraction within [0, 1] everywhere. The name is the file format's; in reference mode the share of distinct strings
   * is ×100, as there.
   */
  readonly percent: number;
}

/** Quartiles, median and 99th percentile: values at the nearest rank, not interpolated. */
export interface Quantiles {
  readonly q25: number;
  readonly q50: number;
  readonly q75: number;
  readonly q99: number;
}

/** Counts per bin of equal width. */
export interface Histogram {
  /** Left edges, ascending. The last bin ends with the largest value, included. */
  readonly bins: readonly number[];
  readonly binCounts: readonly number[];
}

/** Statistics of a numeric column's finite values. */
export interface NumericStats {
  readonly mean: number;
  /** Sample standard deviation (n − 1); `NaN` for a single value. */
  readonly stddev: number;
  readonly min: number;
  readonly max: number;
  readonly distinct: Share;
  readonly quantiles: Quantiles;
  readonly histogram: Histogram;
  /** Values that are infinite; they are in no other statistic. */
  readonly infinite: number;
}

/** Lengths of strings in Unicode code points. */
export interface CharStats {
  readonly minLength: number;
  readonly maxLength: number;
  /** The upper median. */
  readonly medianLength: number;
  readonly meanLength: number;
}

/** The commonest values of a text column. */
export interface WordStats {
  /** Whole values, the commonest first. */
  readonly words: ReadonlyMap<string, Share>;
  /** All values that are not listed. */
  readonly other: Share;
}

/** Statistics of a text column. */
export interface StringStats {
  readonly distinct: Share;
  readonly charStats: CharStats;
  readonly wordStats: WordStats;
}

/** Statistics of a date column; moments as RFC 3339 text. */
export interface DateStats {
  readonly min: string;
  readonly max: string;
  readonly mean: string;
  readonly distinct: Share;
  readonly quantiles: { readonly [K in keyof Quantiles]: string };
  readonly histogram: { readonly bins: readonly string[]; readonly binCounts: readonly number[] };
}

/** What is known of one column. */
export interface FeatureProfile {
  readonly id: string;
  /** When the profile was made, RFC 3339. */
  readonly timestamp: string;
  readonly numericStats: NumericStats | null;
  readonly stringStats: StringStats | null;
  readonly dateStats: DateStats | null;
  /** Rows without a value. */
  readonly missing: Share;
  /**
   * Association with every other column, by name: Pearson's r between numbers, Cramér's V between texts, the
   * correlation ratio η between a number and a text. Null when not asked for.
   */
  readonly correlations: Readonly<Record<string, number>> | null;
  /** Spearman's rank correlation with the other numeric columns. Null when not asked for. */
  readonly rankCorrelations: Readonly<Record<string, number>> | null;
}
