/**
 * Takes requests in and makes them durable: group commit into small Parquet files, which are the hot tier at the same
 * time.
 *
 * @module
 */

import { join } from "node:path";
import { crc32 } from "node:zlib";
import { ScouterError } from "../../../errors.ts";
import { storageError, syncDirectory } from "../../objects/local_durability.ts";
import type {
  IngestResult,
  OtlpEncoding,
  SegmentBuilder,
  SideRows,
  SideRowSink,
} from "../contract.ts";
import type { DedupWindow } from "./dedup_window.ts";
import { writeSynced } from "./durable_file.ts";
import { formatHotFileName } from "./hot_file_name.ts";
import { hotFile } from "./hot_file.ts";
import type { SegmentCodec, SpanStoreLimits, StoreHook } from "./options.ts";
import { Leftovers } from "./leftovers.ts";
import { SideQueue } from "./side_queue.ts";
import { filesToCover, Segment, type Slice } from "./segment.ts";
import { isEmptySide, joinSide, type JournalEntry, journalSide } from "./side_journal.ts";
import type { HotFile, SnapshotBoard } from "./snapshot_board.ts";
import { warn } from "./store_log.ts";
import type { StoreMetrics } from "./store_metrics.ts";

/** How long clients should wait after a failed commit, and when all segments are busy; in seconds. */
const RETRY_AFTER_FAILURE_S = 2;
const RETRY_AFTER_FULL_S = 1;
/** Pause before a failed commit is tried again without a request asking for it. */
const RETRY_COMMIT_MS = 1000;

/** A span that arrives longer than this after its end is late. */
const LATE_AFTER_MS = 5 * 60_000;

/** Batches of side rows that may wait for the relational store before requests are refused. */
const MAX_JOURNAL = 1000;

interface Waiter {
  readonly arrivedMs: number;
  /** Whether its side rows, or those of spans it repeats, may be among those to be written. */
  readonly needsSide: boolean;
  readonly resolve: () => void;
  readonly reject: (error: ScouterError) => void;
}

/** What {@linkcode HotTier} works with. */
export interface HotTierParts {
  readonly hotDir: string;
  readonly writerId: string;
  readonly firstSegment: number;
  readonly codec: SegmentCodec;
  readonly dedup: DedupWindow;
  readonly board: SnapshotBoard;
  readonly sideRows: SideRowSink;
  readonly journal: readonly JournalEntry[];
  readonly limits: SpanStoreLimits;
  readonly metrics: StoreMetrics;
  readonly hook: StoreHook;
  /** Takes a segment whose rows are all on disk. */
  readonly onSealable: (segment: Segment) => void;
  /** Segments handed over and not in the table yet. */
  readonly sealing: () => number;
}

/** The writing half of the store. */
export class HotTier {
  readonly #parts: HotTierParts;
  #builder: SegmentBuilder;
  #spare: SegmentBuilder;
  #segment: Segment;
  /** Rows of the present segment that a running commit has encoded. */
  #takenRows = 0;
  /** Encoded rows of segments that have left the builder and are not on disk. */
  #slices: Slice[] = [];
  /** Full segments that are not all on disk. */
  #full: Segment[] = [];
  #side: SideRows[] = [];
  readonly #journal: SideQueue;
  readonly #leftovers = new Leftovers();
  #waiters: Waiter[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firstWaitMs = 0;
  #running: Promise<void> | null = null;
  #closing = false;
  #trouble = "";
  readonly #admit: (body: Uint8Array, traceIdAt: number, spanIdAt: number) => boolean;

