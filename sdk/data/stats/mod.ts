/**
 * Statistics of columns that drift detection and profiling share.
 *
 * @module
 */

export * from "./distinct.ts";
export * from "./distributions.ts";
export * from "./order.ts";
export * from "./moments.ts";
export * from "./quantile.ts";
export * from "./select.ts";
