/**
 * What collectors of features have in common.
 *
 * @module
 */

import type { FeatureMap } from "../drift/feature_map.ts";
import type { FeatureJson, FeaturesJson } from "../records/features.ts";

/** The value of a feature. */
export type FeatureValue = number | bigint | string | null;

/** Name and value, whatever the type. */
export function partsOf(feature: FeatureJson): { readonly name: string; value: FeatureValue } {
  if ("Float" in feature) return feature.Float;
  return "Int" in feature ? feature.Int : feature.String;
}

/** Whether an item holds features. */
export function isFeatures(item: unknown): item is FeaturesJson {
  return typeof item === "object" && item !== null && "entity_type" in item &&
    item.entity_type === "Feature" && "features" in item && Array.isArray(item.features);
}

/**
 * A value as a number: texts through the profile's numbering.
 *
 * @returns the number, or why there is none
 */
export function numberOf(name: string, value: FeatureValue, map: FeatureMap): number | string {
  if (value === null) return `feature "${name}" has no value, or one that is not finite`;
  if (typeof value !== "string") {
    const number = Number(value);
    return Number.isFinite(number) ? number : `feature "${name}" is not finite`;
  }
  const encoding = map.features.get(name);
  if (encoding === undefined) {
    return `feature "${name}" is a text, and the profile has no numbering for it`;
  }
  return encoding.values.get(value) ?? encoding.unseenId;
}
