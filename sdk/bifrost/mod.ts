/**
 * Datasets: typed records as tables. This part maps record schemas to columns and fingerprints them.
 *
 * @module
 */

export * from "./fingerprint.ts";
export * from "./schema.ts";
