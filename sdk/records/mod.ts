/**
 * Records as they stand on the wire.
 *
 * @module
 */

export * from "./features.ts";
