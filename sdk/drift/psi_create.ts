import {
  asFloat64,
  type Column,
  type DataTable,
  type TableInput,
  type TextColumn,
  toTable,
} from "../data/mod.ts";
import { binEdges } from "./bin_edges.ts";
import { NumericBinner } from "./binner.ts";
import type { BinningStrategy } from "./binning.ts";
import type { Compatibility, CompatibilityOptions } from "./compatibility.ts";
import { DriftError } from "./error.ts";
import { FeatureMap } from "./feature_map.ts";
import { PsiDriftConfig } from "./psi_config.ts";
import { type PsiBin, PsiDriftProfile, type PsiFeatureProfile } from "./psi_profile.ts";

/** Options of functions that make profiles. */
export interface CreateProfileOptions extends CompatibilityOptions {
  /** The moment written into the profile; now by default. */
  readonly now?: Date;
}

/**
 * Makes a PSI baseline: every feature's distribution over its bins.
 *
 * @param data the baseline, in any shape {@linkcode toTable} reads
 * @param config what differs from the defaults; not changed
 * @param options compatibility and clock
 * @returns the profile; its configuration has the feature map and the features to monitor filled in
 * @throws DriftError when a named feature does not exist, or a column has no finite value
 * @example
 * ```ts
 * import { createPsiProfile } from "./mod.ts";
 *
 * createPsiProfile({ age: [31, 44, 27, 58], plan: ["pro", "free", "pro", "pro"] }).features.size; // 2
 * ```
 */
export function createPsiProfile(
  data: TableInput,
  config: PsiDriftConfig = new PsiDriftConfig(),
  options: CreateProfileOptions = {},
): PsiDriftProfile {
  const table = toTable(data);
  const compatibility = options.compatibility ?? "strict";
  const timestamp = (options.now ?? new Date()).toISOString();
  checkNames(table, config.categoricalFeatures ?? [], "categoricalFeatures");
  checkNames(table, config.alertConfig.featuresToMonitor, "featuresToMonitor");
  const text = table.columns.filter((column): column is TextColumn => column.kind === "text");
  const featureMap = FeatureMap.of(text, compatibility);
  const listed = new Set(config.categoricalFeatures);
  if (compatibility === "strict") { for (const column of text) listed.add(column.name); }
  const features = new Map<string, PsiFeatureProfile>();
  for (const column of table.columns) {
    const isCategory = listed.has(column.name);
    features.set(column.name, {
      id: column.name,
      binType: isCategory ? "Category" : "Numeric",
      timestamp,
      bins: isCategory ? categoryBins(column, featureMap, compatibility) : numericBins(
        column.name,
        encodedNumbers(column, featureMap),
        config.binningStrategy,
        compatibility,
      ),
    });
  }
  const { alertConfig } = config;
  return new PsiDriftProfile({
    features,
    config: config.with({
      featureMap,
      // Null stays null, as long as there is nothing to list.
      categoricalFeatures: listed.size === 0 ? config.categoricalFeatures : [...listed],
      alertConfig: alertConfig.featuresToMonitor.length > 0
        ? alertConfig
        : { ...alertConfig, featuresToMonitor: [...features.keys()] },
    }),
  });
}

/** Throws when a list names features that the data does not have. */
export function checkNames(table: DataTable, names: readonly string[], field: string): void {
  const known = new Set(table.columns.map((column) => column.name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new DriftError(
    "UNKNOWN_FEATURE",
    `${field} names ${unknown.join(", ")}, but the data has only ${[...known].join(", ")}`,
  );
}

/** A column's numbers; those a feature map gives to text. */
export function encodedNumbers(column: Column, featureMap: FeatureMap): Float64Array {
  if (column.kind === "numeric") return asFloat64(column);
  return Float64Array.from(featureMap.encodeColumn(column), (id) => id < 0 ? NaN : id);
}

/**
 * The bins of one numeric feature.
 *
 * @param name the feature's name, for messages
 * @param values the baseline; non-finite values are skipped
 * @param strategy how to cut
 * @param compatibility see {@linkcode Compatibility}
 * @returns bins with ids 1…k
 */
export function numericBins(
  name: string,
  values: Float64Array,
  strategy: BinningStrategy,
  compatibility: Compatibility,
): PsiBin[] {
  let edges: Float64Array;
  try {
    edges = binEdges(values, strategy, compatibility);
  } catch (cause) {
    if (!(cause instanceof DriftError)) throw cause;
    throw new DriftError(cause.code, `Feature "${name}": ${cause.message}`, { cause });
  }
  const counts = new Float64Array(edges.length + 1);
  new NumericBinner(edges).count(values, counts);
  return binsFrom(edges, counts);
}

/** Numeric bins from edges and counts. */
export function binsFrom(edges: Float64Array, counts: Float64Array): PsiBin[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Array.from(counts, (count, i) => ({
    id: i + 1,
    lowerLimit: i === 0 ? -Infinity : edges[i - 1] as number,
    upperLimit: i === edges.length ? Infinity : edges[i] as number,
    proportion: count / total,
  }));
}

function categoryBins(
  column: Column,
  featureMap: FeatureMap,
  compatibility: Compatibility,
): PsiBin[] {
  const counts = new Map<number, number>();
  let total = 0;
  const add = (id: number, count: number): void => {
    counts.set(id, (counts.get(id) ?? 0) + count);
    total += count;
  };
  if (column.kind === "text") {
    for (const id of featureMap.encodeColumn(column)) if (id >= 0) add(id, 1);
  } else {
    for (const value of asFloat64(column)) if (Number.isFinite(value)) add(Math.trunc(value), 1);
  }
  if (total === 0) {
    throw new DriftError(
      "NOT_ENOUGH_DATA",
      `Feature "${column.name}" has no value in the baseline`,
    );
  }
  if (column.kind === "text" && compatibility === "strict") {
    add(featureMap.encoding(column.name).unseenId, 0);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([id, count]) => ({
    id,
    lowerLimit: null,
    upperLimit: null,
    proportion: count / total,
  }));
}
