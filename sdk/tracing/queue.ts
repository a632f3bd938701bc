/**
 * What a span needs of a queue.
 *
 * @module
 */

/** Kinds of records that a span can point at. */
export type SpanQueueEntity = "Feature" | "Metric" | "Agent";

/** One queue of a {@linkcode SpanQueue}. */
export interface SpanQueueEntry {
  /** Uid of the profile the queue belongs to. */
  readonly entityUid?: string;
  /** Queues a record. */
  insert(item: object): unknown;
}

/** Queues by alias; the queue of the SDK is one. */
export interface SpanQueue {
  /** The queue of an alias; undefined or an error when there is none. */
  get(alias: string): SpanQueueEntry | undefined;
}

/** Tells what kind of record an item is, by its wire shape. */
export function entityOf(item: object): SpanQueueEntity {
  if ("entityType" in item && typeof item.entityType === "string") {
    const type = item.entityType;
    if (type === "Feature" || type === "Metric") return type;
    return "Agent";
  }
  if ("features" in item) return "Feature";
  if ("metrics" in item) return "Metric";
  return "Agent";
}
