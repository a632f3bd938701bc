/**
 * Traces opened lately in this browser, for the command palette.
 *
 * @module
 */

import { choose, setting } from "../settings.ts";

const KEPT = 8;

/** Their ids, the latest first. */
export function recentTraces(): string[] {
  return setting("recent").split(" ").filter((id) => /^[0-9a-f]{32}$/.test(id));
}

/** Remembers that a trace was opened. */
export function rememberTrace(traceId: string): void {
  const ids = [traceId, ...recentTraces().filter((id) => id !== traceId)];
  choose("recent", ids.slice(0, KEPT).join(" "));
}
