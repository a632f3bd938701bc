/**
 * The SDK's front door: everyday names of records, data, drift and profiling, and evaluation as {@linkcode evaluate}.
 * Tracing, datasets, files and the command line have sub-paths of their own, so that importing this stays light.
 *
 * @example
 * ```ts
 * import { computePsiDrift, createPsiProfile } from "@scouter/sdk";
 *
 * const baseline = { age: [23, 35, 31, 44, 52, 61, 29, 38, 47, 55, 33, 41] };
 * const profile = createPsiProfile(baseline);
 * console.log(computePsiDrift(baseline, profile).features.age); // 0
 * ```
 *
 * @module
 */

export * from "./data/mod.ts";
export * from "./drift/mod.ts";
export * as evaluate from "./evaluate/mod.ts";
export * from "./profile/mod.ts";
export * from "./records/mod.ts";

// Drift has a function of this name for its own profiles; the front door shows the one for queue items.
export { featureOf } from "./records/mod.ts";

/** Version of the SDK. */
export const VERSION: string = "0.1.0";
