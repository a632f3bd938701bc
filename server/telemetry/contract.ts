/**
 * What the parts of the server count with. The registry that renders them is `metrics.ts`.
 *
 * @module
 */

/**
 * Names of series that dashboards and alerts depend on. A test holds a copy of every name, so that none is renamed
 * by accident.
 */
export const METRIC = {
  ingestRequests: "scouter_ingest_requests_total",
  ingestRefused: "scouter_ingest_requests_refused_total",
  ingestAccepted: "scouter_ingest_accepted_total",
  ingestRejected: "scouter_ingest_rejected_total",
  ingestDeduplicated: "scouter_ingest_deduplicated_total",
  ingestLate: "scouter_ingest_late_total",
  ingestBytes: "scouter_ingest_bytes_total",
  objectStoreRequests: "scouter_trace_object_store_requests_total",
  objectStoreDurationMs: "scouter_trace_object_store_request_duration_ms",
  objectStoreBytes: "scouter_trace_object_store_bytes_total",
  ownSpansSent: "scouter_own_spans_sent_total",
  ownSpansDropped: "scouter_own_spans_dropped_total",
} as const;

/** Names of the server's own spans. Those of requests are named for the route or method instead. */
export const SPAN = {
  objectStoreRequest: "object_store.request",
  tableLoad: "delta.table.load",
  snapshotRefresh: "delta.snapshot.refresh",
  updateIncremental: "update_incremental",
  catalogSwap: "delta.catalog.swap",
  optimize: "delta.optimize",
  tableResolve: "df.table.resolve",
  logicalBuild: "df.logical.build",
  physicalPlan: "df.physical.plan",
  collect: "df.collect",
  arrowConvert: "arrow.convert",
  treeBuild: "trace.tree.build",
} as const;

/** Names of attributes of the server's own spans. */
export const ATTRIBUTE = {
  objectStoreOperation: "object_store.operation",
  objectStorePathKind: "object_store.path_kind",
  objectStoreBackend: "object_store.backend",
  objectStoreStatus: "object_store.status",
  objectStoreCacheHit: "object_store.cache.hit",
  table: "table",
  endpoint: "endpoint",
  queryEndpoint: "trace.query.endpoint",
  queryKind: "trace.query.kind",
  queryWindowMs: "trace.query.window_ms",
  queryResultRows: "trace.query.result.rows",
  queryCacheHit: "trace.query.cache.hit",
} as const;

/** On requests that carry telemetry of a Scouter server: taking them makes no further spans. */
export const OWN_TELEMETRY_HEADER = "x-scouter-own-telemetry";

/** Label values of one series. */
export type Labels = Readonly<Record<string, string>>;

/** A value that only grows. */
export interface Counter {
  add(value?: number, labels?: Labels): void;
}

/** A value that goes up and down. */
export interface Gauge {
  set(value: number, labels?: Labels): void;
}

/** A distribution; seconds unless the name says otherwise. */
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** Creates or returns series by name. Asking twice for one name returns the same series. */
export interface Metrics {
  counter(name: string, help: string): Counter;
  gauge(name: string, help: string): Gauge;
  histogram(name: string, help: string, buckets?: readonly number[]): Histogram;
}
