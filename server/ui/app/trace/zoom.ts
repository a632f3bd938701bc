/**
 * The part of a trace's time that is shown, as it stands in the address: microseconds from the trace's start.
 *
 * @module
 */

/** A part of time, µs since the epoch. */
export interface TimePart {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The part the address names, or the whole trace. */
export function zoomOf(params: URLSearchParams, startUs: number, endUs: number): TimePart {
  const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(params.get("zoom") ?? "") ?? [];
  const fromUs = startUs + Number(from);
  const toUs = startUs + Number(to);
  if (!(toUs > fromUs)) return { fromUs: startUs, toUs: Math.max(endUs, startUs + 1) };
  return { fromUs, toUs };
}

/** A part as it stands in the address. */
export function zoomParam(part: TimePart | null, startUs: number): string | null {
  if (part === null) return null;
  const from = Math.max(0, Math.floor(part.fromUs - startUs));
  return `${from}-${Math.max(from + 1, Math.ceil(part.toUs - startUs))}`;
}
