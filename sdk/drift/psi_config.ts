import {
  binningFromJson,
  type BinningStrategy,
  binningToJson,
  quantileBinning,
} from "./binning.ts";
import {
  consoleDispatch,
  type DispatchConfig,
  dispatchFromJson,
  dispatchToJson,
} from "./dispatch.ts";
import { FeatureMap } from "./feature_map.ts";
import { completeIdentity, type Identity, identityFromNode } from "./identity.ts";
import { JsonNode } from "./json_node.ts";
import {
  chiSquareThreshold,
  type PsiThreshold,
  thresholdFromJson,
  thresholdToJson,
} from "./psi_threshold.ts";
import { CommonCrons, parseSchedule } from "./schedule.ts";

/** When PSI drift is looked for, in what, and who is told. */
export interface PsiAlertConfig {
  /** Cron expression, seconds first. */
  readonly schedule: string;
  /** Features to watch; all of them when the profile was made from an empty list. */
  readonly featuresToMonitor: readonly string[];
  /** Who is told. */
  readonly dispatchConfig: DispatchConfig;
  /** What the index is held against. */
  readonly threshold: PsiThreshold;
}

/**
 * Completes a PSI alert configuration: daily, all features, console, chi-square with alpha 0.05.
 *
 * @param options what differs from that; `schedule` may be a {@linkcode CommonCrons} name
 * @returns the configuration
 * @throws DriftError when the schedule cannot be read
 * @example
 * ```ts
 * import { fixedThreshold, psiAlertConfig } from "./mod.ts";
 *
 * psiAlertConfig({ schedule: "EveryHour", threshold: fixedThreshold(0.2) }).schedule; // "0 0 * * * *"
 * ```
 */
export function psiAlertConfig(options: Partial<PsiAlertConfig> = {}): PsiAlertConfig {
  return {
    schedule: parseSchedule(options.schedule ?? CommonCrons.EveryDay),
    featuresToMonitor: options.featuresToMonitor ?? [],
    dispatchConfig: options.dispatchConfig ?? consoleDispatch(),
    threshold: options.threshold ?? chiSquareThreshold(),
  };
}

/** Options of a {@linkcode PsiDriftConfig}. */
export interface PsiDriftConfigOptions extends Partial<Identity> {
  /** When drift is looked for, and who is told. */
  readonly alertConfig?: PsiAlertConfig;
  /** Features whose values are categories. */
  readonly categoricalFeatures?: readonly string[] | null;
  /** How numeric features are cut into bins. */
  readonly binningStrategy?: BinningStrategy;
  /** Numbering of text features; filled when a profile is made. */
  readonly featureMap?: FeatureMap;
}

/**
 * What to make a PSI profile of, and how.
 *
 * @example
 * ```ts
 * import { PsiDriftConfig, quantileBinning } from "./mod.ts";
 *
 * new PsiDriftConfig({ space: "credit", name: "scoring", binningStrategy: quantileBinning(20) });
 * ```
 */
export class PsiDriftConfig implements Identity {
  /** Tells the kinds of configuration apart. */
  readonly driftType: "Psi" = "Psi" as const;
  space: string;
  name: string;
  version: string;
  uid: string;
  /** When drift is looked for, and who is told. */
  alertConfig: PsiAlertConfig;
  /** Numbering of text features; filled when a profile is made. */
  readonly featureMap: FeatureMap;
  /** Features whose values are categories; null for none listed. */
  readonly categoricalFeatures: readonly string[] | null;
  /** How numeric features are cut into bins. */
  readonly binningStrategy: BinningStrategy;

  /**
   * Completes a configuration.
   *
   * @param options identity, alerts, categories, binning; all optional
   */
  constructor(options: PsiDriftConfigOptions = {}) {
    const identity = completeIdentity(options);
    this.space = identity.space;
    this.name = identity.name;
    this.version = identity.version;
    this.uid = identity.uid;
    this.alertConfig = options.alertConfig ?? psiAlertConfig();
    this.featureMap = options.featureMap ?? new FeatureMap();
    this.categoricalFeatures = options.categoricalFeatures ?? null;
    this.binningStrategy = options.binningStrategy ?? quantileBinning();
  }

  /** A copy with some options replaced. */
  with(changes: PsiDriftConfigOptions): PsiDriftConfig {
    return new PsiDriftConfig({ ...this, ...changes });
  }

  /** The JSON form, as in profile files. */
  toJSON(): Record<string, unknown> {
    return {
      space: this.space,
      name: this.name,
      version: this.version,
      uid: this.uid,
      alert_config: {
        schedule: this.alertConfig.schedule,
        features_to_monitor: this.alertConfig.featuresToMonitor,
        dispatch_config: dispatchToJson(this.alertConfig.dispatchConfig),
        threshold: thresholdToJson(this.alertConfig.threshold),
      },
      feature_map: this.featureMap.toJSON(),
      drift_type: this.driftType,
      categorical_features: this.categoricalFeatures,
      binning_strategy: binningToJson(this.binningStrategy),
    };
  }

  /**
   * Reads the JSON form.
   *
   * @param input JSON text, or what it parses to
   * @returns the configuration
   * @throws DriftError naming the field that is not as it should be
   */
  static fromJSON(input: unknown): PsiDriftConfig {
    return PsiDriftConfig.fromNode(JsonNode.from(input, "config"));
  }

  /** Reads the JSON form at a place in a document. */
  static fromNode(node: JsonNode): PsiDriftConfig {
    const alert = node.get("alert_config");
    const categorical = node.get("categorical_features");
    return new PsiDriftConfig({
      ...identityFromNode(node),
      alertConfig: {
        schedule: parseSchedule(alert.get("schedule").string()),
        featuresToMonitor: alert.get("features_to_monitor").strings(),
        dispatchConfig: dispatchFromJson(alert.get("dispatch_config")),
        threshold: thresholdFromJson(alert.get("threshold")),
      },
      featureMap: FeatureMap.fromNode(node.get("feature_map")),
      categoricalFeatures: categorical.isAbsent ? null : categorical.strings(),
      binningStrategy: binningFromJson(node.get("binning_strategy")),
    });
  }
}
