/**
 * The durable span store: what is acknowledged survives, once, and is seen by the next query.
 *
 * @module
 */

import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { basename, dirname } from "node:path";
import { ScouterError } from "../../../errors.ts";
import { DeltaTable } from "../../delta/mod.ts";
import { LocalObjectStore } from "../../objects/local.ts";
import { ObservedStore } from "../../objects/observed.ts";
import { ATTRIBUTE, SPAN } from "../../../telemetry/contract.ts";
import { tracer } from "../../../telemetry/tracer.ts";
import { errnoOf, makeDirectory, storageError } from "../../objects/local_durability.ts";
import type { IngestResult, OtlpEncoding, SnapshotLease, SpanStore } from "../contract.ts";
import type { ResourceMark } from "../sample_mark.ts";
import { DedupWindow } from "./dedup_window.ts";
import { removeFileIfPresent } from "./durable_file.ts";
import { readIds } from "./file_bounds.ts";
import { HotTier } from "./hot_tier.ts";
import { lockStore, type StoreLock } from "./lock.ts";
import { Maintenance } from "./maintenance.ts";
import {
  DEFAULT_LIMITS,
  type SegmentCodec,
  type SegmentSealer,
  type SpanStoreLimits,
  type SpanStoreOptions,
} from "./options.ts";
import { recoverHotFiles } from "./recovery.ts";
import { SEGMENT_CODEC } from "./segment_codec.ts";
import { SealQueue, type SealTask } from "./seal_queue.ts";
import { type HotFile, SnapshotBoard } from "./snapshot_board.ts";
import { info, warn } from "./store_log.ts";
import { type StoreMetrics, storeMetrics } from "./store_metrics.ts";
import type { SpanStoreStatus } from "./status.ts";
import { tableStatus } from "../../table_status.ts";
import { SPAN_TABLE, type TableShape } from "./table_shape.ts";
import { TableView } from "./table_view.ts";
import { TableWriter } from "./table_writer.ts";
import { TraceIndex } from "./trace_index.ts";
import { loadWriterId } from "./writer_id.ts";

/** A span store that can say how it is. */
export interface DurableSpanStore extends SpanStore {
  /** Why spans cannot be made durable or moved into the table right now, in words for an operator; empty when all is well. */
  trouble(): string;
  /** How it is, in numbers. */
  status(): Promise<SpanStoreStatus>;
  /** Age of the oldest spans that are not in the table, in milliseconds; 0 when all are. */
  tableLagMs(): number;
}

const TICK_MS = 1000;
/** Most rows recovered by one statement. */
const RECOVER_ROWS = 1_000_000;

/**
 * Opens the store, recovering what the last process left.
 *
 * @param options Folders, collaborators and limits.
 * @returns The store; close it to make everything durable and to let another process in.
 * @throws {ScouterError} PRECONDITION_FAILED when another process has the folder, UNAVAILABLE when it cannot be written.
 */
export async function openSpanStore(options: SpanStoreOptions): Promise<DurableSpanStore> {
  const dir = resolve(options.dir);
  let lock: StoreLock;
  try {
    await makeDirectory(dir);
    lock = lockStore(join(dir, "lock"), dir);
  } catch (error) {
    throw storageError("open the span store in", dir, error);
  }
  const stop = new AbortController();
  let sealer: SegmentSealer | undefined;
  const codec = options.codec ?? SEGMENT_CODEC;
  try {
    sealer = codec.createSealer();
    return await open({ ...options, codec }, dir, lock, stop, sealer);
  } catch (error) {
    stop.abort();
    await sealer?.close();
    lock.release();
    throw error;
  }
}

