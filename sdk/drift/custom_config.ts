import { AlertCondition } from "./alert_condition.ts";
import {
  consoleDispatch,
  type DispatchConfig,
  dispatchFromJson,
  dispatchToJson,
} from "./dispatch.ts";
import { completeIdentity, type Identity, identityFromNode } from "./identity.ts";
import type { JsonNode } from "./json_node.ts";
import { CommonCrons, parseSchedule } from "./schedule.ts";

/** When custom metrics are looked at, and who is told. */
export interface CustomMetricAlertConfig {
  /** Cron expression, seconds first. */
  readonly schedule: string;
  /** Who is told. */
  readonly dispatchConfig: DispatchConfig;
  /** Conditions by metric name; null until a profile is made. */
  readonly alertConditions: ReadonlyMap<string, AlertCondition> | null;
}

/**
 * Completes a custom alert configuration: daily, console.
 *
 * @param options what differs from that; `schedule` may be a {@linkcode CommonCrons} name
 * @returns the configuration
 * @throws DriftError when the schedule cannot be read
 * @example
 * ```ts
 * import { customAlertConfig } from "./mod.ts";
 *
 * customAlertConfig({ schedule: "EveryHour" }).schedule; // "0 0 * * * *"
 * ```
 */
export function customAlertConfig(
  options: Partial<CustomMetricAlertConfig> = {},
): CustomMetricAlertConfig {
  return {
    schedule: parseSchedule(options.schedule ?? CommonCrons.EveryDay),
    dispatchConfig: options.dispatchConfig ?? consoleDispatch(),
    alertConditions: options.alertConditions ?? null,
  };
}

/** Options of a {@linkcode CustomMetricDriftConfig}. */
export interface CustomMetricDriftConfigOptions extends Partial<Identity> {
  /** Values a queue collects before it publishes their mean; 25 by default. */
  readonly sampleSize?: number;
  /** When drift is looked for, and who is told. */
  readonly alertConfig?: CustomMetricAlertConfig;
}

/**
 * What to make a custom metric profile of.
 *
 * @example
 * ```ts
 * import { CustomMetricDriftConfig } from "./mod.ts";
 *
 * new CustomMetricDriftConfig({ space: "credit", name: "scoring" });
 * ```
 */
export class CustomMetricDriftConfig implements Identity {
  /** Tells the kinds of configuration apart. */
  readonly driftType: "Custom" = "Custom" as const;
  space: string;
  name: string;
  version: string;
  uid: string;
  /** Rows or values per sample. */
  readonly sampleSize: number;
  /** When drift is looked for, and who is told. */
  readonly alertConfig: CustomMetricAlertConfig;

  /**
   * Completes a configuration.
   *
   * @param options identity, sample size, alerts; all optional
   */
  constructor(options: CustomMetricDriftConfigOptions = {}) {
    const identity = completeIdentity(options);
    this.space = identity.space;
    this.name = identity.name;
    this.version = identity.version;
    this.uid = identity.uid;
    this.sampleSize = options.sampleSize ?? 25;
    this.alertConfig = options.alertConfig ?? customAlertConfig();
  }

  /** The JSON form, as in profile files. */
  toJSON(): Record<string, unknown> {
    const { dispatchConfig, schedule, alertConditions } = this.alertConfig;
    return {
      sample_size: this.sampleSize,
      space: this.space,
      name: this.name,
      version: this.version,
      uid: this.uid,
      alert_config: {
        dispatch_config: dispatchToJson(dispatchConfig),
        schedule,
        alert_conditions: alertConditions === null
          ? null
          : Object.fromEntries([...alertConditions].map(([name, c]) => [name, c.toJSON()])),
      },
      drift_type: this.driftType,
    };
  }

  /** Reads the JSON form at a place in a document. */
  static fromNode(node: JsonNode): CustomMetricDriftConfig {
    const alert = node.get("alert_config");
    const conditions = alert.get("alert_conditions");
    return new CustomMetricDriftConfig({
      ...identityFromNode(node),
      sampleSize: node.get("sample_size").integer(),
      alertConfig: {
        schedule: parseSchedule(alert.get("schedule").string()),
        dispatchConfig: dispatchFromJson(alert.get("dispatch_config")),
        alertConditions: conditions.isAbsent ? null : new Map(
          conditions.entries().map((
            [name, condition],
          ) => [name, AlertCondition.fromNode(condition)]),
        ),
      },
    });
  }
}
