/**
 * Buckets of time that charts are drawn in.
 *
 * @module
 */

import type { TimeWindow } from "../time_range.ts";

/** A length of time the server can count by. */
export interface BucketWidth {
  readonly us: number;
  /** As the API writes it. */
  readonly text: string;
}

const WIDTHS: readonly (readonly [number, string])[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => [count, `${count} seconds`] as const),
  ...[1, 2, 5, 10, 15, 30].map((count) => [count * 60, `${count} minutes`] as const),
  ...[1, 2, 3, 6, 12].map((count) => [count * 3600, `${count} hours`] as const),
  ...[1, 2, 5, 10, 20, 30].map((count) => [count * 86_400, `${count} days`] as const),
];

/** The finest width that divides a window into at most `most` buckets. */
export function bucketWidth({ startUs, endUs }: TimeWindow, most: number): BucketWidth {
  const least = (endUs - startUs) / 1e6 / most;
  const [seconds, text] = WIDTHS.find(([seconds]) => seconds >= least) ??
    [31_536_000, "365 days"] as const;
  return { us: seconds * 1e6, text };
}

/** Starts of all buckets of a window; the first may begin before it. They are counted from 1970. */
export function bucketStarts({ startUs, endUs }: TimeWindow, widthUs: number): number[] {
  const first = Math.floor(startUs / widthUs);
  const count = Math.max(1, Math.ceil(endUs / widthUs) - first);
  return Array.from({ length: count }, (_, i) => (first + i) * widthUs);
}
