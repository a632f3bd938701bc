/**
 * What keeps items and batches over the end of a process.
 *
 * @module
 */

/** A batch that is kept. */
export interface SpilledBatch {
  /** Finds it again. */
  readonly key: string;
  /** Its items. */
  readonly items: number;
  /** Its records. */
  readonly records: number;
}

/** A message and what it is made of. */
export interface SealedBatch {
  /** JSON text of the envelope. */
  readonly message: string;
  /** Its items. */
  readonly items: number;
  /** Its records. */
  readonly records: number;
}

/** What one queue keeps. Everything that must be done when `insert` returns is done before the call returns. */
export interface SpilledQueue {
  /** Batches that an earlier process did not send, oldest first. */
  readonly batches: readonly SpilledBatch[];
  /** Items that an earlier process gathered and made no batch of. */
  readonly entries: readonly string[];
  /** What an earlier process had begun beside these items; null when there is nothing. */
  readonly rest: string | null;
  /** Items that cannot be used, for they were gathered for another profile or are damaged. */
  readonly unusable: number;
  /** Keeps an item. @throws {Error} when it cannot */
  append(entry: string): void;
  /**
   * Keeps a batch in place of the items since the last one.
   *
   * @param batch the batch; null when the items gave none
   * @param rest what is begun and goes into a later batch
   * @returns key of the batch; empty when there is none
   * @throws {Error} when it cannot; the items are then still kept
   */
  seal(batch: SealedBatch | null, rest: string | null): string;
  /** The message of a batch. */
  load(key: string): Promise<string>;
  /** Forgets a batch. */
  remove(key: string): Promise<void>;
}

/** A place that keeps what queues have not sent; used by one process at a time. */
export interface Spill {
  /**
   * Opens what is kept for a queue.
   *
   * @param alias what the program calls the queue
   * @param uid the profile's id
   * @throws {QueueError} `SPILL_FAILED` when it cannot be read or another process uses it
   */
  open(alias: string, uid: string): SpilledQueue;
  /** Aliases for which something is kept that was not opened. */
  unopened(): readonly string[];
  /** Lets others use it. */
  close(): void;
}
