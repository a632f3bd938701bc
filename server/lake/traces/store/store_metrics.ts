/**
 * What the span store counts.
 *
 * @module
 */

import type { Metrics } from "../../../telemetry/contract.ts";
import type { TableShape } from "./table_shape.ts";

/** The store's series. */
export type StoreMetrics = ReturnType<typeof storeMetrics>;

/** Creates the series of a store of spans or log records. */
export function storeMetrics(metrics: Metrics, noun: TableShape["noun"] = "span") {
  const one = noun === "span" ? "scouter_span" : "scouter_log";
  const Rows = noun === "span" ? "Spans" : "Log records";
  return {
    accepted: metrics.counter(`${one}s_accepted_total`, `${Rows} stored.`),
    rejected: metrics.counter(`${one}s_rejected_total`, `${Rows} refused, by reason.`),
    deduplicated: metrics.counter(
      `${one}s_deduplicated_total`,
      `${Rows} not stored because they were stored before.`,
    ),
    lateDuplicates: metrics.counter(
      `${one}s_late_duplicates_total`,
      `${Rows} sent again after the deduplication window and removed while files were merged.`,
    ),
    ingestedBytes: metrics.counter(`${one}_bytes_total`, "Bytes of decoded export requests."),
    refused: metrics.counter(
      `${one}_requests_refused_total`,
      "Export requests refused whole, by reason.",
    ),
    commits: metrics.counter(`${one}_commits_total`, "Group commits, by result."),
    commitSeconds: metrics.histogram(
      `${one}_commit_seconds`,
      "Time of one group commit: encode, write, sync.",
    ),
    durableLag: metrics.histogram(
      `${one}_durable_lag_seconds`,
      "Time from a request's arrival to its spans being on disk.",
    ),
    seals: metrics.counter(`${one}_seals_total`, "Segments moved into the table, by result."),
    sealSeconds: metrics.histogram(
      `${one}_seal_seconds`,
      "Time of moving one segment into the table.",
    ),
    tableLag: metrics.gauge(
      `${one}_table_lag_seconds`,
      "Age of the oldest rows that are not in the table yet.",
    ),
    hotFiles: metrics.gauge(`${one}_hot_files`, "Hot files in the current snapshot."),
    tableFiles: metrics.gauge(`${one}_table_files`, "Table files in the current snapshot."),
    bufferedBytes: metrics.gauge(`${one}_buffered_bytes`, "Bytes of columns held in memory."),
    quarantined: metrics.counter(
      `${one}_files_quarantined_total`,
      "Damaged files moved aside at start, by reason.",
    ),
    maintenance: metrics.counter(
      `${one}_maintenance_total`,
      "Maintenance runs, by kind and result.",
    ),
    deletedFiles: metrics.counter(`${one}_files_deleted_total`, "Files deleted, by kind."),
    degraded: metrics.gauge(
      `${one}_store_degraded`,
      "1 while the last commit failed, else 0.",
    ),
  };
}
