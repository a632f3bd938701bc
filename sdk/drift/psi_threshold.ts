import { chiSquareQuantile, normalQuantile } from "../data/stats/mod.ts";
import { DriftError } from "./error.ts";
import type { JsonNode } from "./json_node.ts";

/**
 * How large a PSI may be before it is called drift.
 *
 * "Normal" and "ChiSquare" follow the distribution of the PSI under no drift for a fixed baseline (Yurdakul 2018): the
 * index times the sample size is about chi-square with one degree of freedom less than there are bins.
 */
export type PsiThreshold =
  | { readonly kind: "Normal"; readonly alpha: number }
  | { readonly kind: "ChiSquare"; readonly alpha: number }
  | { readonly kind: "Fixed"; readonly threshold: number };

/**
 * Alerts when the PSI exceeds the normal approximation's upper quantile.
 *
 * @param alpha share of false alarms without drift, within (0, 1)
 * @returns the threshold rule
 * @throws DriftError when alpha lies outside (0, 1)
 * @example
 * ```ts
 * import { normalThreshold, psiThreshold } from "./mod.ts";
 *
 * psiThreshold(normalThreshold(0.05), 400, 10); // 0.0399463...
 * ```
 */
export function normalThreshold(alpha: number = 0.05): PsiThreshold {
  checkAlpha(alpha);
  return { kind: "Normal", alpha };
}

/**
 * Alerts when the PSI exceeds the chi-square distribution's upper quantile.
 *
 * @param alpha share of false alarms without drift, within (0, 1)
 * @returns the threshold rule
 * @throws DriftError when alpha lies outside (0, 1)
 * @example
 * ```ts
 * import { chiSquareThreshold, psiThreshold } from "./mod.ts";
 *
 * psiThreshold(chiSquareThreshold(0.05), 400, 10); // 0.0422974...
 * ```
 */
export function chiSquareThreshold(alpha: number = 0.05): PsiThreshold {
  checkAlpha(alpha);
  return { kind: "ChiSquare", alpha };
}

/**
 * Alerts when the PSI exceeds a number.
 *
 * @param threshold the number, at least 0
 * @returns the threshold rule
 * @throws DriftError when the number is negative
 * @example
 * ```ts
 * import { fixedThreshold } from "./mod.ts";
 *
 * fixedThreshold(0.25).kind; // "Fixed"
 * ```
 */
export function fixedThreshold(threshold: number = 0.25): PsiThreshold {
  if (!(threshold >= 0)) {
    throw new DriftError("INVALID_CONFIG", `A PSI threshold must be at least 0, got ${threshold}`);
  }
  return { kind: "Fixed", threshold };
}

function checkAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) {
    throw new DriftError(
      "INVALID_CONFIG",
      `alpha must lie between 0 and 1, both excluded, got ${alpha}; 0 would mean never to alert`,
    );
  }
}

/**
 * The PSI above which (strictly) there is drift.
 *
 * @param threshold the rule
 * @param sampleSize how many values of the feature were observed
 * @param binCount how many bins the feature has in the profile
 * @returns the limit, or null when the rule cannot tell: no observations, or a single bin
 * @example
 * ```ts
 * import { fixedThreshold, psiThreshold } from "./mod.ts";
 *
 * psiThreshold(fixedThreshold(0.25), 1000, 10); // 0.25
 * ```
 */
export function psiThreshold(
  threshold: PsiThreshold,
  sampleSize: number,
  binCount: number,
): number | null {
  if (threshold.kind === "Fixed") return threshold.threshold;
  const degrees = binCount - 1;
  if (!(sampleSize > 0) || degrees < 1) return null;
  if (threshold.kind === "ChiSquare") {
    return chiSquareQuantile(1 - threshold.alpha, degrees) / sampleSize;
  }
  const z = normalQuantile(1 - threshold.alpha);
  return degrees / sampleSize + z * Math.sqrt(2 * degrees) / sampleSize;
}

/** The JSON form. */
export function thresholdToJson(threshold: PsiThreshold): Record<string, unknown> {
  return threshold.kind === "Fixed"
    ? { Fixed: { threshold: threshold.threshold } }
    : { [threshold.kind]: { alpha: threshold.alpha } };
}

/** Reads the JSON form. */
export function thresholdFromJson(node: JsonNode): PsiThreshold {
  const [kind, content] = node.tagged();
  switch (kind) {
    case "Fixed":
      return fixedThreshold(content.get("threshold").number());
    case "Normal":
      return normalThreshold(content.get("alpha").number());
    case "ChiSquare":
      return chiSquareThreshold(content.get("alpha").number());
    default:
      return node.fail("Normal, ChiSquare or Fixed");
  }
}
