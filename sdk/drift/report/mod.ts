/**
 * Drift reports: which features, since when, how much, how sure; as an object, as text and as a page with plots.
 *
 * @module
 */

export * from "./create.ts";
export { renderDriftHtml } from "./html.ts";
export { renderDriftText } from "./text.ts";
export type * from "./types.ts";
