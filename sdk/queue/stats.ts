/**
 * What became of a queue's items.
 *
 * @module
 */

/** What became of the items of one queue since it was made. */
export interface QueueStats {
  /** Items that `insert` was given. */
  readonly inserted: number;
  /** Items left out by the profile's sample ratio. */
  readonly sampledOut: number;
  /** Items that were not of this queue's kind, could not be written, or came after the shutdown. */
  readonly rejected: number;
  /** Single values left out: unknown features, values that are not finite, categories without a bin. */
  readonly skippedValues: number;
  /** Items that wait for their batch. */
  readonly buffered: number;
  /** Items in batches that wait to be sent or are being sent. */
  readonly pending: number;
  /** Items whose batch was taken by the other side, or held nothing to send. */
  readonly sent: number;
  /** Records the other side took. */
  readonly sentRecords: number;
  /** Items whose batch the other side refused for good, or did not take in the attempts it was allowed. */
  readonly failed: number;
  /** Items dropped because too many batches waited, or because the time to shut down was over. */
  readonly dropped: number;
  /** Items that wait on disk for the next start, after a shutdown that could not send them. */
  readonly kept: number;
  /** Items of earlier processes that were found on disk. */
  readonly recovered: number;
  /** Attempts beyond the first. */
  readonly retries: number;
  /** Captured records that wait to be drained. */
  readonly captured: number;
}

/** Something that did not go as it should. */
export interface QueueProblem {
  /** The queue. */
  readonly alias: string;
  /** What happened. */
  readonly kind:
    | "item_rejected"
    | "values_skipped"
    | "attempt_failed"
    | "batch_failed"
    | "batch_dropped"
    | "capture_full"
    | "spill_failed"
    | "spill_unusable";
  /** How many items, or for `values_skipped` values, it is about. */
  readonly count: number;
  /** For people. */
  readonly message: string;
  /** What was thrown. */
  readonly cause?: unknown;
}
