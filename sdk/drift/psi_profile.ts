import type { PsiDriftConfig } from "./psi_config.ts";
import { PsiDriftConfig as Config } from "./psi_config.ts";
import type { FeatureMap } from "./feature_map.ts";
import { type Identity, SCOUTER_VERSION } from "./identity.ts";
import { JsonNode } from "./json_node.ts";

/** One bin of a PSI profile. Category bins have no limits. */
export interface PsiBin {
  /** 1…k for numeric bins, the category's number for category bins. */
  readonly id: number;
  /** Excluded; -Infinity for the first numeric bin. */
  readonly lowerLimit: number | null;
  /** Included; Infinity for the last numeric bin. */
  readonly upperLimit: number | null;
  /** Share of the baseline. */
  readonly proportion: number;
}

/** The baseline distribution of one feature. */
export interface PsiFeatureProfile {
  /** The feature's name. */
  readonly id: string;
  /** Whether bins are intervals of numbers or single categories. */
  readonly binType: "Numeric" | "Category";
  /** When the profile was made, RFC 3339. */
  readonly timestamp: string;
  /** The bins, in ascending order. */
  readonly bins: readonly PsiBin[];
}

/**
 * A PSI baseline: the distribution of every feature over its bins, with the configuration it was made by.
 *
 * @example
 * ```ts
 * import { createPsiProfile, PsiDriftProfile } from "./mod.ts";
 *
 * const profile = createPsiProfile({ age: [31, 44, 27, 58] });
 * PsiDriftProfile.fromJSON(JSON.stringify(profile)).features.get("age")?.bins.length;
 * ```
 */
export class PsiDriftProfile {
  /** Baselines by feature name. */
  readonly features: ReadonlyMap<string, PsiFeatureProfile>;
  /** Identity, alerts and what the profile was made by. */
  readonly config: PsiDriftConfig;
  /** Version of the library that made the profile. */
  readonly scouterVersion: string;

  /**
   * Puts a profile together from its parts.
   *
   * @param parts the profile's contents
   */
  constructor(
    parts: {
      features: ReadonlyMap<string, PsiFeatureProfile>;
      config: PsiDriftConfig;
      scouterVersion?: string;
    },
  ) {
    this.features = parts.features;
    this.config = parts.config;
    this.scouterVersion = parts.scouterVersion ?? SCOUTER_VERSION;
  }

  /** Tells the kinds of profile apart. */
  get driftType(): "Psi" {
    return "Psi";
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
        bins: feature.bins.map((bin) => ({
          id: bin.id,
          lower_limit: limitToJson(bin.lowerLimit),
          upper_limit: limitToJson(bin.upperLimit),
          proportion: bin.proportion,
        })),
        timestamp: feature.timestamp,
        bin_type: feature.binType,
      }])),
      config: this.config.toJSON(),
      scouter_version: this.scouterVersion,
    };
  }

  /**
   * Reads the JSON form, bare or wrapped as `{"Psi": …}`.
   *
   * @param input JSON text, or what it parses to
   * @returns the profile
   * @throws DriftError naming the field that is not as it should be
   */
  static fromJSON(input: unknown): PsiDriftProfile {
    const root = JsonNode.from(input, "profile");
    const wrapped = root.get("Psi");
    const node = wrapped.isAbsent ? root : wrapped;
    const version = node.get("scouter_version");
    return new PsiDriftProfile({
      features: new Map(
        node.get("features").entries().map(([name, feature]) => [name, featureFromNode(feature)]),
      ),
      config: Config.fromNode(node.get("config")),
      ...(version.isAbsent ? {} : { scouterVersion: version.string() }),
    });
  }
}

/** Only the keys that have a value. */
export function defined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

function limitToJson(limit: number | null): number | string | null {
  if (limit === Infinity) return "inf";
  return limit === -Infinity ? "-inf" : limit;
}

function limitFromNode(node: JsonNode, open: number | null): number | null {
  if (node.isAbsent) return open;
  if (node.value === "inf") return Infinity;
  if (node.value === "-inf") return -Infinity;
  return typeof node.value === "number" ? node.value : node.fail('a number, "inf", "-inf" or null');
}

function featureFromNode(node: JsonNode): PsiFeatureProfile {
  const binType = node.get("bin_type").oneOf(["Numeric", "Category"]);
  const numeric = binType === "Numeric";
  return {
    id: node.get("id").string(),
    binType,
    timestamp: node.get("timestamp").string(),
    bins: node.get("bins").array().map((bin) => ({
      id: bin.get("id").integer(),
      // A numeric bin without a limit is open on that side.
      lowerLimit: limitFromNode(bin.get("lower_limit"), numeric ? -Infinity : null),
      upperLimit: limitFromNode(bin.get("upper_limit"), numeric ? Infinity : null),
      proportion: bin.get("proportion").number(),
    })),
  };
}
