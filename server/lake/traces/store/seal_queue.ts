/**
 * Moves full segments into the table, one after the other and exactly once.
 *
 * @module
 */

import type { DetachedSegment } from "../contract.ts";
import type { SegmentSealer, StoreHook } from "./options.ts";
import { warn } from "./store_log.ts";
import type { StoreMetrics } from "./store_metrics.ts";
import type { TableView } from "./table_view.ts";
import type { TableWriter, WrittenFile } from "./table_writer.ts";

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 15_000;

/** Rows to move. */
export interface SealTask {
  /** Newest segment among the rows: the version of the `txn` action. */
  readonly segment: number;
  readonly rows: number;
  /** Hot files that hold exactly these rows. */
  readonly paths: readonly string[];
  /** The columns, when they are in memory. */
  readonly detached: DetachedSegment | null;
  /** When the oldest row arrived, milliseconds since the epoch. */
  readonly openedAtMs: number;
}

/** What {@linkcode SealQueue} works with. */
export interface SealQueueParts {
  readonly writerId: string;
  readonly sealer: SegmentSealer;
  readonly writer: TableWriter;
  readonly view: TableView;
  readonly metrics: StoreMetrics;
  readonly hook: StoreHook;
}

/** A serial queue: the order of commits is the order of segments, which is what makes `txn` tell the truth. */
export class SealQueue {
  readonly #parts: SealQueueParts;
  readonly #tasks: SealTask[] = [];
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #idle: (() => void)[] = [];
  #trouble = "";

  constructor(parts: SealQueueParts) {
    this.#parts = parts;
  }

  /** Tasks not in the table yet. */
  get length(): number {
    return this.#tasks.length;
  }

  /** Why the last attempt failed; empty when it did not. */
  get trouble(): string {
    return this.#trouble;
  }

  /** When the oldest waiting row arrived. */
  get oldestRowMs(): number | undefined {
    return this.#tasks[0]?.openedAtMs;
  }

  push(task: SealTask): void {
    this.#tasks.push(task);
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Resolves when nothing waits, or when the queue is stopped. */
  drained(): Promise<void> {
    if (this.#tasks.length === 0 || this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends after the step under way; what is left stays in hot files and is recovered at the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#wake();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let task = this.#tasks[0]; task !== undefined && !signal.aborted; task = this.#tasks[0]) {
      await this.#moveUntilDone(task);
      if (!signal.aborted) this.#tasks.shift();
    }
    if (this.#tasks.length === 0) this.#wake();
  }

  async #moveUntilDone(task: SealTask): Promise<void> {
    const { metrics } = this.#parts;
    const { signal } = this.#stop;
    const attempt: Attempt = { written: null, detached: task.detached };
    for (
      let delayMs = FIRST_RETRY_MS;
      !signal.aborted;
      delayMs = Math.min(2 * delayMs, MAX_RETRY_MS)
    ) {
      const startedMs = performance.now();
      try {
        await this.#move(task, attempt);
        this.#trouble = "";
        metrics.seals.add(1, { result: "ok" });
        metrics.sealSeconds.observe((performance.now() - startedMs) / 1000);
        return;
      } catch (failure) {
        if (signal.aborted) return;
        this.#trouble = `segment ${task.segment} cannot be moved into the table: ${
          String(failure)
        }`;
        metrics.seals.add(1, { result: "failed" });
        warn(
          "seal",
          "Segment {segment} could not be moved into the table and is tried again: {failure}",
          {
            segment: task.segment,
            failure,
          },
        );
        await pause(delayMs, signal);
      }
    }
  }

  async #move(task: SealTask, attempt: Attempt): Promise<void> {
    const { writerId, writer, view, hook } = this.#parts;
    const { signal } = this.#stop;
    attempt.written ??= await this.#write(task, attempt);
    const { written } = attempt;
    await hook("seal:written");
    // A repetition after an unknown outcome finds its own transaction and commits nothing.
    const result = await view.table.commit([
      ...writer.addActions(written, true),
      { txn: { appId: writerId, version: task.segment, lastUpdated: Date.now() } },
    ], { operation: "WRITE", operationParameters: { mode: "Append" } });
    await hook("seal:committed");
    await view.apply(result.snapshot);
    writer.settle(written);
    if (signal.aborted) return;
    await hook("seal:cleaned");
  }

  async #write(task: SealTask, attempt: Attempt): Promise<WrittenFile[]> {
    const { sealer, writer, hook } = this.#parts;
    if (attempt.detached === null) {
      const written = await writer.copy(task.paths, this.#stop.signal);
      await hook("recover:copied");
      return written;
    }
    const { detached } = attempt;
    // The buffers go to the worker and do not come back; should it fail, the hot files hold the same rows.
    attempt.detached = null;
    const sealed = await sealer.seal(detached);
    await hook("seal:encoded");
    const rows = sealed.reduce((sum, file) => sum + file.rows, 0);
    if (rows !== task.rows) {
      throw new Error(
        `The sealer returned ${rows} rows of ${task.rows}; the hot files are copied instead`,
      );
    }
    return await writer.putAllSealed(sealed);
  }

  #wake(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

interface Attempt {
  /** Files that lie in the table's folder; a second attempt only has to commit them. */
  written: WrittenFile[] | null;
  detached: DetachedSegment | null;
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal.addEventListener("abort", end, { once: true });
  });
}
