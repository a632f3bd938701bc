/**
 * Measures of difference beside the PSI, and how sure a PSI is.
 *
 * @module
 */

export * from "./jensen_shannon.ts";
export * from "./kolmogorov_smirnov.ts";
export * from "./psi_confidence.ts";
export * from "./wasserstein.ts";