async function open(
  options: SpanStoreOptions & { readonly codec: SegmentCodec },
  dir: string,
  lock: StoreLock,
  stop: AbortController,
  sealer: SegmentSealer,
): Promise<DurableSpanStore> {
  const { engine, codec } = options;
  const limits: SpanStoreLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const hook = options.hook ?? (() => {});
  const shape = options.table ?? SPAN_TABLE;
  const metrics = storeMetrics(options.metrics, shape.noun);
  const hotDir = join(dir, "hot");
  await makeDirectory(hotDir);
  const writerId = await loadWriterId(dir, hotDir);
  const tableDir = resolve(options.tableDir);
  const objects = new ObservedStore(
    new LocalObjectStore(dirname(tableDir)),
    "local",
    options.metrics,
  );
  const prefix = basename(tableDir);
  const table = await tracer.run(
    SPAN.tableLoad,
    { attributes: { [ATTRIBUTE.table]: prefix } },
    () =>
      DeltaTable.openOrCreate(objects, prefix, {
        columns: [...shape.columns, shape.partitionColumn],
        partitionColumns: [shape.partitionColumn.name],
        name: prefix,
      }),
  );

  const index = new TraceIndex(join(dir, "index"), limits.indexCacheBytes);
  const board = new SnapshotBoard((paths) => {
    void deleteHotFiles(paths, metrics);
  });
  const view = new TableView(table, tableDir, writerId, index, board, engine, codec, shape);
  const sealedSegment = table.snapshot.txns.get(writerId) ?? -1;
  const recovered = await recoverHotFiles({
    hotDir,
    quarantineDir: join(dir, "quarantine"),
    writerId,
    sealedSegment,
    engine,
    codec,
    shape,
    metrics,
  });
  await hook("recover:listed");
  board.publishHot(recovered.files, []);
  await view.apply(table.snapshot);

  const dedup = new DedupWindow(limits.dedupSpans, limits.dedupWindowMs);
  // Queries need not wait for it: only taking spans does, see `ingest`.
  const remembering = refillDedup(dedup, options, shape, limits, view, board, recovered.files);

  const writer = new TableWriter(objects, prefix, join(dir, "tmp"), engine, codec, index, shape);
  const queue = new SealQueue({ writerId, sealer, writer, view, metrics, hook });
  for (const task of recoveryTasks(recovered.files)) queue.push(task);
  const tier = new HotTier({
    hotDir,
    writerId,
    firstSegment: Math.max(sealedSegment, recovered.newestSegment) + 1,
    codec,
    dedup,
    board,
    sideRows: options.sideRows,
    journal: recovered.journal,
    limits,
    metrics,
    hook,
    sealing: () => queue.length,
    onSealable: (segment) =>
      queue.push({
        segment: segment.number,
        rows: segment.totalRows,
        paths: segment.files.map(({ path }) => path),
        detached: segment.detached,
        openedAtMs: segment.openedAtMs,
      }),
  });
  const maintenance = new Maintenance({
    view,
    writer,
    board,
    index,
    limits,
    metrics,
    hook,
    signal: stop.signal,
    now: Date.now,
  });
  return new OpenSpanStore({
    limits,
    metrics,
    board,
    view,
    queue,
    tier,
    maintenance,
    sealer,
    lock,
    stop,
    remembering,
    quarantineDir: join(dir, "quarantine"),
  });
}

interface Parts {
  readonly limits: SpanStoreLimits;
  readonly metrics: StoreMetrics;
  readonly board: SnapshotBoard;
  readonly view: TableView;
  readonly queue: SealQueue;
  readonly tier: HotTier;
  readonly maintenance: Maintenance;
  readonly sealer: SegmentSealer;
  readonly lock: StoreLock;
  readonly stop: AbortController;
  /** Settles when the window of recent spans knows those of the last process. */
  readonly remembering: Promise<void>;
  readonly quarantineDir: string;
}

