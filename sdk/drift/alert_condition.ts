import { DriftError } from "./error.ts";
import type { JsonNode } from "./json_node.ts";

/** Which deviation from the baseline raises an alert. */
export type AlertThreshold = "Below" | "Above" | "Outside";

/** The values of {@linkcode AlertThreshold}. */
export const AlertThreshold: {
  readonly Below: "Below";
  readonly Above: "Above";
  readonly Outside: "Outside";
} = { Below: "Below", Above: "Above", Outside: "Outside" };

/**
 * When an observed metric raises an alert: beyond the baseline by more than delta, strictly.
 *
 * @example
 * ```ts
 * import { AlertCondition } from "./mod.ts";
 *
 * new AlertCondition({ baselineValue: 12.4, alertThreshold: "Above", delta: 2.3 }).shouldAlert(15); // true
 * ```
 */
export class AlertCondition {
  /** The metric's usual value. */
  readonly baselineValue: number;
  /** Which side counts. */
  readonly alertThreshold: AlertThreshold;
  /** How far from the baseline is still fine; null is the same as 0. */
  readonly delta: number | null;

  /**
   * Makes a condition.
   *
   * @param options baseline, side and tolerance
   * @throws DriftError when the baseline is not a number or delta is negative
   */
  constructor(
    options: {
      baselineValue: number;
      alertThreshold: AlertThreshold;
      delta?: number | null;
    },
  ) {
    const { baselineValue, alertThreshold, delta = null } = options;
    if (Number.isNaN(baselineValue)) {
      throw new DriftError(
        "INVALID_CONFIG",
        "An alert condition's baseline must be a number, got NaN",
      );
    }
    if (delta !== null && Number.isNaN(delta)) {
      throw new DriftError(
        "INVALID_CONFIG",
        "An alert condition's delta must be a number, got NaN",
      );
    }
    this.baselineValue = baselineValue;
    this.alertThreshold = alertThreshold;
    this.delta = delta;
  }

  /** Values above this are too high. */
  upperBound(): number {
    return this.baselineValue + (this.delta ?? 0);
  }

  /** Values below this are too low. */
  lowerBound(): number {
    return this.baselineValue - (this.delta ?? 0);
  }

  /**
   * Decides about an observed value. `NaN` never alerts: it is not a measurement.
   *
   * @param value the observed value
   * @returns whether it lies beyond the bound that counts
   */
  shouldAlert(value: number): boolean {
    switch (this.alertThreshold) {
      case "Above":
        return value > this.upperBound();
      case "Below":
        return value < this.lowerBound();
      case "Outside":
        return value < this.lowerBound() || value > this.upperBound();
    }
  }

  /** The JSON form. */
  toJSON(): Record<string, unknown> {
    return {
      baseline_value: this.baselineValue,
      alert_threshold: this.alertThreshold,
      delta: this.delta,
    };
  }

  /** Reads the JSON form. */
  static fromNode(node: JsonNode): AlertCondition {
    const delta = node.get("delta");
    return new AlertCondition({
      baselineValue: node.get("baseline_value").number(),
      alertThreshold: node.get("alert_threshold").oneOf(["Below", "Above", "Outside"]),
      delta: delta.isAbsent ? null : delta.number(),
    });
  }
}
