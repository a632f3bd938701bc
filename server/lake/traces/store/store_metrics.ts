/**
 * What the span store counts.
 *
 * @module
 */

import type { Metrics } from "../../../telemetry/contract.ts";

/** The store's series. */
export type StoreMetrics = ReturnType<typeof storeMetrics>;

/** Creates the store's series. */
export function storeMetrics(metrics: Metrics) {
  return {
    accepted: metrics.counter("scouter_spans_accepted_total", "Spans stored."),
    rejected: metrics.counter("scouter_spans_rejected_total", "Spans refused, by reason."),
    deduplicated: metrics.counter(
      "scouter_spans_deduplicated_total",
      "Spans not stored because they were stored before.",
    ),
    lateDuplicates: metrics.counter(
      "scouter_spans_late_duplicates_total",
      "Spans sent again after the deduplication window and removed while files were merged.",
    ),
    ingestedBytes: metrics.counter("scouter_span_bytes_total", "Bytes of decoded export requests."),
    refused: metrics.counter(
      "scouter_span_requests_refused_total",
      "Export requests refused whole, by reason.",
    ),
    commits: metrics.counter("scouter_span_commits_total", "Group commits, by result."),
    commitSeconds: metrics.histogram(
      "scouter_span_commit_seconds",
      "Time of one group commit: encode, write, sync.",
    ),
    durableLag: metrics.histogram(
      "scouter_span_durable_lag_seconds",
      "Time from a request's arrival to its spans being on disk.",
    ),
    seals: metrics.counter("scouter_span_seals_total", "Segments moved into the table, by result."),
    sealSeconds: metrics.histogram(
      "scouter_span_seal_seconds",
      "Time of moving one segment into the table.",
    ),
    tableLag: metrics.gauge(
      "scouter_span_table_lag_seconds",
      "Age of the oldest rows that are not in the table yet.",
    ),
    hotFiles: metrics.gauge("scouter_span_hot_files", "Hot files in the current snapshot."),
    tableFiles: metrics.gauge("scouter_span_table_files", "Table files in the current snapshot."),
    bufferedBytes: metrics.gauge("scouter_span_buffered_bytes", "Bytes of columns held in memory."),
    quarantined: metrics.counter(
      "scouter_span_files_quarantined_total",
      "Damaged files moved aside at start, by reason.",
    ),
    maintenance: metrics.counter(
      "scouter_span_maintenance_total",
      "Maintenance runs, by kind and result.",
    ),
    deletedFiles: metrics.counter("scouter_span_files_deleted_total", "Files deleted, by kind."),
    degraded: metrics.gauge(
      "scouter_span_store_degraded",
      "1 while the last commit failed, else 0.",
    ),
  };
}