class OpenSpanStore implements DurableSpanStore {
  readonly #parts: Parts;
  readonly #timer: ReturnType<typeof setInterval>;
  #refreshedMs = performance.now();
  /** Background work of the last tick. */
  #background: Promise<void> | null = null;
  #closed: Promise<void> | null = null;
  #remembers = false;
  /** Bytes of requests that wait until the store remembers. */
  #waitingBytes = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    void parts.remembering.then(() => {
      this.#remembers = true;
    });
  }

  ingest(body: Uint8Array, encoding: OtlpEncoding): Promise<IngestResult> {
    const { tier } = this.#parts;
    return this.#remembers ? tier.ingest(body, encoding) : this.#ingestLater(body, encoding);
  }

  /** A span may be a repetition of one that is not remembered yet: the first requests after a start wait. */
  async #ingestLater(body: Uint8Array, encoding: OtlpEncoding): Promise<IngestResult> {
    const { limits, metrics, remembering, tier } = this.#parts;
    if (this.#waitingBytes + body.length > limits.sealBytes) {
      metrics.refused.add(1, { reason: "starting" });
      throw new ScouterError(
        "RESOURCE_EXHAUSTED",
        "The store is starting: it still reads what it stored last.",
        { retry: true, retryAfterSeconds: 1, suggestedAction: "Send again after the delay." },
      );
    }
    this.#waitingBytes += body.length;
    try {
      await remembering;
    } finally {
      this.#waitingBytes -= body.length;
    }
    return await tier.ingest(body, encoding);
  }

  acquire(): SnapshotLease {
    return this.#parts.board.acquire();
  }

  trouble(): string {
    return [this.#parts.tier.trouble, this.#parts.queue.trouble].filter((text) => text !== "").join(
      "; ",
    );
  }

  tableLagMs(): number {
    const { queue, tier } = this.#parts;
    const oldestMs = queue.oldestRowMs ?? tier.oldestRowMs;
    return oldestMs === undefined ? 0 : Math.max(0, Date.now() - oldestMs);
  }

  async status(): Promise<SpanStoreStatus> {
    const { board, limits, maintenance, queue, quarantineDir, tier, view } = this.#parts;
    const hot = board.hotFiles;
    return {
      table: tableStatus(view.table.log.prefix.replace(/\/$/, ""), view.table, {
        targetFileBytes: limits.compactTargetBytes,
        lastCompaction: maintenance.lastCompaction,
        lastVacuum: maintenance.lastVacuum,
        retentionDays: limits.retentionDays,
        vacuumAfterMs: limits.vacuumAfterMs,
      }),
      hotFiles: hot.length,
      hotBytes: hot.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      hotSpans: hot.reduce((sum, { rows }) => sum + rows, 0),
      bufferedBytes: tier.bufferedBytes,
      segment: tier.segment,
      sealedSegment: board.sealedSegment,
      waitingSegments: queue.length,
      maxWaitingSegments: limits.maxSealing,
      isRefusing: tier.isRefusing,
      oldestRowMs: queue.oldestRowMs ?? tier.oldestRowMs ?? null,
      sealAfterMs: limits.sealAfterMs,
      quarantinedFiles: await countFiles(quarantineDir),
      quarantineDir,
      trouble: this.trouble(),
    };
  }

  async flush(): Promise<void> {
    await this.#parts.tier.flush();
    await this.#parts.queue.drained();
  }

  compact(): Promise<void> {
    return this.#parts.maintenance.compact();
  }

  async removeMarked(mark: ResourceMark): Promise<number> {
    await this.flush();
    return await this.#parts.maintenance.removeMarked(mark);
  }

  retain(): Promise<void> {
    return this.#parts.maintenance.retain();
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    const { limits, tier, queue, maintenance, sealer, lock, stop } = this.#parts;
    clearInterval(this.#timer);
    stop.abort();
    try {
      await this.#parts.remembering;
      await tier.close(true);
      await within(queue.drained(), limits.closeSealMs);
    } finally {
      await queue.stop();
      await maintenance.settled();
      await this.#background;
      await sealer.close();
      lock.release();
    }
  }

  #tick(): void {
    const { limits, metrics, board, tier, view } = this.#parts;
    tier.tick(Date.now());
    metrics.tableLag.set(this.tableLagMs() / 1000);
    metrics.hotFiles.set(board.hotFiles.length);
    metrics.tableFiles.set(board.tableFiles.length);
    const dueRefresh = limits.refreshMs > 0 &&
      performance.now() - this.#refreshedMs >= limits.refreshMs;
    if (this.#background !== null || !(dueRefresh || view.hasUnindexed)) return;
    this.#background = this.#follow(dueRefresh).finally(() => {
      this.#background = null;
    });
  }

  async #follow(refresh: boolean): Promise<void> {
    const { view, stop } = this.#parts;
    try {
      if (refresh) await view.refresh();
      if (view.hasUnindexed) await view.indexMissing(stop.signal);
    } catch (failure) {
      if (!stop.signal.aborted) {
        warn("refresh", "The table could not be followed: {failure}", { failure });
      }
    } finally {
      this.#refreshedMs = performance.now();
    }
  }
}

