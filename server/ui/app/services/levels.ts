/**
 * How bad a share of failures is. The same everywhere, and told by shape and word as well as by colour.
 *
 * @module
 */

/** Three levels, or none where nothing was asked. */
export type Level = "ok" | "warn" | "bad" | "none";

/** From here on a share of failures is worth a look, and from there on it is bad. */
export const WARN_SHARE = 0.01;
/** See {@linkcode WARN_SHARE}. */
export const BAD_SHARE = 0.05;

/** The level of `errors` among `calls`. */
export function levelOf(errors: number, calls: number): Level {
  if (calls === 0) return errors === 0 ? "none" : "bad";
  const share = errors / calls;
  return share >= BAD_SHARE ? "bad" : share >= WARN_SHARE ? "warn" : "ok";
}

/** The shape of each level. */
export const MARKS: Readonly<Record<Level, string>> = { ok: "✓", warn: "▲", bad: "✕", none: "–" };
