/**
 * The requests each service answered: how many, how many failed, how long they took, and all that over time.
 *
 * @module
 */

import { columnOf, numberOrNull, type QueryContext, run } from "./context.ts";
import { pruneFiles } from "./prune.ts";
import { SqlParams } from "./sql_params.ts";

/**
 * SQL of what counts as a request of a service: a span with which work enters it. Decided by the span alone, so that
 * spans need no joining.
 */
export const IS_REQUEST = "(span_kind IN ('SERVER', 'CONSUMER') OR parent_span_id IS NULL)";

/** Requests of some time. Percentiles are null without requests. */
export interface RequestStats {
  readonly requestCount: number;
  readonly requestErrorCount: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** One service. */
export interface ServiceStats extends RequestStats {
  readonly name: string;
  /** All its spans. */
  readonly spanCount: number;
  readonly errorCount: number;
  /** One entry for each bucket, without gaps. */
  readonly series: readonly RequestStats[];
}

/** All services of a window. */
export interface ServiceList {
  /** Most requests first. */
  readonly services: readonly ServiceStats[];
  readonly bucketUs: number;
  readonly firstBucketUs: number;
}

const NO_REQUESTS: RequestStats = {
  requestCount: 0,
  requestErrorCount: 0,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
};

/**
 * @param window Spans that start in [startUs, endUs).
 * @param buckets Points of each series.
 */
export async function serviceStats(
  context: QueryContext,
  window: { readonly startUs: number; readonly endUs: number },
  buckets: number,
): Promise<ServiceList> {
  const { startUs, endUs } = window;
  const bucketUs = Math.max(1, Math.ceil((endUs - startUs) / buckets));
  const count = Math.max(1, Math.ceil((endUs - startUs) / bucketUs));
  const files = pruneFiles(context.files, { fromUs: startUs, toUs: endUs });
  if (files.length === 0) return { services: [], bucketUs, firstBucketUs: startUs };
  const params = new SqlParams();
  const result = await run(
    context,
    `WITH spans AS (
       SELECT service_name, (epoch_us(start_time) - ${params.add(startUs)}) // ${
      params.add(bucketUs)
    } AS bucket, status_code = 2 AS failed, ${IS_REQUEST} AS request,
         CASE WHEN ${IS_REQUEST} THEN greatest(epoch_us(end_time) - epoch_us(start_time), 0) / 1000.0 END AS ms
       FROM ${params.files(files)}
       WHERE start_time >= ${params.time(startUs)} AND start_time < ${params.time(endUs)})
     SELECT service_name AS name, bucket, grouping(bucket) AS whole, count(*) AS spans,
       count(*) FILTER (failed) AS errors, count(ms) AS requests,
       count(ms) FILTER (failed) AS request_errors, quantile_cont(ms, [0.5, 0.95, 0.99]) AS quantiles
     FROM spans GROUP BY GROUPING SETS ((name), (name, bucket)) ORDER BY name, whole DESC, bucket`,
    params,
  );
  const number = (name: string, row: number) => numberOrNull(columnOf(result, name)[row]) ?? 0;
  const services: (ServiceStats & { series: RequestStats[] })[] = [];
  for (let row = 0; row < result.rowCount; row++) {
    const name = columnOf(result, "name")[row];
    if (typeof name !== "string") continue;
    const quantiles: unknown = columnOf(result, "quantiles")[row];
    const quantile = (at: number) => Array.isArray(quantiles) ? numberOrNull(quantiles[at]) : null;
    const stats: RequestStats = {
      requestCount: number("requests", row),
      requestErrorCount: number("request_errors", row),
      p50Ms: quantile(0),
      p95Ms: quantile(1),
      p99Ms: quantile(2),
    };
    if (number("whole", row) === 1) {
      services.push({
        ...stats,
        name,
        spanCount: number("spans", row),
        errorCount: number("errors", row),
        series: Array.from({ length: count }, () => NO_REQUESTS),
      });
    } else services.at(-1)?.series.splice(number("bucket", row), 1, stats);
  }
  services.sort((a, b) => b.requestCount - a.requestCount || (a.name < b.name ? -1 : 1));
  return { services, bucketUs, firstBucketUs: startUs };
}
