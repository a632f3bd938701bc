import { type TableInput, type TextColumn, toTable } from "../data/mod.ts";
import type { CompatibilityOptions } from "./compatibility.ts";
import { DriftError } from "./error.ts";
import { FeatureMap } from "./feature_map.ts";
import { checkNames, type CreateProfileOptions, encodedNumbers } from "./psi_create.ts";
import { SpcDriftConfig } from "./spc_config.ts";
import { controlLimits, sampleMeans } from "./spc_limits.ts";
import { SpcDriftProfile, type SpcFeatureProfile } from "./spc_profile.ts";
import { checkSpcRules, type SpcAlert } from "./spc_rules.ts";
import { zoneOf } from "./spc_zones.ts";

/** One feature's series on its control chart. */
export interface SpcFeatureDrift {
  /** Sample means, oldest first. */
  readonly samples: readonly number[];
  /** Zone value of each sample mean, see {@linkcode zoneOf}. */
  readonly drift: readonly number[];
}

/** The control charts of all features. */
export interface SpcDriftMap {
  /** The team or project. */
  readonly space: string;
  /** The model or service. */
  readonly name: string;
  /** Version of the profile. */
  readonly version: string;
  /** Series by feature name. */
  readonly features: Readonly<Record<string, SpcFeatureDrift>>;
}

/**
 * Makes an SPC baseline: control limits for every feature.
 *
 * @param data the baseline in order of time, in any shape {@linkcode toTable} reads
 * @param config what differs from the defaults; not changed
 * @param options compatibility and clock
 * @returns the profile
 * @throws DriftError when a named feature does not exist, or a column has fewer than two finite values
 * @example
 * ```ts
 * import { createSpcProfile } from "./mod.ts";
 *
 * createSpcProfile({ pressure: [5.1, 5.0, 4.9, 5.2] }).features.get("pressure")?.center; // 5.05
 * ```
 */
export function createSpcProfile(
  data: TableInput,
  config: SpcDriftConfig = new SpcDriftConfig(),
  options: CreateProfileOptions = {},
): SpcDriftProfile {
  const table = toTable(data);
  const timestamp = (options.now ?? new Date()).toISOString();
  checkNames(table, config.alertConfig.featuresToMonitor, "featuresToMonitor");
  const text = table.columns.filter((column): column is TextColumn => column.kind === "text");
  const compatibility = options.compatibility ?? "strict";
  const featureMap = FeatureMap.of(text, compatibility);
  const features = table.columns.map((column): [string, SpcFeatureProfile] => {
    try {
      const values = encodedNumbers(column, featureMap);
      const limits = controlLimits(values, config.sampleSize, compatibility);
      return [column.name, { id: column.name, ...limits, timestamp }];
    } catch (cause) {
      if (!(cause instanceof DriftError)) throw cause;
      throw new DriftError(cause.code, `Feature "${column.name}": ${cause.message}`, { cause });
    }
  });
  const { alertConfig } = config;
  return new SpcDriftProfile({
    features: new Map(features),
    config: config.with({
      featureMap,
      alertConfig: alertConfig.featuresToMonitor.length > 0
        ? alertConfig
        : { ...alertConfig, featuresToMonitor: table.columns.map((column) => column.name) },
    }),
  });
}

/**
 * Puts new data on the control charts of a baseline.
 *
 * @param data new data in order of time, in any shape {@linkcode toTable} reads
 * @param profile the baseline
 * @param options compatibility
 * @returns sample means and zone values per column
 * @throws DriftError when a column is not in the profile, or one of the profile's features is not in the data
 * @example
 * ```ts
 * import { computeSpcDrift, createSpcProfile } from "./mod.ts";
 *
 * const profile = createSpcProfile({ pressure: [5.1, 5.0, 4.9, 5.2] });
 * computeSpcDrift({ pressure: [7, 7.1, 6.9] }, profile).features.pressure?.drift; // [4]
 * ```
 */
export function computeSpcDrift(
  data: TableInput,
  profile: SpcDriftProfile,
  options: CompatibilityOptions = {},
): SpcDriftMap {
  const table = toTable(data);
  checkNames(table, [...profile.features.keys()], "The profile");
  const compatibility = options.compatibility ?? "strict";
  const features = table.columns.map((column): [string, SpcFeatureDrift] => {
    const limits = profile.features.get(column.name);
    if (limits === undefined) {
      throw new DriftError(
        "UNKNOWN_FEATURE",
        `The data's column "${column.name}" is not in the profile; it has ${
          [...profile.features.keys()].join(", ")
        }`,
      );
    }
    const values = encodedNumbers(column, profile.featureMap);
    const samples = sampleMeans(values, profile.config.sampleSize, compatibility);
    const drift = Array.from(samples, (value) => zoneOf(value, limits, compatibility));
    return [column.name, { samples: Array.from(samples), drift }];
  });
  const { space, name, version } = profile.config;
  return { space, name, version, features: Object.fromEntries(features) };
}

/**
 * Looks for alerts in control charts, by the rule of the profile's alert configuration.
 *
 * @param drift the charts
 * @param profile the baseline
 * @param options compatibility
 * @returns findings by feature name; features without any are left out
 * @example
 * ```ts
 * import { checkSpcAlerts, computeSpcDrift, createSpcProfile } from "./mod.ts";
 *
 * const profile = createSpcProfile({ pressure: [5.1, 5.0, 4.9, 5.2] });
 * checkSpcAlerts(computeSpcDrift({ pressure: [7, 7.1, 6.9] }, profile), profile);
 * // { pressure: [{ kind: "OutOfBounds", zone: "Zone4" }] }
 * ```
 */
export function checkSpcAlerts(
  drift: SpcDriftMap,
  profile: SpcDriftProfile,
  options: CompatibilityOptions = {},
): Record<string, SpcAlert[]> {
  const { rule, featuresToMonitor } = profile.config.alertConfig;
  const watched = featuresToMonitor.length > 0 ? featuresToMonitor : Object.keys(drift.features);
  const found: [string, SpcAlert[]][] = [];
  for (const name of watched) {
    const feature = drift.features[name];
    if (feature === undefined) continue;
    const alerts = checkSpcRules(feature.drift, rule, {
      compatibility: options.compatibility ?? "strict",
      samples: feature.samples,
    });
    if (alerts.length > 0) found.push([name, alerts]);
  }
  return Object.fromEntries(found);
}