  constructor(parts: HotTierParts) {
    this.#parts = parts;
    this.#builder = parts.codec.createBuilder();
    this.#spare = parts.codec.createBuilder();
    this.#segment = new Segment(parts.firstSegment, Date.now());
    this.#journal = new SideQueue(parts.sideRows, parts.journal);
    const { dedup } = parts;
    this.#admit = (body, traceIdAt, spanIdAt) => dedup.admit(body, traceIdAt, spanIdAt);
    if (this.#journal.length > 0) this.#schedule(0);
  }

  /** Why the last commit failed; empty when it did not. */
  get trouble(): string {
    return this.#trouble;
  }

  /** Number of the segment that takes spans now. */
  get segment(): number {
    return this.#segment.number;
  }

  /** Whether requests are refused until a segment has been written. */
  get isRefusing(): boolean {
    return this.#isFull() && this.#busySegments() >= this.#parts.limits.maxSealing;
  }

  /** Bytes of columns in memory. */
  get bufferedBytes(): number {
    return this.#builder.byteSize + this.#full.reduce((sum, { bytes }) => sum + bytes, 0) +
      this.#slices.reduce((sum, { encoded }) => sum + encoded.bytes.length, 0);
  }

  /** When the oldest row of the present segment arrived, or undefined without rows. */
  get oldestRowMs(): number | undefined {
    return this.#full[0]?.openedAtMs ??
      (this.#builder.rowCount > 0 ? this.#segment.openedAtMs : undefined);
  }

  async ingest(body: Uint8Array, encoding: OtlpEncoding): Promise<IngestResult> {
    const { dedup, metrics } = this.#parts;
    this.#checkRoom();
    const arrivedMs = performance.now();
    dedup.begin(Date.now());
    let decoded;
    const firstRow = this.#builder.rowCount;
    try {
      decoded = this.#builder.append(body, encoding, this.#admit);
    } catch (error) {
      dedup.rollback();
      metrics.refused.add(1, {
        reason: error instanceof ScouterError ? error.code : "INTERNAL_ERROR",
      });
      throw error;
    }
    if (decoded.added > 0 && this.#builder.rowCount === decoded.added) {
      this.#segment.openedAtMs = Date.now();
    }
    const late = this.#builder.countEndedBefore(firstRow, (Date.now() - LATE_AFTER_MS) * 1000);
    if (!isEmptySide(decoded.side)) this.#side.push(decoded.side);
    let rejected = 0;
    for (const [reason, count] of decoded.rejected) {
      rejected += count;
      metrics.rejected.add(count, { reason });
    }
    if (this.#isFull()) this.#rotateIfRoom();
    // A repeated span may have come first in a request whose commit is still under way: wait for it too.
    if (this.#isDirty()) {
      await this.#covered(arrivedMs, decoded.deduplicated > 0 || !isEmptySide(decoded.side));
    }
    metrics.accepted.add(decoded.added);
    if (decoded.deduplicated > 0) metrics.deduplicated.add(decoded.deduplicated);
    metrics.ingestedBytes.add(body.length);
    return {
      accepted: decoded.added,
      deduplicated: decoded.deduplicated,
      rejected,
      rejectedMessage: decoded.rejectedMessage,
      late,
      ...(rejected === 0 ? {} : {
        rejectedByReason: decoded.rejected,
        refusedSpans: decoded.refusedSpans ?? [],
      }),
    };
  }

  /** Seals the present segment when it is old enough. */
  tick(nowMs: number): void {
    const { limits, metrics } = this.#parts;
    metrics.bufferedBytes.set(this.bufferedBytes);
    if (this.#builder.rowCount > 0 && nowMs - this.#segment.openedAtMs >= limits.sealAfterMs) {
      if (this.#rotateIfRoom()) this.#gather();
    }
  }

  /** Makes every row durable and hands the present segment over for sealing. Throws when the disk refuses. */
  async flush(): Promise<void> {
    if (this.#builder.rowCount > 0) this.#rotate();
    if (this.#isDirty()) await this.#covered(performance.now(), true);
  }

  /** Refuses further requests, makes the rest durable and lets go. */
  async close(seal: boolean): Promise<void> {
    this.#closing = true;
    try {
      if (seal) await this.flush();
      else if (this.#isDirty()) await this.#covered(performance.now(), true);
    } finally {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      await this.#running;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** Resolves when a commit has covered everything that is here now. */
  #covered(arrivedMs: number, needsSide: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ arrivedMs, needsSide, resolve, reject });
      this.#gather();
    });
  }

  #checkRoom(): void {
    const { metrics } = this.#parts;
    if (this.#closing) {
      metrics.refused.add(1, { reason: "closing" });
      throw new ScouterError(
        "UNAVAILABLE",
        "The server is shutting down and takes nothing more.",
        {
          retry: true,
          retryAfterSeconds: RETRY_AFTER_FAILURE_S,
        },
      );
    }
    if (this.#journal.length >= MAX_JOURNAL) {
      metrics.refused.add(1, { reason: "side-rows" });
      throw new ScouterError(
        "UNAVAILABLE",
        `The relational store is behind: ${this.#journal.length} batches of tags wait to be written.`,
        {
          retry: true,
          retryAfterSeconds: RETRY_AFTER_FAILURE_S,
          suggestedAction: "Check the relational store.",
        },
      );
    }
    if (this.#isFull() && !this.#rotateIfRoom()) {
      metrics.refused.add(1, { reason: "full" });
      throw new ScouterError(
        "RESOURCE_EXHAUSTED",
        `The store is behind: ${this.#busySegments()} segments wait to be written.`,
        {
          retry: true,
          retryAfterSeconds: RETRY_AFTER_FULL_S,
          suggestedAction:
            "Send again after the delay; if it lasts, check the disk's space and speed.",
        },
      );
    }
  }

  #isFull(): boolean {
    const { limits } = this.#parts;
    return this.#builder.rowCount >= limits.sealRows || this.#builder.byteSize >= limits.sealBytes;
  }

  #busySegments(): number {
    return this.#full.length + this.#parts.sealing();
  }

  #rotateIfRoom(): boolean {
    if (this.#busySegments() >= this.#parts.limits.maxSealing) return false;
    this.#rotate();
    return true;
  }

  /** Takes the full segment out and lets rows go on into the spare builder, in one synchronous step. */
  #rotate(): void {
    const segment = this.#segment;
    const rows = this.#builder.rowCount;
    if (rows > this.#takenRows) {
      this.#slices.push({
        segment,
        from: this.#takenRows,
        to: rows,
        encoded: this.#builder.encode(this.#takenRows, rows),
        covers: [],
      });
    }
    segment.bytes = this.#builder.byteSize;
    segment.detached = this.#builder.detach();
    segment.totalRows = rows;
    this.#full.push(segment);
    [this.#builder, this.#spare] = [this.#spare, this.#builder];
    this.#segment = new Segment(segment.number + 1, Date.now());
    this.#takenRows = 0;
    this.#handOver();
  }

  #handOver(): void {
    // In order: the table's transaction version says that everything up to it is there.
    while (this.#full[0]?.sealable) {
      const segment = this.#full.shift();
      if (segment !== undefined) this.#parts.onSealable(segment);
    }
  }

