/**
 * Parts of the Admin page.
 *
 * @module
 */

/** Path below `/admin` and name, in order; the first one also stands at `/admin`. */
export const SECTIONS = [
  ["ingest", "Ingest"],
  ["storage", "Storage"],
  ["workers", "Workers"],
  ["settings", "Settings"],
  ["people", "People"],
  ["keys", "API keys"],
  ["prices", "Prices"],
  ["about", "About"],
] as const;

/** A part's path. */
export type Section = typeof SECTIONS[number][0];
