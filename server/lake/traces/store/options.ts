/**
 * What the span store needs to be opened, and its limits.
 *
 * @module
 */

import type { QueryEngine } from "../../query/contract.ts";
import type { Metrics } from "../../../telemetry/contract.ts";
import type { DetachedSegment, SealedFile, SegmentBuilder, SideRowSink } from "../contract.ts";
import type { TableShape } from "./table_shape.ts";

/** Sorts, compresses and splits detached segments off the main thread. */
export interface SegmentSealer {
  seal(segment: DetachedSegment): Promise<readonly SealedFile[]>;
  close(): Promise<void> | void;
}

/** How the store gets at the segment format. */
export interface SegmentCodec {
  createBuilder(): SegmentBuilder;
  createSealer(): SegmentSealer;
  /** 64-bit hash of the 16 trace id bytes that start at `at`. */
  traceIdHash(bytes: Uint8Array, at: number): bigint;
}

/** Bounds of time and space. All have defaults, see {@linkcode DEFAULT_LIMITS}. */
export interface SpanStoreLimits {
  /** Rows after which a segment is sealed. */
  readonly sealRows: number;
  /** Bytes of columns after which a segment is sealed. */
  readonly sealBytes: number;
  /** Age after which a segment is sealed, in milliseconds. Minutes: the hot files answer queries anyway. */
  readonly sealAfterMs: number;
  /** Segments waiting for or being sealed; beyond it requests are refused with a retry hint. */
  readonly maxSealing: number;
  /** A commit starts when no request has arrived for this long, in milliseconds. */
  readonly commitQuietMs: number;
  /** A commit starts at the latest this long after its first request, in milliseconds. */
  readonly commitMaxWaitMs: number;
  /** Hot files a segment may gather before its small ones are written together. */
  readonly maxFilesPerSegment: number;
  /** Spans remembered to recognise repeated ones. */
  readonly dedupSpans: number;
  /** How long a span is remembered at least (while `dedupSpans` allows), in milliseconds. */
  readonly dedupWindowMs: number;
  /** Bytes of trace id filters of table files held in memory. */
  readonly indexCacheBytes: number;
  /** Size compaction aims at, in bytes. */
  readonly compactTargetBytes: number;
  /** Small files of one date below which compaction leaves it alone. */
  readonly compactMinFiles: number;
  /** Partitions older than this many days are dropped; 0 keeps everything. */
  readonly retentionDays: number;
  /** Age below which a file that left the table is not deleted, in milliseconds. */
  readonly vacuumAfterMs: number;
  /** How often commits of other writers are looked for, in milliseconds; 0 never. */
  readonly refreshMs: number;
  /** How long `close` waits for sealing before it leaves the rest to the next start, in milliseconds. */
  readonly closeSealMs: number;
}

/** Used where {@linkcode SpanStoreOptions.limits} says nothing. */
export const DEFAULT_LIMITS: SpanStoreLimits = {
  sealRows: 32_768,
  sealBytes: 32 * 1024 * 1024,
  sealAfterMs: 10 * 60_000,
  maxSealing: 3,
  commitQuietMs: 4,
  commitMaxWaitMs: 40,
  maxFilesPerSegment: 12,
  dedupSpans: 4_000_000,
  dedupWindowMs: 15 * 60_000,
  indexCacheBytes: 64 * 1024 * 1024,
  compactTargetBytes: 128 * 1024 * 1024,
  compactMinFiles: 4,
  retentionDays: 0,
  vacuumAfterMs: 24 * 3_600_000,
  refreshMs: 30_000,
  closeSealMs: 10_000,
};

/** Named instants between two steps, for failure injection. */
export type StorePoint =
  | "commit:encoded"
  | "commit:written"
  | "commit:synced"
  | "commit:published"
  | "commit:side-written"
  | "seal:encoded"
  | "seal:written"
  | "seal:committed"
  | "seal:cleaned"
  | "compact:written"
  | "compact:committed"
  | "retain:committed"
  | "recover:listed"
  | "recover:copied";

/** Called at each {@linkcode StorePoint}; throwing there fails the step. For tests only. */
export type StoreHook = (point: StorePoint) => void | Promise<void>;

/** What `openSpanStore` needs. */
export interface SpanStoreOptions {
  /** Folder of hot files, indexes and the lock; one process at a time. Made when missing. */
  readonly dir: string;
  /** Folder of the Delta table. Made when missing. */
  readonly tableDir: string;
  readonly engine: QueryEngine;
  readonly sideRows: SideRowSink;
  readonly metrics: Metrics;
  /** The table; that of spans when absent. Goes with the codec. */
  readonly table?: TableShape;
  /** The segment format; the real one of spans when absent. */
  readonly codec?: SegmentCodec;
  readonly limits?: Partial<SpanStoreLimits>;
  readonly hook?: StoreHook;
}