  #isDirty(): boolean {
    return this.#running !== null || this.#slices.length > 0 || this.#side.length > 0 ||
      this.#journal.length > 0 || this.#builder.rowCount > this.#segment.durableRows;
  }

  /** Waits for more requests while they come, within bounds. */
  #gather(): void {
    if (this.#running !== null) return;
    const { commitQuietMs, commitMaxWaitMs } = this.#parts.limits;
    const nowMs = performance.now();
    if (this.#timer === undefined) this.#firstWaitMs = nowMs;
    this.#schedule(
      Math.max(0, Math.min(commitQuietMs, this.#firstWaitMs + commitMaxWaitMs - nowMs)),
    );
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#commit().finally(() => {
        this.#running = null;
        if (this.#waiters.length > 0) this.#gather();
      });
    }, delayMs);
  }

  async #commit(): Promise<void> {
    const { metrics, hook, board } = this.#parts;
    const startedMs = performance.now();
    let waiters = this.#waiters;
    this.#waiters = [];
    const slices = this.#slices;
    this.#slices = [];
    const sides = this.#side;
    this.#side = [];
    const written: string[] = [];
    const current = this.#segment;
    const takenBefore = this.#takenRows;
    let live: Slice | null = null;
    let entry: JournalEntry | null = null;
    let durable = false;
    try {
      await this.#leftovers.remove();
      live = this.#encodeNew();
      if (live !== null) slices.push(live);
      await hook("commit:encoded");
      if (slices.length > 0 || sides.length > 0) {
        const files = slices.map((slice) => this.#fileOf(slice));
        const writes = files.map((file, i) => {
          written.push(file.path);
          return writeSynced(file.path, slices[i]?.encoded.bytes ?? new Uint8Array(0));
        });
        const journal = sides.length > 0 ? journalSide(this.#parts.hotDir, joinSide(sides)) : null;
        const results = await Promise.allSettled([...writes, journal]);
        if (journal !== null) entry = await journal;
        for (const result of results) if (result.status === "rejected") throw result.reason;
        await hook("commit:written");
        await syncDirectory(this.#parts.hotDir);
        await hook("commit:synced");
        durable = true;
        this.#settle(slices, files);
        board.publishHot(files, slices.flatMap(({ covers }) => covers));
        this.#handOver();
        await hook("commit:published");
      }
      if (entry !== null) this.#journal.push(entry);
      entry = null;
      // A relational store that is slow or down concerns only those whose rows it is to take.
      this.#acknowledge(waiters.filter(({ needsSide }) => !needsSide));
      waiters = waiters.filter(({ needsSide }) => needsSide);
      await this.#journal.writeAll();
      await hook("commit:side-written");
    } catch (cause) {
      const error = storageError("store rows in", this.#parts.hotDir, cause);
      if (durable) {
        if (entry !== null) this.#journal.push(entry);
      } else {
        if (entry !== null) written.push(entry.path);
        this.#side = [...sides, ...this.#side];
        const stillBuilt = live !== null && this.#segment === current;
        // Rows that are still in the builder are encoded anew with those that came since; others are kept as they are.
        if (stillBuilt) this.#takenRows = takenBefore;
        this.#slices = [
          ...slices.filter((slice) => !(stillBuilt && slice === live)),
          ...this.#slices,
        ];
        this.#leftovers.add(written);
        await this.#leftovers.remove().catch((failure: unknown) => {
          warn("leftover", "Files of a failed commit could not be removed yet: {failure}", {
            failure,
          });
        });
      }
      metrics.commits.add(1, { result: "failed" });
      metrics.degraded.set(1);
      this.#trouble = error.message;
      warn("commit", "Rows could not be made durable and wait in memory: {reason}", {
        reason: error.message,
      });
      const refusal = new ScouterError("UNAVAILABLE", error.message, {
        cause,
        retry: true,
        retryAfterSeconds: RETRY_AFTER_FAILURE_S,
      });
      for (const waiter of waiters) waiter.reject(refusal);
      if (!this.#closing && this.#timer === undefined) this.#schedule(RETRY_COMMIT_MS);
      return;
    }
    const endedMs = performance.now();
    metrics.commits.add(1, { result: "ok" });
    metrics.degraded.set(0);
    this.#trouble = "";
    metrics.commitSeconds.observe((endedMs - startedMs) / 1000);
    metrics.hotFiles.set(board.hotFiles.length);
    this.#acknowledge(waiters);
  }

  #acknowledge(waiters: readonly Waiter[]): void {
    const nowMs = performance.now();
    for (const waiter of waiters) {
      this.#parts.metrics.durableLag.observe((nowMs - waiter.arrivedMs) / 1000);
      waiter.resolve();
    }
  }

  /** Encodes the rows of the present segment that are not on disk, and of small files beside them. */
  #encodeNew(): Slice | null {
    const segment = this.#segment;
    const rows = this.#builder.rowCount;
    if (rows <= this.#takenRows) return null;
    const covers = filesToCover(
      segment.files,
      rows - this.#takenRows,
      this.#parts.limits.maxFilesPerSegment,
    );
    const from = covers[0]?.from ?? this.#takenRows;
    const encoded = this.#builder.encode(from, rows);
    this.#takenRows = rows;
    return { segment, from, to: rows, encoded, covers };
  }

  #fileOf({ segment, from, to, encoded }: Slice): HotFile {
    const name = formatHotFileName({
      writerId: this.#parts.writerId,
      segment: segment.number,
      from,
      to,
      crc: crc32(encoded.bytes),
    });
    return hotFile(
      join(this.#parts.hotDir, name),
      segment.number,
      from,
      to,
      encoded.bytes.length,
      encoded,
    );
  }

  #settle(slices: readonly Slice[], files: readonly HotFile[]): void {
    slices.forEach(({ segment, covers, to }, i) => {
      const file = files[i];
      if (file === undefined) return;
      segment.files = [...segment.files.filter((other) => !covers.includes(other)), file];
      segment.durableRows = to;
    });
  }
}
