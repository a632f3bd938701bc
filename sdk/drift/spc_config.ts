import {
  consoleDispatch,
  type DispatchConfig,
  dispatchFromJson,
  dispatchToJson,
} from "./dispatch.ts";
import { DriftError } from "./error.ts";
import { FeatureMap } from "./feature_map.ts";
import { completeIdentity, type Identity, identityFromNode } from "./identity.ts";
import { JsonNode } from "./json_node.ts";
import { CommonCrons, parseSchedule } from "./schedule.ts";
import { type SpcAlertRule, spcAlertRule } from "./spc_rules.ts";

/** When SPC drift is looked for, by which rule, in what, and who is told. */
export interface SpcAlertConfig {
  /** Which runs of zone values alert. */
  readonly rule: SpcAlertRule;
  /** Cron expression, seconds first. */
  readonly schedule: string;
  /** Features to watch; empty for all. */
  readonly featuresToMonitor: readonly string[];
  /** Who is told. */
  readonly dispatchConfig: DispatchConfig;
}

/**
 * Completes an SPC alert configuration: daily, all features, console, Western Electric rules.
 *
 * @param options what differs from that; `schedule` may be a {@linkcode CommonCrons} name
 * @returns the configuration
 * @throws DriftError when the schedule cannot be read
 * @example
 * ```ts
 * import { spcAlertConfig } from "./mod.ts";
 *
 * spcAlertConfig({ schedule: "EveryHour" }).schedule; // "0 0 * * * *"
 * ```
 */
export function spcAlertConfig(options: Partial<SpcAlertConfig> = {}): SpcAlertConfig {
  return {
    rule: options.rule ?? spcAlertRule(),
    schedule: parseSchedule(options.schedule ?? CommonCrons.EveryDay),
    featuresToMonitor: options.featuresToMonitor ?? [],
    dispatchConfig: options.dispatchConfig ?? consoleDispatch(),
  };
}

/** Options of an {@linkcode SpcDriftConfig}. */
export interface SpcDriftConfigOptions extends Partial<Identity> {
  /** Rows per sample; 25 by default. */
  readonly sampleSize?: number;
  /** Kept for the file format; has no effect. */
  readonly sample?: boolean;
  /** When drift is looked for, and who is told. */
  readonly alertConfig?: SpcAlertConfig;
  /** Numbering of text features; filled when a profile is made. */
  readonly featureMap?: FeatureMap;
}

/**
 * What to make an SPC profile of, and how.
 *
 * @example
 * ```ts
 * import { SpcDriftConfig } from "./mod.ts";
 *
 * new SpcDriftConfig({ space: "factory", name: "press", sampleSize: 50 });
 * ```
 */
export class SpcDriftConfig implements Identity {
  /** Tells the kinds of configuration apart. */
  readonly driftType: "Spc" = "Spc" as const;
  space: string;
  name: string;
  version: string;
  uid: string;
  /** Rows or values per sample. */
  readonly sampleSize: number;
  /** Kept for the file format; has no effect. */
  readonly sample: boolean;
  /** When drift is looked for, and who is told. */
  alertConfig: SpcAlertConfig;
  /** Numbering of text features; filled when a profile is made. */
  readonly featureMap: FeatureMap;

  /**
   * Completes a configuration.
   *
   * @param options identity, sample size, alerts; all optional
   */
  constructor(options: SpcDriftConfigOptions = {}) {
    const identity = completeIdentity(options);
    this.space = identity.space;
    this.name = identity.name;
    this.version = identity.version;
    this.uid = identity.uid;
    this.sampleSize = options.sampleSize ?? 25;
    if (!Number.isInteger(this.sampleSize) || this.sampleSize < 1) {
      throw new DriftError(
        "INVALID_CONFIG",
        `sampleSize must be a whole number of at least 1, got ${this.sampleSize}`,
      );
    }
    this.sample = options.sample ?? true;
    this.alertConfig = options.alertConfig ?? spcAlertConfig();
    this.featureMap = options.featureMap ?? new FeatureMap();
  }

  /** A copy with some options replaced. */
  with(changes: SpcDriftConfigOptions): SpcDriftConfig {
    return new SpcDriftConfig({ ...this, ...changes });
  }

  /** The JSON form, as in profile files. */
  toJSON(): Record<string, unknown> {
    const { rule, schedule, featuresToMonitor, dispatchConfig } = this.alertConfig;
    return {
      sample_size: this.sampleSize,
      sample: this.sample,
      space: this.space,
      name: this.name,
      version: this.version,
      uid: this.uid,
      alert_config: {
        rule: { rule: rule.rule, zones_to_monitor: rule.zonesToMonitor },
        schedule,
        features_to_monitor: featuresToMonitor,
        dispatch_config: dispatchToJson(dispatchConfig),
      },
      feature_map: this.featureMap.toJSON(),
      drift_type: this.driftType,
    };
  }

  /**
   * Reads the JSON form.
   *
   * @param input JSON text, or what it parses to
   * @returns the configuration
   * @throws DriftError naming the field that is not as it should be
   */
  static fromJSON(input: unknown): SpcDriftConfig {
    return SpcDriftConfig.fromNode(JsonNode.from(input, "config"));
  }

  /** Reads the JSON form at a place in a document. */
  static fromNode(node: JsonNode): SpcDriftConfig {
    const alert = node.get("alert_config");
    const rule = alert.get("rule");
    const sample = node.get("sample");
    return new SpcDriftConfig({
      ...identityFromNode(node),
      sampleSize: node.get("sample_size").integer(),
      ...(sample.isAbsent ? {} : { sample: sample.boolean() }),
      alertConfig: {
        rule: spcAlertRule({
          rule: rule.get("rule").string(),
          zonesToMonitor: rule.get("zones_to_monitor").array().map((zone) =>
            zone.oneOf(["Zone1", "Zone2", "Zone3", "Zone4", "NotApplicable"])
          ),
        }),
        schedule: parseSchedule(alert.get("schedule").string()),
        featuresToMonitor: alert.get("features_to_monitor").strings(),
        dispatchConfig: dispatchFromJson(alert.get("dispatch_config")),
      },
      featureMap: FeatureMap.fromNode(node.get("feature_map")),
    });
  }
}
