/**
 * How many traces when, with which outcome, and how long they took.
 *
 * @module
 */

import { columnOf, numberOrNull, type QueryContext, run } from "./context.ts";
import { SqlParams } from "./sql_params.ts";
import { type WindowFilter, windowTraces } from "./window_traces.ts";

/** Traces of the window over time and over duration. */
export interface TraceHistogram {
  /** Width of a time bucket, µs. */
  readonly bucketUs: number;
  /** Buckets with traces, by start. */
  readonly times: readonly {
    readonly startUs: number;
    readonly okCount: number;
    readonly errorCount: number;
  }[];
  /** Duration classes with traces; each is 10^(1/5) times as wide as the one before. */
  readonly durations: readonly {
    /** Lower bound, inclusive, µs; 0 for traces of no length. */
    readonly fromUs: number;
    /** Upper bound, exclusive, µs. */
    readonly toUs: number;
    readonly count: number;
  }[];
  readonly traceCount: number;
  readonly errorCount: number;
  readonly p50DurationUs: number | null;
  readonly p95DurationUs: number | null;
  readonly p99DurationUs: number | null;
}

const CLASSES_PER_DECADE = 5;
/** Lower bound of a duration class in whole microseconds. */
const classStartUs = (index: number) => Math.ceil(10 ** (index / CLASSES_PER_DECADE) - 1e-9);

/**
 * @param buckets About how many time buckets to divide the window into.
 */
export async function traceHistogram(
  context: QueryContext,
  filter: WindowFilter,
  buckets: number,
): Promise<TraceHistogram> {
  const bucketUs = Math.max(1, Math.ceil((filter.endUs - filter.startUs) / buckets));
  const empty = {
    bucketUs,
    times: [],
    durations: [],
    traceCount: 0,
    errorCount: 0,
    p50DurationUs: null,
    p95DurationUs: null,
    p99DurationUs: null,
  };
  const params = new SqlParams();
  const traces = windowTraces(context, filter, params);
  if (traces.sql === null) return empty;
  const origin = params.add(filter.startUs);
  const result = await run(
    context,
    `WITH traces AS MATERIALIZED (SELECT start_us, duration_us, status_code FROM (${traces.sql}))
     SELECT 0 AS part, (start_us - ${origin}) // ${params.add(bucketUs)} AS class,
       count(*) FILTER (status_code <> 2) AS ok, count(*) FILTER (status_code = 2) AS errors,
       NULL::DOUBLE[] AS quantiles FROM traces GROUP BY class
     UNION ALL
     SELECT 1, CASE WHEN duration_us = 0 THEN -1
       ELSE floor(log10(duration_us) * ${CLASSES_PER_DECADE} + 1e-9)::BIGINT END AS class,
       count(*), 0, NULL FROM traces GROUP BY class
     UNION ALL
     SELECT 2, 0, count(*), count(*) FILTER (status_code = 2),
       quantile_cont(duration_us::DOUBLE, [0.5, 0.95, 0.99]) FROM traces
     ORDER BY part, class`,
    params,
  );
  const parts = columnOf(result, "part");
  const number = (name: string, row: number) => numberOrNull(columnOf(result, name)[row]) ?? 0;
  const rows = (part: number) =>
    parts.flatMap((value, row) => numberOrNull(value) === part ? [row] : []);
  const [total] = rows(2);
  if (total === undefined) return empty;
  const quantiles: unknown = columnOf(result, "quantiles")[total];
  const quantile = (index: number) =>
    Array.isArray(quantiles) ? numberOrNull(quantiles[index]) : null;
  return {
    bucketUs,
    times: rows(0).map((row) => ({
      startUs: filter.startUs + number("class", row) * bucketUs,
      okCount: number("ok", row),
      errorCount: number("errors", row),
    })),
    durations: rows(1).map((row) => {
      const index = number("class", row);
      return {
        fromUs: index < 0 ? 0 : classStartUs(index),
        toUs: index < 0 ? 1 : classStartUs(index + 1),
        count: number("ok", row),
      };
    }),
    traceCount: number("ok", total),
    errorCount: number("errors", total),
    p50DurationUs: quantile(0),
    p95DurationUs: quantile(1),
    p99DurationUs: quantile(2),
  };
}
