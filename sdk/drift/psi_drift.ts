import { asFloat64, type Column, type TableInput, toTable } from "../data/mod.ts";
import { NumericBinner } from "./binner.ts";
import type { Compatibility, CompatibilityOptions } from "./compatibility.ts";
import { DriftError } from "./error.ts";
import type { FeatureMap } from "./feature_map.ts";
import { psi } from "./psi.ts";
import { encodedNumbers } from "./psi_create.ts";
import type { PsiDriftProfile, PsiFeatureProfile } from "./psi_profile.ts";

/** The PSI of every feature. */
export interface PsiDriftMap {
  /** The team or project. */
  readonly space: string;
  /** The model or service. */
  readonly name: string;
  /** Version of the profile. */
  readonly version: string;
  /** PSI by feature name. */
  readonly features: Readonly<Record<string, number>>;
}

/** How new data falls into a feature's bins. */
export interface BinCounts {
  /** One count per bin of the profile, in its order. */
  readonly counts: Float64Array;
  /** Values that fell into no bin: categories the profile does not know. */
  readonly unmatched: number;
  /** Rows without a usable value. */
  readonly missing: number;
  /** How many of the missing are +∞, which the reference puts into a numeric feature's last bin. */
  readonly positiveInfinities: number;
}

/**
 * The PSI of new data against a baseline, for each column of the data.
 *
 * @param data new data, in any shape {@linkcode toTable} reads
 * @param profile the baseline
 * @param options compatibility
 * @returns one value per column
 * @throws DriftError when a column is not in the profile
 * @example
 * ```ts
 * import { computePsiDrift, createPsiProfile } from "./mod.ts";
 *
 * const profile = createPsiProfile({ age: [31, 44, 27, 58] });
 * computePsiDrift({ age: [31, 44, 27, 58] }, profile).features; // { age: 0 }
 * ```
 */
export function computePsiDrift(
  data: TableInput,
  profile: PsiDriftProfile,
  options: CompatibilityOptions = {},
): PsiDriftMap {
  const compatibility = options.compatibility ?? "strict";
  const features = toTable(data).columns.map((column): [string, number] => {
    const feature = featureOf(profile, column.name);
    const counted = countBins(column, feature, profile.featureMap);
    return [column.name, psiOfCounts(feature, counted, compatibility)];
  });
  const { space, name, version } = profile.config;
  return { space, name, version, features: Object.fromEntries(features) };
}

/** A feature's baseline; throws a DriftError listing the features there are. */
export function featureOf(profile: PsiDriftProfile, name: string): PsiFeatureProfile {
  const feature = profile.features.get(name);
  if (feature === undefined) {
    throw new DriftError(
      "UNKNOWN_FEATURE",
      `The data's column "${name}" is not in the profile; it has ${
        [...profile.features.keys()].join(", ")
      }`,
    );
  }
  return feature;
}

/**
 * Counts a column's values per bin of a feature's baseline.
 *
 * @param column new data
 * @param feature the baseline
 * @param featureMap the profile's numbering of text features
 * @returns counts in the order of the feature's bins
 * @throws DriftError when a text column meets a numeric baseline without a numbering
 * @example
 * ```ts
 * import { numericColumn } from "../data/mod.ts";
 * import { countBins, createPsiProfile, featureOf } from "./mod.ts";
 *
 * const profile = createPsiProfile({ age: [31, 44, 27, 58] });
 * const column = numericColumn("age", Float64Array.of(99));
 * countBins(column, featureOf(profile, "age"), profile.featureMap).counts;
 * ```
 */
export function countBins(
  column: Column,
  feature: PsiFeatureProfile,
  featureMap: FeatureMap,
): BinCounts {
  const counts = new Float64Array(feature.bins.length);
  if (feature.binType === "Numeric") {
    const edges = feature.bins.slice(0, -1).map((bin) => bin.upperLimit ?? Infinity);
    const values = encodedNumbers(column, featureMap);
    new NumericBinner(edges).count(values, counts);
    const matched = counts.reduce((sum, count) => sum + count, 0);
    const missing = values.length - matched;
    let positiveInfinities = 0;
    if (missing > 0) { for (const value of values) if (value === Infinity) positiveInfinities++; }
    return { counts, unmatched: 0, missing, positiveInfinities };
  }
  const position = new Map(feature.bins.map((bin, index) => [bin.id, index]));
  let unmatched = 0;
  let missing = 0;
  const add = (id: number): void => {
    const index = position.get(id);
    if (index === undefined) unmatched++;
    else counts[index] = (counts[index] as number) + 1;
  };
  const encoded = featureMap.features.has(column.name);
  if (column.kind === "text") {
    if (!encoded) throw noEncoding(column.name);
    for (const id of featureMap.encodeColumn(column)) id < 0 ? missing++ : add(id);
  } else {
    for (const value of asFloat64(column)) {
      if (!Number.isFinite(value)) missing++;
      // Numbers where the baseline had text: compared as they would be written.
      else add(encoded ? featureMap.encode(column.name, String(value)) : value);
    }
  }
  return { counts, unmatched, missing, positiveInfinities: 0 };
}

function noEncoding(name: string): DriftError {
  return new DriftError(
    "WRONG_TYPE",
    `Column "${name}" holds text, but the profile was made from numbers; convert it, or make a new profile`,
  );
}

/**
 * The PSI of counted data against a feature's baseline.
 *
 * @param feature the baseline
 * @param counted the new data per bin
 * @param compatibility see {@linkcode Compatibility}
 * @returns the index; `NaN` when nothing was counted
 */
export function psiOfCounts(
  feature: PsiFeatureProfile,
  counted: BinCounts,
  compatibility: Compatibility,
): number {
  const expected = feature.bins.map((bin) => bin.proportion);
  const matched = counted.counts.reduce((sum, count) => sum + count, 0);
  const reference = compatibility === "reference";
  const total = matched + counted.unmatched + (reference ? counted.missing : 0);
  if (total === 0) return NaN;
  const last = counted.counts.length - 1;
  const extra = reference ? counted.positiveInfinities : 0;
  const observed = Array.from(
    counted.counts,
    (count, bin) => (bin === last ? count + extra : count) / total,
  );
  if (!reference && counted.unmatched > 0) {
    expected.push(0);
    observed.push(counted.unmatched / total);
  }
  return psi(expected, observed);
}
