/**
 * Places in the list of traces, as they stand in the address.
 *
 * @module
 */

/** Beside which trace a page of the list lies, and on which side. */
export interface Cursor {
  readonly place: { readonly startTimeUs: bigint; readonly traceId: string };
  readonly newer: boolean;
}

/** A place as text. */
export function cursorText(place: Cursor["place"]): string {
  return `${place.startTimeUs}-${place.traceId}`;
}

/** The place in the parameters `before` (towards older) or `after`; null for the first page. */
export function cursorOf(params: URLSearchParams): Cursor | null {
  const after = params.get("after");
  const text = after ?? params.get("before") ?? "";
  const [, startTimeUs, traceId] = /^(\d{1,18})-([0-9a-f]{32})$/.exec(text) ?? [];
  if (startTimeUs === undefined || traceId === undefined) return null;
  return { place: { startTimeUs: BigInt(startTimeUs), traceId }, newer: after !== null };
}
