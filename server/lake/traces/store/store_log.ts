/**
 * Log lines of the store, at most one a second for each kind of trouble.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";

const logger = getLogger(["scouter", "lake", "spans"]);
const lastMs = new Map<string, number>();
const swallowed = new Map<string, number>();
const INTERVAL_MS = 1000;

/** Logs trouble; lines of one kind within a second are counted into the next. */
export function warn(kind: string, message: string, fields: Record<string, unknown> = {}): void {
  const nowMs = performance.now();
  if (nowMs - (lastMs.get(kind) ?? -Infinity) < INTERVAL_MS) {
    swallowed.set(kind, (swallowed.get(kind) ?? 0) + 1);
    return;
  }
  lastMs.set(kind, nowMs);
  const repeats = swallowed.get(kind) ?? 0;
  swallowed.delete(kind);
  logger.warn(repeats === 0 ? message : `${message} (and {repeats} more times)`, {
    ...fields,
    repeats,
  });
}

/** Logs what an operator may want to know. */
export function info(message: string, fields: Record<string, unknown> = {}): void {
  logger.info(message, fields);
}
