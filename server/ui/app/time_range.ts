/**
 * The time range all pages share: relative to now or fixed, as it stands in the address.
 *
 * @module
 */

import type { ParamChanges } from "./place.ts";

/** A window of time; microseconds since 1970, the end excluded. */
export interface TimeWindow {
  readonly startUs: number;
  readonly endUs: number;
}

/** A range as chosen. */
export type TimeRange =
  | { readonly kind: "relative"; readonly text: string; readonly seconds: number }
  | { readonly kind: "fixed"; readonly window: TimeWindow };

/** Ranges to choose from. */
export const PRESETS: readonly string[] = ["15m", "1h", "6h", "24h", "7d", "30d"];

const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };
const STANDARD = { kind: "relative", text: "1h", seconds: 3600 } as const;

/** The times a window may have, ms since 1970: what lies beyond was mistyped, and no clock of a sender is there. */
const EARLIEST_MS = 0;
const LATEST_MS = Date.UTC(2100);

/** Reads the range from the parameters `range`, or `from` and `to`; one hour where they say nothing sensible. */
export function rangeOf(params: URLSearchParams): TimeRange {
  const from = Math.max(EARLIEST_MS, Date.parse(params.get("from") ?? ""));
  const to = Math.min(LATEST_MS, Date.parse(params.get("to") ?? ""));
  if (to > from) return { kind: "fixed", window: { startUs: from * 1000, endUs: to * 1000 } };
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(params.get("range") ?? "") ?? [];
  const seconds = Number(count) * (UNITS[unit ?? ""] ?? 0);
  return seconds > 0 ? { kind: "relative", text: `${count}${unit}`, seconds } : STANDARD;
}

/** The window a range stands for now. Its end lies a moment ahead, for clients whose clocks do. */
export function windowOf(range: TimeRange, nowMs: number): TimeWindow {
  if (range.kind === "fixed") return range.window;
  const endMs = nowMs + 2000;
  return { startUs: (endMs - range.seconds * 1000) * 1000, endUs: endMs * 1000 };
}

const WORDS: Readonly<Record<string, string>> = { m: "minute", h: "hour", d: "day" };

/** A relative range in words: `15 minutes`, `1 hour`. */
export function relativeWords(text: string): string {
  const count = Number(text.slice(0, -1));
  const word = WORDS[text.slice(-1)];
  return word === undefined ? text : `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** The parameters of a relative range. */
export function relativeParams(text: string): ParamChanges {
  return { range: text, from: null, to: null, before: null, after: null };
}

/** The parameters of a fixed range, to the millisecond. */
export function fixedParams({ startUs, endUs }: TimeWindow): ParamChanges {
  const from = Math.floor(startUs / 1000);
  const to = Math.max(from + 1, Math.ceil(endUs / 1000));
  return {
    range: null,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    before: null,
    after: null,
  };
}

/** A window twice as wide about the same middle, as far as there is time. */
export function widened({ startUs, endUs }: TimeWindow): TimeWindow {
  const quarter = (endUs - startUs) / 2;
  return {
    startUs: Math.max(EARLIEST_MS * 1000, startUs - quarter),
    endUs: Math.min(LATEST_MS * 1000, endUs + quarter),
  };
}

/** The shortest preset that reaches back to a time, or null when none does. */
export function presetReaching(timeUs: number, nowMs: number): string | null {
  const seconds = (nowMs * 1000 - timeUs) / 1e6;
  return PRESETS.find((text) => {
    const range = rangeOf(new URLSearchParams({ range: text }));
    return range.kind === "relative" && range.seconds > seconds * 1.02;
  }) ?? null;
}
