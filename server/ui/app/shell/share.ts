/**
 * The address to give to somebody else.
 *
 * @module
 */

import { changed, currentPlace, hrefOf } from "../place.ts";
import { fixedParams, rangeOf, windowOf } from "../time_range.ts";

/** The present page with its time range fixed, so that whoever opens it later sees the same data. */
export function absoluteAddress(nowMs: number): string {
  const { path, params } = currentPlace();
  const { before: _before, after: _after, ...range } = fixedParams(
    windowOf(rangeOf(params), nowMs),
  );
  return new URL(hrefOf(path, changed(params, { ...range, live: null })), location.href).href;
}
