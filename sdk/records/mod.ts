/**
 * Records as they stand on the wire.
 *
 * @module
 */

export * from "./eval_record.ts";
export * from "./features.ts";
