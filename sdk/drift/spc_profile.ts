import type { FeatureMap } from "./feature_map.ts";
import { type Identity, SCOUTER_VERSION } from "./identity.ts";
import { JsonNode } from "./json_node.ts";
import { defined } from "./psi_profile.ts";
import { SpcDriftConfig } from "./spc_config.ts";
import type { ControlLimits } from "./spc_limits.ts";

/** Control limits of one feature. */
export interface SpcFeatureProfile extends ControlLimits {
  /** The feature's name. */
  readonly id: string;
  /** When the profile was made, RFC 3339. */
  readonly timestamp: string;
}

/**
 * An SPC baseline: the control limits of every feature, with the configuration they were made by.
 *
 * @example
 * ```ts
 * import { createSpcProfile, SpcDriftProfile } from "./mod.ts";
 *
 * const profile = createSpcProfile({ pressure: [5.1, 5.0, 4.9, 5.2] });
 * SpcDriftProfile.fromJSON(JSON.stringify(profile)).features.get("pressure")?.center; // 5.05
 * ```
 */
export class SpcDriftProfile {
  /** Control limits by feature name. */
  readonly features: ReadonlyMap<string, SpcFeatureProfile>;
  /** Identity, alerts and what the profile was made by. */
  readonly config: SpcDriftConfig;
  /** Version of the library that made the profile. */
  readonly scouterVersion: string;

  /**
   * Puts a profile together from its parts.
   *
   * @param parts the profile's contents
   */
  constructor(
    parts: {
      features: ReadonlyMap<string, SpcFeatureProfile>;
      config: SpcDriftConfig;
      scouterVersion?: string;
    },
  ) {
    this.features = parts.features;
    this.config = parts.config;
    this.scouterVersion = parts.scouterVersion ?? SCOUTER_VERSION;
  }

  /** Tells the kinds of profile apart. */
  get driftType(): "Spc" {
    return "Spc";
  }

  /** The profile's id. */
  get uid(): string {
    return this.config.uid;
  }
  set uid(uid: string) {
    this.config.uid = uid;
  }

  /** Numbering of text features. */
  get featureMap(): FeatureMap {
    return this.config.featureMap;
  }

  /** Takes over identity fields, as after registration. */
  updateConfigArgs(changes: Partial<Identity>): void {
    Object.assign(this.config, defined(changes));
  }

  /** The JSON form, as in profile files. */
  toJSON(): Record<string, unknown> {
    return {
      features: Object.fromEntries([...this.features].map(([name, feature]) => [name, {
        id: feature.id,
        center: feature.center,
        one_ucl: feature.oneUcl,
        one_lcl: feature.oneLcl,
        two_ucl: feature.twoUcl,
        two_lcl: feature.twoLcl,
        three_ucl: feature.threeUcl,
        three_lcl: feature.threeLcl,
        timestamp: feature.timestamp,
      }])),
      config: this.config.toJSON(),
      scouter_version: this.scouterVersion,
    };
  }

  /**
   * Reads the JSON form, bare or wrapped as `{"Spc": …}`.
   *
   * @param input JSON text, or what it parses to
   * @returns the profile
   * @throws DriftError naming the field that is not as it should be
   */
  static fromJSON(input: unknown): SpcDriftProfile {
    const root = JsonNode.from(input, "profile");
    const wrapped = root.get("Spc");
    const node = wrapped.isAbsent ? root : wrapped;
    const version = node.get("scouter_version");
    const features = node.get("features").entries().map(([name, feature]) =>
      [name, {
        id: feature.get("id").string(),
        center: feature.get("center").number(),
        oneUcl: feature.get("one_ucl").number(),
        oneLcl: feature.get("one_lcl").number(),
        twoUcl: feature.get("two_ucl").number(),
        twoLcl: feature.get("two_lcl").number(),
        threeUcl: feature.get("three_ucl").number(),
        threeLcl: feature.get("three_lcl").number(),
        timestamp: feature.get("timestamp").string(),
      }] as const
    );
    return new SpcDriftProfile({
      features: new Map(features),
      config: SpcDriftConfig.fromNode(node.get("config")),
      ...(version.isAbsent ? {} : { scouterVersion: version.string() }),
    });
  }
}
