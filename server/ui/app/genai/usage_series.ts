/**
 * Usage as series of charts.
 *
 * @module
 */

import type {
  GenAiActivity,
  GenAiUsageGroup,
  GetUsageResponse,
} from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { bucketStarts } from "../charts/buckets.ts";
import type { ChartData, ChartSeries } from "../charts/series.ts";
import type { TimeWindow } from "../time_range.ts";

/** What a group is called. */
export function groupName(group: GenAiUsageGroup, split: string): string {
  if (group.kind === "value") return group.key === "" ? "(empty)" : group.key;
  if (group.kind === "rest") return "all others";
  if (split === "none") return "all";
  return `no ${split.startsWith("tag.") ? split.slice("tag.".length) : split}`;
}

/** Charts of an answer. */
export interface UsageCharts {
  readonly cost: ChartData;
  readonly tokens: ChartData;
  readonly latency: ChartData;
  readonly errors: ChartData;
}

/** Makes series of buckets. */
export function usageCharts(
  usage: GetUsageResponse,
  split: string,
  window: TimeWindow,
  bucketUs: number,
): UsageCharts {
  const timesUs = bucketStarts(window, bucketUs);
  const first = timesUs[0] ?? 0;
  const empty = () => new Array<GenAiActivity | undefined>(timesUs.length).fill(undefined);
  const byGroup = usage.groups.map(empty);
  for (const { startTimeUs, group, activity } of usage.buckets) {
    const at = Math.round((Number(startTimeUs) - first) / bucketUs);
    byGroup[group]?.splice(at, 1, activity);
  }
  const chart = (series: readonly ChartSeries[]): ChartData => ({
    window,
    bucketUs,
    timesUs,
    // A series that knows nothing in this window would only fill the legend.
    series: series.filter(({ values }) => values.some((value) => value !== null)),
  });
  const lines = (of: (activity: GenAiActivity) => number | null): ChartSeries[] =>
    usage.groups.map((group, index) => ({
      name: groupName(group, split),
      ...(group.kind === "value"
        ? {}
        : { tone: group.kind === "none" && split === "none" ? "accent" : "muted" }),
      values: (byGroup[index] ?? []).map((activity) =>
        activity === undefined ? null : of(activity)
      ),
    }));
  const parts = (
    ...named: readonly (readonly [string, (activity: GenAiActivity) => number | null])[]
  ): ChartSeries[] =>
    named.map(([name, of]) => ({
      name,
      values: (byGroup[0] ?? []).map((activity) => activity === undefined ? null : of(activity)),
    }));
  const single = split === "none";
  return {
    cost: chart(lines((activity) => activity.cost?.usd ?? null)),
    tokens: chart(
      single
        ? parts(
          ["input", ({ tokens }) => known(uncachedInput(tokens))],
          ["from cache", ({ tokens }) => known(Number(tokens?.cacheRead ?? 0n))],
          ["output", ({ tokens }) => known(Number(tokens?.output ?? 0n))],
        )
        : lines(({ tokens }) => known(Number((tokens?.input ?? 0n) + (tokens?.output ?? 0n)))),
    ),
    latency: chart(
      single
        ? parts(
          ["p50", ({ durations }) => durations?.p50Ms ?? null],
          ["p95", ({ durations }) => durations?.p95Ms ?? null],
          ["p99", ({ durations }) => durations?.p99Ms ?? null],
        )
        : lines(({ durations }) => durations?.p95Ms ?? null),
    ),
    errors: chart(lines(errorRate)),
  };
}

/** Failed operations by all; null when there were none. */
export function errorRate({ counts }: GenAiActivity): number | null {
  const spans = Number(counts?.spanCount ?? 0n);
  return spans === 0 ? null : Number(counts?.errorCount ?? 0n) / spans;
}

/** Operations without tokens, such as those of tools, draw nothing. */
function known(tokens: number): number | null {
  return tokens === 0 ? null : tokens;
}

function uncachedInput(tokens: GenAiActivity["tokens"]): number {
  const input = Number(tokens?.input ?? 0n);
  const cached = Number(tokens?.cacheRead ?? 0n);
  return input >= cached ? input - cached : input;
}
