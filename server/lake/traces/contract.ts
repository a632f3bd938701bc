/**
 * The seams of the span lake: what the segment codec offers the store, and what the store offers the queries and the
 * doors. Implementations live beside this file; everybody else imports only these types.
 *
 * @module
 */

import type { ResourceMark } from "./sample_mark.ts";

/** Why a span was refused; the texts go into OTLP partial success messages and the key into metrics. */
export type RejectReason =
  | "invalid_trace_id"
  | "invalid_span_id"
  | "invalid_parent_span_id"
  | "invalid_timestamp"
  | "invalid_utf8"
  | "span_too_large"
  | "record_too_large"
  | "too_deep";

/** A tag found on a span (`scouter.tracing.tag.<k>`), to be upserted into the relational store. */
export interface TagRow {
  readonly entityType: string;
  readonly entityId: string;
  readonly key: string;
  readonly value: string;
}

/** A baggage entry found on a span (`baggage.<k>`). */
export interface BaggageRow {
  readonly createdAtUs: number;
  readonly traceIdHex: string;
  readonly scope: string;
  readonly key: string;
  readonly value: string;
}

/** A (trace, profile) pair found on a span or its events. */
export interface TraceEntityRow {
  readonly traceIdHex: string;
  readonly entityUid: string;
  readonly taggedAtUs: number;
  /** True when the same attribute list also carried `scouter.queue.record`. */
  readonly queueOwned: boolean;
}

/** Rows that belong to the relational store. Empty arrays are the common case. */
export interface SideRows {
  readonly tags: readonly TagRow[];
  readonly baggage: readonly BaggageRow[];
  readonly entities: readonly TraceEntityRow[];
}

/** How the bytes of an export request are written. */
export type OtlpEncoding = "protobuf" | "json";

/**
 * Decides whether a span is new. Called once per valid span, in request order, before its row is kept. The bytes
 * are views valid only during the call.
 */
export type AdmitSpan = (body: Uint8Array, traceIdAt: number, spanIdAt: number) => boolean;

/** A refused span, for the person who looks for it. */
export interface RefusedSpan {
  readonly reason: RejectReason;
  /** Lowercase hex; null when the id is what is wrong. */
  readonly traceIdHex: string | null;
  readonly serviceName: string | null;
}

/** The outcome of decoding one export request into the builder. */
export interface DecodeResult {
  /** Spans added as rows. */
  readonly added: number;
  /** Valid spans not added because `admit` said they were seen before. */
  readonly deduplicated: number;
  /** Refused spans by reason. */
  readonly rejected: ReadonlyMap<RejectReason, number>;
  /** One line naming the first refused span and why; empty when none was refused. */
  readonly rejectedMessage: string;
  /** The first refused spans; absent when none was refused. */
  readonly refusedSpans?: readonly RefusedSpan[];
  readonly side: SideRows;
}

/** Bounds of a run of rows, kept for pruning. */
export interface RowBounds {
  readonly rows: number;
  readonly minStartUs: number;
  readonly maxStartUs: number;
  readonly maxEndUs: number;
  /** Distinct service names, or null when there are too many to keep. */
  readonly services: readonly string[] | null;
  /** 64-bit hashes of the distinct trace ids (see `traceIdHash`), sorted ascending, one per trace. */
  readonly traceHashes: BigUint64Array;
}

/** An encoded Parquet file in memory. */
export interface EncodedFile extends RowBounds {
  readonly bytes: Uint8Array;
}

/** A sealed Parquet file for one partition, with what its Delta `add` action needs. */
export interface SealedFile extends EncodedFile {
  /** `YYYY-MM-DD`, the UTC date of every start_time in the file. */
  readonly partitionDate: string;
  /** The `stats` JSON of the Delta `add` action (numRecords, minValues, maxValues, nullCount). */
  readonly deltaStats: string;
}

/** The columns of a full segment, detached from the builder, ready to be transferred to a seal worker. */
export interface DetachedSegment {
  readonly payload: unknown;
  readonly transfer: Transferable[];
  readonly rows: number;
}

