/**
 * What a chart over time shows.
 *
 * @module
 */

import type { TimeWindow } from "../time_range.ts";

/** How values of a chart read. */
export interface ChartUnit {
  /** Along the axis, such as `US dollars`. */
  readonly name: string;
  /** Short, beside a tick. */
  tick(value: number): string;
  /** As exact as it is known, for tooltip, table and announcements. */
  exact(value: number): string;
  /** Whether values of several series may be added up. */
  readonly adds: boolean;
}

/** One line, or one part of every bar. */
export interface ChartSeries {
  readonly name: string;
  /** One for each of the times; null where nothing is known, which is never drawn as zero. */
  readonly values: readonly (number | null)[];
  /** `muted` for what is left over, `error` for failures; by its name otherwise. */
  readonly tone?: "muted" | "error" | "accent";
}

/** A value that matters, drawn across. */
export interface ChartThreshold {
  readonly value: number;
  readonly label: string;
}

/** A moment that matters, drawn from top to bottom. */
export interface ChartMark {
  readonly timeUs: number;
  readonly label: string;
}

/** Series over the same buckets of time. */
export interface ChartData {
  readonly window: TimeWindow;
  /** Length of a bucket. */
  readonly bucketUs: number;
  /** Starts of all buckets of the window, empty ones included. */
  readonly timesUs: readonly number[];
  readonly series: readonly ChartSeries[];
}

/** Values of each series with those of the series before it added, for stacked bars; hidden ones are left out. */
export function stacked(
  series: readonly ChartSeries[],
  hidden: ReadonlySet<string>,
): (number | null)[][] {
  const sums: (number | null)[] = [];
  return series.map(({ name, values }) => {
    if (hidden.has(name)) return values.map(() => null);
    return values.map((value, at) => {
      const below = sums[at] ?? null;
      const sum = value === null ? below : (below ?? 0) + value;
      sums[at] = sum;
      return sum;
    });
  });
}

/** Sum of the series shown at a place; null where none is known. */
export function totalAt(
  series: readonly ChartSeries[],
  hidden: ReadonlySet<string>,
  at: number,
): number | null {
  let total: number | null = null;
  for (const { name, values } of series) {
    const value = values[at] ?? null;
    if (value !== null && !hidden.has(name)) total = (total ?? 0) + value;
  }
  return total;
}
