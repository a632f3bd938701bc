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
} as const;

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
