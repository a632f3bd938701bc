/**
 * What a data profile says about each column.
 *
 * @module
 */

/** A count and its share of all rows. */
export interface Share {
  /** How many rows. */
  readonly count: number;
  /**
   * A fraction within [0, 1] everywhere. The name is the file format's; in reference mode the share of distinct strings
   * is ×100, as there.
   */
  readonly percent: number;
}

/** Quartiles, median and 99th percentile: values at the nearest rank, not interpolated. */
export interface Quantiles {
  /** The lower quartile. */
  readonly q25: number;
  /** The median. */
  readonly q50: number;
  /** The upper quartile. */
  readonly q75: number;
  /** The 99th percentile. */
  readonly q99: number;
}

/** Counts per bin of equal width. */
export interface Histogram {
  /** Left edges, ascending. The last bin ends with the largest value, included. */
  readonly bins: readonly number[];
  /** Values per bin. */
  readonly binCounts: readonly number[];
}

/** Statistics of a numeric column's finite values. */
export interface NumericStats {
  /** The arithmetic mean. */
  readonly mean: number;
  /** Sample standard deviation (n − 1); `NaN` for a single value. */
  readonly stddev: number;
  /** The smallest value. */
  readonly min: number;
  /** The largest value. */
  readonly max: number;
  /** How many different values there are. */
  readonly distinct: Share;
  /** Quartiles, median and 99th percentile. */
  readonly quantiles: Quantiles;
  /** Counts per bin of equal width. */
  readonly histogram: Histogram;
  /** Values that are infinite; they are in no other statistic. */
  readonly infinite: number;
}

/** Lengths of strings in Unicode code points. */
export interface CharStats {
  /** The shortest. */
  readonly minLength: number;
  /** The longest. */
  readonly maxLength: number;
  /** The upper median. */
  readonly medianLength: number;
  /** The mean. */
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
  /** How many different values there are. */
  readonly distinct: Share;
  /** Lengths of the values. */
  readonly charStats: CharStats;
  /** The commonest values. */
  readonly wordStats: WordStats;
}

/** Statistics of a date column; moments as RFC 3339 text. */
export interface DateStats {
  /** The smallest value. */
  readonly min: string;
  /** The largest value. */
  readonly max: string;
  /** The arithmetic mean. */
  readonly mean: string;
  /** How many different values there are. */
  readonly distinct: Share;
  /** Quartiles, median and 99th percentile. */
  readonly quantiles: { readonly [K in keyof Quantiles]: string };
  /** Counts per bin of equal width. */
  readonly histogram: { readonly bins: readonly string[]; readonly binCounts: readonly number[] };
}

/** What is known of one column. */
export interface FeatureProfile {
  /** The column's name. */
  readonly id: string;
  /** When the profile was made, RFC 3339. */
  readonly timestamp: string;
  /** Statistics of a numeric column; null for others. */
  readonly numericStats: NumericStats | null;
  /** Statistics of a text column; null for others. */
  readonly stringStats: StringStats | null;
  /** Statistics of a date column; null for others. */
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
