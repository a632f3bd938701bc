/**
 * How sample data is told from real data, by the page that sends it and the store that removes it.
 *
 * @module
 */

/** Spans of resources that carry an attribute with a certain text. */
export interface ResourceMark {
  readonly key: string;
  readonly value: string;
  /** The only services that may carry it, so that files without them need not be read. */
  readonly services: readonly string[];
}

/** The mark of sample data. */
export const SAMPLE_MARK = {
  key: "scouter.sample",
  value: "yes",
  services: ["sample-shop", "sample-payments", "sample-orders", "sample-agent"],
} as const satisfies ResourceMark;

/** Whether a file may hold marked spans. */
export function mayHold(mark: ResourceMark, services: readonly string[] | null): boolean {
  return services === null || services.some((service) => mark.services.includes(service));
}
