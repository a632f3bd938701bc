import { AlertCondition, type AlertThreshold } from "./alert_condition.ts";
import { type CustomMetricAlertConfig, CustomMetricDriftConfig } from "./custom_config.ts";
import { DriftError } from "./error.ts";
import { type Identity, SCOUTER_VERSION } from "./identity.ts";
import { JsonNode } from "./json_node.ts";
import { defined } from "./psi_profile.ts";

/** A metric of the user's own, with its usual value and when it alerts. */
export interface CustomMetric {
  /** Lower-cased by {@linkcode customMetric}. */
  readonly name: string;
  /** Its usual value and when it alerts. */
  readonly condition: AlertCondition;
}

/**
 * Describes a custom metric.
 *
 * @param options name, usual value, side and tolerance
 * @returns the metric, its name in lower case
 * @example
 * ```ts
 * import { customMetric } from "./mod.ts";
 *
 * customMetric({ name: "MAE", baselineValue: 12.4, alertThreshold: "Above", delta: 2.3 }).name; // "mae"
 * ```
 */
export function customMetric(
  options: {
    name: string;
    baselineValue: number;
    alertThreshold: AlertThreshold;
    delta?: number | null;
  },
): CustomMetric {
  return { name: options.name.toLowerCase(), condition: new AlertCondition(options) };
}

/** An alert about a custom metric. */
export interface CustomMetricAlert {
  /** The metric's name, in lower case. */
  readonly metricName: string;
  /** The metric's usual value. */
  readonly baselineValue: number;
  /** What was observed. */
  readonly observedValue: number;
  /** How far from the baseline is still fine; null is the same as 0. */
  readonly delta: number | null;
  /** Which side counts. */
  readonly alertThreshold: AlertThreshold;
}

/**
 * A baseline of custom metrics: their usual values and when they alert.
 *
 * @example
 * ```ts
 * import { CustomDriftProfile, CustomMetricDriftConfig, customMetric } from "./mod.ts";
 *
 * const profile = new CustomDriftProfile(new CustomMetricDriftConfig(), [
 *   customMetric({ name: "mae", baselineValue: 12.4, alertThreshold: "Above", delta: 2.3 }),
 * ]);
 * profile.check({ mae: 15 }).length; // 1
 * ```
 */
export class CustomDriftProfile {
  #config: CustomMetricDriftConfig;
  readonly #metrics: Map<string, number>;
  /** Version of the library that made the profile. */
  readonly scouterVersion: string;

  /**
   * Makes a profile of metrics.
   *
   * @param config identity and alerts; conditions of the same name are replaced by the metrics'
   * @param metrics at least one; of two with the same name the last one counts
   * @param scouterVersion the version to note; this library's by default
   * @throws DriftError when there is no metric
   */
  constructor(
    config: CustomMetricDriftConfig,
    metrics: readonly CustomMetric[],
    scouterVersion: string = SCOUTER_VERSION,
  ) {
    if (metrics.length === 0) {
      throw new DriftError("INVALID_CONFIG", "A custom drift profile needs at least one metric");
    }
    this.#metrics = new Map(metrics.map(({ name, condition }) => [name, condition.baselineValue]));
    this.scouterVersion = scouterVersion;
    this.#config = new CustomMetricDriftConfig({
      ...config,
      alertConfig: {
        ...config.alertConfig,
        alertConditions: new Map(metrics.map(({ name, condition }) => [name, condition])),
      },
    });
  }

  /** Usual values by metric name. */
  get metrics(): ReadonlyMap<string, number> {
    return this.#metrics;
  }

  /** Identity and alerts. */
  get config(): CustomMetricDriftConfig {
    return this.#config;
  }

  /** Tells the kinds of profile apart. */
  get driftType(): "Custom" {
    return "Custom";
  }

  /** The profile's id. */
  get uid(): string {
    return this.config.uid;
  }
  set uid(uid: string) {
    this.config.uid = uid;
  }

  /**
   * Takes over identity fields and alert settings. The metrics' conditions stay, unless new ones are given.
   *
   * @param changes what to replace
   */
  updateConfigArgs(changes: Partial<Identity> & { alertConfig?: CustomMetricAlertConfig }): void {
    const { alertConfig, ...identity } = changes;
    const current = this.#config.alertConfig;
    this.#config = new CustomMetricDriftConfig({
      ...this.#config,
      ...defined(identity),
      alertConfig: alertConfig === undefined ? current : {
        ...alertConfig,
        alertConditions: alertConfig.alertConditions ?? current.alertConditions,
      },
    });
  }

  /**
   * Checks observed values against their conditions.
   *
   * @param observed values by metric name; names are compared in lower case, unknown ones are an error
   * @returns one alert per metric beyond its bound
   * @throws DriftError when a metric is not in the profile
   */
  check(observed: Readonly<Record<string, number>>): CustomMetricAlert[] {
    const conditions = this.config.alertConfig.alertConditions ?? new Map<string, AlertCondition>();
    return Object.entries(observed).flatMap(([given, observedValue]) => {
      const metricName = given.toLowerCase();
      const condition = conditions.get(metricName);
      if (condition === undefined) {
        throw new DriftError(
          "UNKNOWN_FEATURE",
          `The metric "${given}" is not in the profile; it has ${
            [...conditions.keys()].join(", ")
          }`,
        );
      }
      const { baselineValue, delta, alertThreshold } = condition;
      return condition.shouldAlert(observedValue)
        ? [{ metricName, baselineValue, observedValue, delta, alertThreshold }]
        : [];
    });
  }

  /** The JSON form, as in profile files. */
  toJSON(): Record<string, unknown> {
    return {
      config: this.config.toJSON(),
      metrics: Object.fromEntries(this.metrics),
      scouter_version: this.scouterVersion,
    };
  }

  /**
   * Reads the JSON form, bare or wrapped as `{"Custom": …}`.
   *
   * @param input JSON text, or what it parses to
   * @returns the profile
   * @throws DriftError naming the field that is not as it should be, or a metric without a condition
   */
  static fromJSON(input: unknown): CustomDriftProfile {
    const root = JsonNode.from(input, "profile");
    const wrapped = root.get("Custom");
    const node = wrapped.isAbsent ? root : wrapped;
    const version = node.get("scouter_version");
    const config = CustomMetricDriftConfig.fromNode(node.get("config"));
    const metrics = node.get("metrics").entries().map(([name, value]): CustomMetric => {
      const condition = config.alertConfig.alertConditions?.get(name);
      if (condition === undefined) {
        throw new DriftError(
          "INVALID_PROFILE",
          `${value.path} has no condition in alert_config.alert_conditions, so it would never alert; add one`,
        );
      }
      return { name, condition };
    });
    const profile = new CustomDriftProfile(
      config,
      metrics,
      version.isAbsent ? undefined : version.string(),
    );
    for (const [name, value] of node.get("metrics").entries()) {
      profile.#metrics.set(name, value.number());
    }
    return profile;
  }
}