/**
 * Turns export requests into columns and columns into Parquet. One per writer; not shared between threads.
 * `append` is synchronous and leaves the builder as it was when it throws.
 */
export interface SegmentBuilder {
  readonly rowCount: number;
  /** Bytes held by the columns, for sealing by size. */
  readonly byteSize: number;
  /** How many of the rows from `from` on ended before a time, microseconds since the epoch. */
  countEndedBefore(from: number, timeUs: number): number;
  /** Decodes one uncompressed OTLP trace export request. Throws `ScouterError` BAD_REQUEST when it is malformed. */
  append(body: Uint8Array, encoding: OtlpEncoding, admit: AdmitSpan): DecodeResult;
  /** Encodes rows [from, to) as one uncompressed Parquet file. */
  encode(from: number, to: number): EncodedFile;
  /** Takes all columns out and leaves the builder empty. */
  detach(): DetachedSegment;
}

/** Sorts by start time, compresses and splits a detached segment by date. Runs in a worker. */
export type SealSegment = (payload: unknown) => SealedFile[];

/** One immutable Parquet file of spans that a query may read. */
export interface SpanFile extends Omit<RowBounds, "traceHashes"> {
  /** Absolute path on local disk (for remote tables: of the cached copy). */
  readonly path: string;
  readonly sizeBytes: number;
  /** `hot` files await sealing and may span dates; `table` files are in the Delta table. */
  readonly tier: "hot" | "table";
  /** False only when the trace is certainly not in the file. */
  mayContainTrace(traceIdHash: bigint): boolean;
}

/** One immutable view of all acknowledged spans: a Delta version and the hot files beyond it, never overlapping. */
export interface SpanSnapshot {
  /** Grows with every change; usable as a cache key. */
  readonly id: number;
  readonly deltaVersion: number;
  readonly files: readonly SpanFile[];
}

/** A snapshot in use. Its files stay on disk until `release`. */
export interface SnapshotLease extends Disposable {
  readonly snapshot: SpanSnapshot;
  release(): void;
}

/** The outcome of an acknowledged export request. */
export interface IngestResult {
  readonly accepted: number;
  readonly deduplicated: number;
  readonly rejected: number;
  readonly rejectedMessage: string;
  /** Refused spans by reason; absent when none was refused. */
  readonly rejectedByReason?: ReadonlyMap<RejectReason, number>;
  /** The first refused spans; absent when none was refused. */
  readonly refusedSpans?: readonly RefusedSpan[];
  /** Accepted spans that ended long before they arrived; absent when not counted. */
  readonly late?: number;
}

/** Durable, queryable storage of spans. */
export interface SpanStore {
  /**
   * Decodes and stores one export request. Resolves when every accepted span and side row is on disk.
   * Throws `ScouterError`: BAD_REQUEST (malformed), RESOURCE_EXHAUSTED with a retry hint (too far behind),
   * UNAVAILABLE with a retry hint (disk full, store closing).
   */
  ingest(body: Uint8Array, encoding: OtlpEncoding): Promise<IngestResult>;
  /** Takes the current snapshot. Release it when the query is done. */
  acquire(): SnapshotLease;
  /** Seals everything buffered into the Delta table; resolves when committed. */
  flush(): Promise<void>;
  /** Merges small files, sorts them, and commits the change. */
  compact(): Promise<void>;
  /**
   * Removes the spans that carry a mark, hot ones too, in one commit that readers of the table see as a deletion. The
   * files they were in are deleted by a later `retain`, when no reader may still use them.
   *
   * @returns How many were removed.
   */
  removeMarked(mark: ResourceMark): Promise<number>;
  /** Drops partitions older than the retention and deletes files that no reader may still use. */
  retain(): Promise<void>;
  /** Stops intake, makes everything durable and releases the directory. */
  close(): Promise<void>;
}

/** Writes side rows; called after the spans are durable and before the request is acknowledged. Idempotent. */
export interface SideRowSink {
  write(side: SideRows): Promise<void>;
}
