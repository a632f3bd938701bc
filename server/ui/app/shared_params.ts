/**
 * Parameters that go along from page to page.
 *
 * @module
 */

import { changed } from "./place.ts";

const SHARED = ["range", "from", "to", "live"];

/** The parameters of another page: the same time range, and more. */
export function sharedParams(
  params: URLSearchParams,
  more: Readonly<Record<string, string>> = {},
): URLSearchParams {
  const shared = new URLSearchParams([...params].filter(([name]) => SHARED.includes(name)));
  return changed(shared, more);
}
