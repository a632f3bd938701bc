/**
 * How the span store is, for those who run it.
 *
 * @module
 */

import type { TableStatus } from "../../table_status.ts";

/** The store in numbers. */
export interface SpanStoreStatus {
  readonly table: TableStatus;
  /** Spans that are durable and not in the table. */
  readonly hotFiles: number;
  readonly hotBytes: number;
  readonly hotSpans: number;
  /** Bytes of columns in memory. */
  readonly bufferedBytes: number;
  /** The segment that takes spans now. */
  readonly segment: number;
  /** Newest segment in the table; -1 when none is. */
  readonly sealedSegment: number;
  /** Full segments on their way into the table. */
  readonly waitingSegments: number;
  readonly maxWaitingSegments: number;
  /** Whether requests are told to come back later. */
  readonly isRefusing: boolean;
  /** Arrival of the oldest span outside the table, milliseconds since the epoch; null when all are in it. */
  readonly oldestRowMs: number | null;
  /** Age at which spans move into the table at the latest, in milliseconds. */
  readonly sealAfterMs: number;
  /** Files that could not be read and were moved aside. */
  readonly quarantinedFiles: number;
  readonly quarantineDir: string;
  /** In words; empty when all is well. */
  readonly trouble: string;
}
