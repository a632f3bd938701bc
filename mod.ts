/**
 * Scouter: tracing, drift detection and evaluation for models and agents, on Deno, Node and Bun.
 *
 * @module
 */

export * from "./sdk/mod.ts";
