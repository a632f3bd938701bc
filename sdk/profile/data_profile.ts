import { JsonNode } from "../drift/json_node.ts";
import type {
  DateStats,
  FeatureProfile,
  NumericStats,
  Quantiles,
  Share,
  StringStats,
} from "./types.ts";

/**
 * Statistics of every column of a data set.
 *
 * @example
 * ```ts
 * import { createDataProfile, DataProfile } from "./mod.ts";
 *
 * const profile = createDataProfile({ age: [31, 44, 27], plan: ["pro", "free", "pro"] });
 * DataProfile.fromJSON(JSON.stringify(profile)).features.get("age")?.numericStats?.mean; // 34
 * ```
 */
export class DataProfile {
  /** What is known of each column, in the order of names. */
  readonly features: ReadonlyMap<string, FeatureProfile>;

  /**
   * Wraps column profiles.
   *
   * @param features profiles by column name
   */
  constructor(features: ReadonlyMap<string, FeatureProfile>) {
    this.features = features;
  }

  /** The JSON form, as in profile files. */
  toJSON(): Record<string, unknown> {
    const features = [...this.features].map(([name, feature]) => [name, featureToJson(feature)]);
    return { features: Object.fromEntries(features) };
  }

  /**
   * Reads the JSON form, also of files by other versions that lack what was added later.
   *
   * @param input JSON text, or what it parses to
   * @returns the profile
   * @throws DriftError naming the field that is not as it should be
   */
  static fromJSON(input: unknown): DataProfile {
    const node = JsonNode.from(input, "profile").get("features");
    return new DataProfile(
      new Map(node.entries().map(([name, feature]) => [name, featureFromNode(feature)])),
    );
  }
}

function featureToJson(feature: FeatureProfile): Record<string, unknown> {
  return {
    id: feature.id,
    numeric_stats: feature.numericStats && numericToJson(feature.numericStats),
    string_stats: feature.stringStats && stringToJson(feature.stringStats),
    date_stats: feature.dateStats && {
      ...feature.dateStats,
      histogram: {
        bins: feature.dateStats.histogram.bins,
        bin_counts: feature.dateStats.histogram.binCounts,
      },
    },
    missing: feature.missing,
    timestamp: feature.timestamp,
    correlations: feature.correlations,
    rank_correlations: feature.rankCorrelations,
  };
}

function numericToJson(stats: NumericStats): Record<string, unknown> {
  const { histogram, ...rest } = stats;
  return { ...rest, histogram: { bins: histogram.bins, bin_counts: histogram.binCounts } };
}

function stringToJson(stats: StringStats): Record<string, unknown> {
  return {
    distinct: stats.distinct,
    char_stats: {
      min_length: stats.charStats.minLength,
      max_length: stats.charStats.maxLength,
      median_length: stats.charStats.medianLength,
      mean_length: stats.charStats.meanLength,
    },
    word_stats: {
      words: Object.fromEntries(stats.wordStats.words),
      other: stats.wordStats.other,
    },
  };
}

/** A number that JSON may have had to write as null. */
function numberOf(node: JsonNode): number {
  return node.isAbsent ? NaN : node.number();
}

function shareOf(node: JsonNode): Share {
  return node.isAbsent
    ? { count: 0, percent: 0 }
    : { count: node.get("count").integer(), percent: numberOf(node.get("percent")) };
}

function correlationsOf(node: JsonNode): Record<string, number> | null {
  if (node.isAbsent) return null;
  return Object.fromEntries(node.entries().map(([name, value]) => [name, numberOf(value)]));
}

function quantilesOf<T>(
  node: JsonNode,
  read: (node: JsonNode) => T,
): { [K in keyof Quantiles]: T } {
  const at = (name: string): T => read(node.get(name));
  return { q25: at("q25"), q50: at("q50"), q75: at("q75"), q99: at("q99") };
}

function featureFromNode(node: JsonNode): FeatureProfile {
  const numeric = node.get("numeric_stats");
  const text = node.get("string_stats");
  const date = node.get("date_stats");
  return {
    id: node.get("id").string(),
    timestamp: node.get("timestamp").string(),
    numericStats: numeric.isAbsent ? null : numericFromNode(numeric),
    stringStats: text.isAbsent ? null : stringFromNode(text),
    dateStats: date.isAbsent ? null : dateFromNode(date),
    missing: shareOf(node.get("missing")),
    correlations: correlationsOf(node.get("correlations")),
    rankCorrelations: correlationsOf(node.get("rank_correlations")),
  };
}

function numericFromNode(node: JsonNode): NumericStats {
  const infinite = node.get("infinite");
  return {
    mean: numberOf(node.get("mean")),
    stddev: numberOf(node.get("stddev")),
    min: numberOf(node.get("min")),
    max: numberOf(node.get("max")),
    distinct: shareOf(node.get("distinct")),
    quantiles: quantilesOf(node.get("quantiles"), numberOf),
    histogram: {
      bins: node.get("histogram").get("bins").array().map(numberOf),
      binCounts: node.get("histogram").get("bin_counts").array().map((count) => count.integer()),
    },
    infinite: infinite.isAbsent ? 0 : infinite.integer(),
  };
}

function stringFromNode(node: JsonNode): StringStats {
  const chars = node.get("char_stats");
  const words = node.get("word_stats");
  return {
    distinct: shareOf(node.get("distinct")),
    charStats: {
      minLength: chars.get("min_length").integer(),
      maxLength: chars.get("max_length").integer(),
      medianLength: chars.get("median_length").integer(),
      meanLength: numberOf(chars.get("mean_length")),
    },
    wordStats: {
      words: new Map(words.get("words").entries().map(([word, share]) => [word, shareOf(share)])),
      other: shareOf(words.get("other")),
    },
  };
}

function dateFromNode(node: JsonNode): DateStats {
  const text = (child: JsonNode): string => child.string();
  return {
    min: text(node.get("min")),
    max: text(node.get("max")),
    mean: text(node.get("mean")),
    distinct: shareOf(node.get("distinct")),
    quantiles: quantilesOf(node.get("quantiles"), text),
    histogram: {
      bins: node.get("histogram").get("bins").strings(),
      binCounts: node.get("histogram").get("bin_counts").array().map((count) => count.integer()),
    },
  };
}
