/**
 * Traces per bucket of time: how many, how long, how many failed.
 *
 * @module
 */

import { columnOf, numberOrNull, type QueryContext, run } from "./context.ts";
import { type BucketInterval, intervalOrigin, intervalText } from "./interval.ts";
import { SqlParams } from "./sql_params.ts";
import { type WindowFilter, windowTraces } from "./window_traces.ts";

/** One bucket; empty buckets are absent. Durations are milliseconds, of whole traces. */
export interface TraceMetricBucket {
  readonly bucketStartUs: number;
  readonly traceCount: number;
  readonly errorCount: number;
  readonly avgDurationMs: number;
  readonly p50DurationMs: number | null;
  readonly p95DurationMs: number | null;
  readonly p99DurationMs: number | null;
}

/**
 * Counts the traces that start in the window by bucket, oldest first. Percentiles interpolate between the two
 * nearest durations and are exact.
 */
export async function traceMetrics(
  context: QueryContext,
  filter: WindowFilter,
  interval: BucketInterval,
): Promise<TraceMetricBucket[]> {
  const params = new SqlParams();
  const traces = windowTraces(context, filter, params);
  if (traces.sql === null) return [];
  const result = await run(
    context,
    `SELECT epoch_us(time_bucket(${params.add(intervalText(interval))}::INTERVAL,
        make_timestamptz(start_us), ${intervalOrigin(interval)})) AS bucket_us,
      count(*) AS traces, count(*) FILTER (status_code = 2) AS errors,
      avg(duration_ms) AS avg_ms,
      quantile_cont(duration_ms, [0.5, 0.95, 0.99]) AS quantiles
    FROM (SELECT *, (duration_us // 1000)::DOUBLE AS duration_ms FROM (${traces.sql}))
    GROUP BY bucket_us ORDER BY bucket_us`,
    params,
  );
  const column = (name: string) => columnOf(result, name);
  return Array.from({ length: result.rowCount }, (_, row) => {
    const quantiles: unknown = column("quantiles")[row];
    const at = (index: number) => Array.isArray(quantiles) ? numberOrNull(quantiles[index]) : null;
    return {
      bucketStartUs: numberOrNull(column("bucket_us")[row]) ?? 0,
      traceCount: numberOrNull(column("traces")[row]) ?? 0,
      errorCount: numberOrNull(column("errors")[row]) ?? 0,
      avgDurationMs: numberOrNull(column("avg_ms")[row]) ?? 0,
      p50DurationMs: at(0),
      p95DurationMs: at(1),
      p99DurationMs: at(2),
    };
  });
}
