import type { Compatibility } from "./compatibility.ts";
import type { ControlLimits } from "./spc_limits.ts";

/**
 * In which zone of a control chart a sample mean lies: 0 on the center line, ±1 within one sigma, ±2 within two, ±3
 * within three, ±4 beyond; the sign is the side.
 *
 * @param value the sample mean
 * @param limits the chart's limits
 * @param compatibility in strict mode a value exactly on a three-sigma limit lies in zone 3
 * @returns the zone value, -4…4; 0 for `NaN`
 * @example
 * ```ts
 * import { controlLimits, zoneOf } from "./mod.ts";
 *
 * const limits = controlLimits(Float64Array.from({ length: 50 }, (_, i) => i + 1), 25, "strict");
 * zoneOf(38, limits, "strict"); // 2
 * ```
 */
export function zoneOf(
  value: number,
  limits: ControlLimits,
  compatibility: Compatibility,
): number {
  if (value > limits.threeUcl) return 4;
  if (value < limits.threeLcl) return -4;
  if (value === limits.threeUcl || value === limits.threeLcl) {
    // Limits that coincide (no spread) put the center line here too.
    return compatibility === "reference" || value === limits.center
      ? 0
      : value > limits.center
      ? 3
      : -3;
  }
  if (value >= limits.twoUcl) return 3;
  if (value >= limits.oneUcl) return 2;
  if (value > limits.center) return 1;
  if (value <= limits.twoLcl) return -3;
  if (value <= limits.oneLcl) return -2;
  return value < limits.center ? -1 : 0;
}
