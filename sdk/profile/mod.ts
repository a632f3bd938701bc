/**
 * Data profiling: statistics of every column, missing values, and how columns go together.
 *
 * `compatibility` is `"strict"` by default as in drift, for the same reason; `createDataProfile` lists what differs.
 *
 * @module
 */

export * from "./correlation.ts";
export * from "./create.ts";
export { DataProfile } from "./data_profile.ts";
export { numericStats } from "./numeric_stats.ts";
export { textStats } from "./text_stats.ts";
export * from "./types.ts";
