/**
 * Ingest as series of charts.
 *
 * @module
 */

import type {
  GetIngestHealthResponse,
  IngestMinute,
} from "../../../../sdk/gen/scouter/v1/admin_pb.ts";
import type { ChartData, ChartSeries } from "../charts/series.ts";

const MINUTE_US = 60e6;

/** What came in by minute. A minute without requests has no values. */
export function flowChart(health: GetIngestHealthResponse): ChartData {
  const counted = (of: (minute: IngestMinute) => bigint) =>
    health.minutes.map((minute) => minute.requests === 0n ? null : Number(of(minute)));
  return chart(health, [
    { name: "accepted", tone: "accent", values: counted((minute) => minute.accepted) },
    { name: "stored before", tone: "muted", values: counted((minute) => minute.deduplicated) },
    { name: "rejected", tone: "error", values: counted((minute) => minute.rejected) },
  ]);
}

/** How long it took by minute. */
export function lagChart(health: GetIngestHealthResponse): ChartData {
  return chart(health, [
    { name: "to disk", values: health.minutes.map(({ maxDurableMs }) => maxDurableMs ?? null) },
    { name: "to table", values: health.minutes.map(({ maxTableLagMs }) => maxTableLagMs ?? null) },
  ]);
}

function chart({ minutes }: GetIngestHealthResponse, series: readonly ChartSeries[]): ChartData {
  const timesUs = minutes.map(({ startTimeUs }) => Number(startTimeUs));
  const startUs = timesUs[0] ?? 0;
  return {
    window: { startUs, endUs: (timesUs.at(-1) ?? startUs) + MINUTE_US },
    bucketUs: MINUTE_US,
    timesUs,
    series: series.filter(({ values }) => values.some((value) => value !== null)),
  };
}
