/**
 * What the parts of the server count with. The registry that renders them is `metrics.ts`.
 *
 * @module
 */

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
