/**
 * Baselines for data that does not fit in memory: mergeable quantile sketches.
 *
 * @module
 */

export * from "./kll.ts";
export * from "./streaming_baseline.ts";
