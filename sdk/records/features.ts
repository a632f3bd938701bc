/**
 * Features and metrics: what a model's inputs and measurements look like when they go into a queue, and on the wire.
 *
 * @module
 */

/** One model input as it stands on the wire: an integer, a float or a string, with its name. */
export type FeatureJson =
  | { readonly Int: { readonly name: string; readonly value: number | bigint } }
  | { readonly Float: { readonly name: string; readonly value: number | null } }
  | { readonly String: { readonly name: string; readonly value: string } };

/** Features of one prediction on the wire. */
export interface FeaturesJson {
  /** One entry for each model input. */
  readonly features: readonly FeatureJson[];
  /** Tells features from metrics and evaluation records. */
  readonly entity_type: "Feature";
}

/** One metric on the wire; a value that JSON has no number for is null. */
export interface MetricJson {
  /** Name of the metric. */
  readonly name: string;
  /** What was measured. */
  readonly value: number | null;
}

/** Metrics measured together on the wire. */
export interface MetricsJson {
  /** One entry for each metric. */
  readonly metrics: readonly MetricJson[];
  /** Tells metrics from features and evaluation records. */
  readonly entity_type: "Metric";
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** JSON has no NaN and no infinities. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Makers of single features, see {@linkcode feature}. */
export interface FeatureMakers {
  /** An integer of 64 bits. Throws `RangeError` when the value is not one. */
  int(name: string, value: number | bigint): FeatureJson;
  /** A float; NaN and the infinities become null on the wire. */
  float(name: string, value: number): FeatureJson;
  /** A string. */
  string(name: string, value: string): FeatureJson;
  /** A category, which is a string on the wire. */
  categorical(name: string, value: string): FeatureJson;
}

/**
 * Makes single features where the type must not be left to the value.
 *
 * @example
 * ```ts
 * import { feature } from "@scouter/sdk/records";
 *
 * console.log(feature.float("age", 37)); // { Float: { name: "age", value: 37 } }
 * ```
 */
export const feature: FeatureMakers = {
  int(name, value) {
    if (typeof value === "number" && !Number.isInteger(value)) {
      throw new RangeError(`feature "${name}": ${value} is not an integer; use feature.float`);
    }
    const exact = BigInt(value);
    if (exact < MIN_INT64 || exact > MAX_INT64) {
      throw new RangeError(
        `feature "${name}": ${value} does not fit a 64-bit integer; use feature.float`,
      );
    }
    return { Int: { name, value } };
  },
  float: (name, value) => ({ Float: { name, value: finiteOrNull(value) } }),
  string: (name, value) => ({ String: { name, value } }),
  categorical: (name, value) => ({ String: { name, value } }),
};

/**
 * Makes a feature from a plain value: whole numbers, bigints and booleans are integers, other numbers floats.
 *
 * @param name name of the feature
 * @param value number, bigint, boolean or string
 * @returns the feature as it stands on the wire
 * @throws {TypeError} for any other type, naming the feature
 * @throws {RangeError} for a whole number beyond 64 bits
 *
 * @example
 * ```ts
 * import { featureOf } from "@scouter/sdk/records";
 *
 * console.log(featureOf("clicked", true)); // { Int: { name: "clicked", value: 1 } }
 * ```
 */
export function featureOf(name: string, value: unknown): FeatureJson {
  switch (typeof value) {
    case "boolean":
      return feature.int(name, value ? 1 : 0);
    case "bigint":
      return feature.int(name, value);
    case "number":
      return Number.isInteger(value) && !Object.is(value, -0)
        ? feature.int(name, value)
        : feature.float(name, value);
    case "string":
      return feature.string(name, value);
    default:
      throw new TypeError(
        `feature "${name}" must be an integer, float, boolean or string, got ${describe(value)}`,
      );
  }
}

/**
 * Makes the record of one prediction's features from an object of plain values or a list of features.
 *
 * @example
 * ```ts
 * import { features } from "@scouter/sdk/records";
 *
 * console.log(features({ age: 37, city: "Basel" }).features.length); // 2
 * ```
 */
export function features(
  values: Readonly<Record<string, unknown>> | readonly FeatureJson[],
): FeaturesJson {
  return {
    features: Array.isArray(values)
      ? values
      : Object.entries(values).map(([name, value]) => featureOf(name, value)),
    entity_type: "Feature",
  };
}

/**
 * Makes a record of metrics from an object of numbers. Booleans count as 0 and 1.
 *
 * @throws {TypeError} when a value is not a number, bigint or boolean, naming the metric
 *
 * @example
 * ```ts
 * import { metrics } from "@scouter/sdk/records";
 *
 * console.log(metrics({ mae: 1.75 }).metrics); // [{ name: "mae", value: 1.75 }]
 * ```
 */
export function metrics(values: Readonly<Record<string, unknown>>): MetricsJson {
  return {
    metrics: Object.entries(values).map(([name, value]) => {
      if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
        throw new TypeError(`metric "${name}" must be a number, got ${describe(value)}`);
      }
      return { name, value: finiteOrNull(Number(value)) };
    }),
    entity_type: "Metric",
  };
}