async function countFiles(folder: string): Promise<number> {
  try {
    return (await readdir(folder)).length;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return 0;
    throw storageError("list", folder, error);
  }
}

async function deleteHotFiles(paths: readonly string[], metrics: StoreMetrics): Promise<void> {
  for (const path of paths) {
    try {
      await removeFileIfPresent(path);
      metrics.deletedFiles.add(1, { kind: "hot" });
    } catch (failure) {
      // It is out of every snapshot, and the next start knows by its name that it counts no more.
      warn("delete", "{path} could not be deleted: {failure}", { path, failure });
    }
  }
}

/** Joins recovered segments into few tasks. A segment is never split. */
function recoveryTasks(files: readonly HotFile[]): SealTask[] {
  const tasks: SealTask[] = [];
  let gathered: HotFile[] = [];
  let rows = 0;
  const finish = (): void => {
    const last = gathered.at(-1);
    if (last === undefined) return;
    tasks.push({
      segment: last.segment,
      rows,
      paths: gathered.map(({ path }) => path),
      detached: null,
      openedAtMs: Date.now(),
    });
    gathered = [];
    rows = 0;
  };
  for (const file of files) {
    if (rows >= RECOVER_ROWS && gathered.at(-1)?.segment !== file.segment) finish();
    gathered.push(file);
    rows += file.rows;
  }
  finish();
  return tasks;
}

/** Remembers the spans of recent files: the newest files that fit the window, in the order they were written. */
async function refillDedup(
  dedup: DedupWindow,
  options: SpanStoreOptions,
  shape: TableShape,
  limits: SpanStoreLimits,
  view: TableView,
  board: SnapshotBoard,
  hot: readonly HotFile[],
): Promise<void> {
  // Keeps sealing and merging from deleting the files that are being read.
  using _lease = board.acquire();
  const startedMs = performance.now();
  const sinceMs = Date.now() - limits.dedupWindowMs;
  const newestFirst = [
    ...hot.map(({ path, rows }) => ({ path, rows })).reverse(),
    ...[...view.table.snapshot.files.values()]
      .filter((file) => file.modificationTimeMs >= sinceMs)
      .sort((x, y) => y.modificationTimeMs - x.modificationTimeMs)
      .map((file) => ({ path: view.path(file.key), rows: file.stats.numRecords ?? 0 })),
  ];
  const chosen: string[] = [];
  let rows = 0;
  for (const file of newestFirst) {
    if (rows >= limits.dedupSpans) break;
    chosen.push(file.path);
    rows += file.rows;
  }
  dedup.begin(Date.now());
  for (const path of chosen.reverse()) {
    try {
      await readIds(options.engine, shape, path, (ids, at) => dedup.admit(ids, at, at + 16));
    } catch (failure) {
      // The file keeps its rows; only repetitions of them are not recognised.
      warn("remember", "The recent rows of {path} cannot be remembered: {failure}", {
        path,
        failure,
      });
    }
  }
  if (dedup.size > 0) {
    info("Remembered {count} recent {noun}s in {durationMs} ms.", {
      count: dedup.size,
      noun: shape.noun,
      durationMs: Math.round(performance.now() - startedMs),
    });
  }
}

function within(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, limitMs));
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
