/**
 * Numbers beside those of as long a time before.
 *
 * @module
 */

import { rangeOf, relativeWords, type TimeWindow } from "../time_range.ts";

/** What every part of the page is told. */
export interface PartProps {
  readonly params: URLSearchParams;
  readonly window: TimeWindow;
  /** Changes whenever the part is to load again. */
  readonly loadKey: string;
}

/** The window of the same length that ends where this one starts. */
export function beforeOf({ startUs, endUs }: TimeWindow): TimeWindow {
  return { startUs: startUs - (endUs - startUs), endUs: startUs };
}

/** The window before in words, after "than in" or "in". */
export function beforeText(params: URLSearchParams): string {
  const range = rangeOf(params);
  if (range.kind === "fixed") return "the same time before";
  return `the ${relativeWords(range.text).replace(/^1 /, "")} before`;
}

/** A change: its shape, how much, and which way. */
export interface Change {
  readonly mark: "▲" | "▼" | "=";
  readonly text: string;
  readonly direction: -1 | 0 | 1;
  /** From a fifth more or less on. */
  readonly notable: boolean;
}

/** How a number changed; null where the time before has none. */
export function changeOf(now: number, then: number | null): Change | null {
  if (then === null || then === 0) return null;
  const ratio = now / then - 1;
  const percent = Math.round(Math.abs(ratio) * 100);
  if (percent === 0) return { mark: "=", text: "as", direction: 0, notable: false };
  const times = now / then;
  return {
    mark: ratio > 0 ? "▲" : "▼",
    text: times >= 3 ? `${times < 10 ? times.toFixed(1) : Math.round(times)} ×` : `${percent} %`,
    direction: ratio > 0 ? 1 : -1,
    notable: Math.abs(ratio) >= 0.2,
  };
}

/** Counts by bucket, without gaps: a bucket without traces has none of them. */
export function dense<T>(
  window: TimeWindow,
  bucketUs: number,
  buckets: readonly T[],
  startOf: (bucket: T) => number,
  valueOf: (bucket: T) => number | null,
  missing: number | null,
): (number | null)[] {
  if (bucketUs <= 0) return [];
  const count = Math.max(1, Math.ceil((window.endUs - window.startUs) / bucketUs));
  const values = Array.from({ length: count }, () => missing);
  for (const bucket of buckets) {
    const at = Math.floor((startOf(bucket) - window.startUs) / bucketUs);
    values[Math.max(0, Math.min(count - 1, at))] = valueOf(bucket);
  }
  return values;
}
