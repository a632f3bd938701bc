/**
 * Traces picked from the list for comparing and exporting, as they stand in the address.
 *
 * @module
 */

import { currentPlace, setParams } from "../place.ts";

/** Ids of the picked traces, in the order they were picked. */
export function pickedOf(params: URLSearchParams): string[] {
  const ids = (params.get("pick") ?? "").split(",").filter((id) => /^[0-9a-f]{32}$/.test(id));
  return [...new Set(ids)];
}

/** Picks a trace, or drops it again. */
export function togglePick(traceId: string): void {
  const picked = pickedOf(currentPlace().params);
  setPicks(
    picked.includes(traceId) ? picked.filter((id) => id !== traceId) : [...picked, traceId],
  );
}

/** Picks exactly these. */
export function setPicks(ids: readonly string[]): void {
  setParams({ pick: ids.join(",") }, true);
}
