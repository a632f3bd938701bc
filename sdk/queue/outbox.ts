/**
 * Batches on their way to the transport.
 *
 * @module
 */

import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { type Backoff, backoffMs } from "../client/backoff.ts";
import { keepAlive, unrefTimer } from "../runtime/mod.ts";
import type { SpilledQueue } from "./spill.ts";
import type { QueueProblem } from "./stats.ts";
import { type Transport, TransportError } from "./transport.ts";

/** What happens to a batch when too many wait. */
export type OverflowPolicy = "dropOldest" | "dropNewest" | "wait";

/** How often and how long a batch is tried. */
export interface RetryOptions {
  /** Attempts for a batch; without end by default, for `maxPendingBatches` is the limit. */
  readonly maxAttempts?: number;
  /** Milliseconds before the second attempt, before jitter; 200 by default. */
  readonly firstBackoffMs?: number;
  /** Longest pause in milliseconds; 30,000 by default. */
  readonly maxBackoffMs?: number;
}

/** A message that waits, in memory or where it is kept. */
export interface PendingBatch {
  /** The message; null when it is kept elsewhere only. */
  readonly message: string | null;
  /** Finds a message that is kept; empty when it is in memory only. */
  readonly key: string;
  readonly items: number;
  readonly records: number;
}

/** What an {@linkcode Outbox} is made of. */
export interface OutboxOptions {
  readonly transport: Transport;
  readonly maxPending: number;
  readonly overflow: OverflowPolicy;
  readonly retry: RetryOptions;
  readonly random: () => number;
  /** What keeps messages over the end of the process; null for memory only. */
  readonly kept: Pick<SpilledQueue, "load" | "remove"> | null;
  readonly tell: (problem: Omit<QueueProblem, "alias">) => void;
}

const HURRIED_PAUSE_MS = 200;

/** Sends batches one after the other, again until they are taken or refused. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #backoff: Backoff;
  readonly #waiting: PendingBatch[] = [];
  readonly #stop = new AbortController();
  /** The batch that is being sent; null from the moment it is counted as settled. */
  #current: PendingBatch | null = null;
  #running: Promise<void> | null = null;
  /** Ends the pause between two attempts. */
  #wake: () => void = () => {};
  /** Callers that wait until everything is sent. */
  #hurries = 0;
  /** Kept messages that are being removed. */
  readonly #forgetting = new Set<Promise<void>>();
  #spaceWaiters: (() => void)[] = [];
  readonly counts = {
    sent: 0,
    sentRecords: 0,
    failed: 0,
    dropped: 0,
    kept: 0,
    retries: 0,
    lostBatches: 0,
  };

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#backoff = {
      firstMs: options.retry.firstBackoffMs ?? 200,
      maxMs: options.retry.maxBackoffMs ?? 30_000,
    };
  }

  /** Batches that wait or are being sent. */
  get batches(): number {
    return this.#waiting.length + (this.#current === null ? 0 : 1);
  }

  /** Their items. */
  get items(): number {
    return this.#waiting.reduce((sum, batch) => sum + batch.items, this.#current?.items ?? 0);
  }

  /** Whether another batch would be one too many. */
  get isFull(): boolean {
    return this.batches >= this.#options.maxPending;
  }

  /** Resolves when there is room, or nothing more is sent. A program that waits for it does not end meanwhile. */
  async space(): Promise<void> {
    if (!this.isFull || this.#stop.signal.aborted) return;
    const release = keepAlive();
    await new Promise<void>((resolve) => this.#spaceWaiters.push(resolve));
    release();
  }

  /** Takes a batch, and drops one when there are too many. */
  push(batch: PendingBatch): void {
    const { overflow, maxPending } = this.#options;
    if (this.isFull && overflow !== "wait") {
      // What is being sent may have arrived already: it is never the one that is dropped.
      const oldest = overflow === "dropOldest" ? this.#waiting.shift() : undefined;
      this.#drop(oldest ?? batch, `${maxPending} batches wait`);
      if (oldest === undefined) return;
    }
    this.#waiting.push(batch);
    this.#start();
  }

  /**
   * Resolves when nothing waits any more. Pauses between attempts are cut short, and a program that waits for it does not
   * end meanwhile.
   */
  async idle(): Promise<void> {
    const release = keepAlive();
    this.#hurries++;
    this.#wake();
    try {
      while (this.#running !== null) await this.#running;
      await Promise.all(this.#forgetting);
    } finally {
      this.#hurries--;
      release();
    }
  }

  /** Gives up what waits. @returns what was given up */
  close(): { readonly batches: number; readonly items: number; readonly kept: boolean } {
    const all = this.#current === null ? this.#waiting : [...this.#waiting, this.#current];
    const kept = all.length > 0 && all.every((batch) => batch.key !== "");
    const unsent = { batches: this.batches, items: this.items, kept };
    this.#stop.abort();
    this.#wake();
    for (const batch of this.#waiting.splice(0)) this.#giveUp(batch);
    this.#freed();
    return unsent;
  }

  /** What is kept elsewhere waits there for the next start; the rest is lost. */
  #giveUp(batch: PendingBatch): void {
    if (batch === this.#current) this.#current = null;
    if (batch.key === "") this.#drop(batch, "the time was over");
    else this.counts.kept += batch.items;
  }

  #drop(batch: PendingBatch, why: string): void {
    this.#forget(batch);
    this.counts.lostBatches++;
    this.counts.dropped += batch.items;
    this.#options.tell({
      kind: "batch_dropped",
      count: batch.items,
      message: `${batch.items} items dropped: ${why}`,
    });
  }

  #forget({ key }: PendingBatch): void {
    const { kept, tell } = this.#options;
    if (key === "" || kept === null) return;
    const forgetting = kept.remove(key).catch((cause: unknown) => {
      const message = `a batch that was settled cannot be removed and will be sent again: ${cause}`;
      tell({ kind: "spill_failed", count: 0, message, cause });
    }).finally(() => this.#forgetting.delete(forgetting));
    this.#forgetting.add(forgetting);
  }

  #start(): void {
    if (this.#running !== null || this.#stop.signal.aborted) return;
    // Outside of whatever span the last item came from, and without spans about sending spans' records.
    const work = () => this.#run();
    this.#running = context.with(suppressTracing(ROOT_CONTEXT), work).finally(() => {
      this.#running = null;
      // Pushed after the last look at what waits.
      if (this.#waiting.length > 0) this.#start();
    });
  }

  async #run(): Promise<void> {
    // A turn later, so that what is pushed together is sent in order and `push` never runs a transport's code.
    await Promise.resolve();
    for (let batch = this.#next(); batch !== null; batch = this.#next()) {
      await this.#sendUntilSettled(batch);
      this.#freed();
    }
  }

  #next(): PendingBatch | null {
    this.#current = this.#waiting.shift() ?? null;
    return this.#current;
  }

  #freed(): void {
    for (const resolve of this.#spaceWaiters.splice(0)) resolve();
  }

  async #sendUntilSettled(batch: PendingBatch): Promise<void> {
    const { transport, retry, tell, random } = this.#options;
    const { signal } = this.#stop;
    for (let attempt = 0;; attempt++) {
      try {
        await transport.send(await this.#messageOf(batch), signal);
        this.#current = null;
        this.#forget(batch);
        this.counts.sent += batch.items;
        this.counts.sentRecords += batch.records;
        return;
      } catch (cause) {
        if (signal.aborted) return this.#giveUp(batch);
        const reason = cause instanceof Error ? cause.message : String(cause);
        const last = attempt + 1 >= (retry.maxAttempts ?? Infinity);
        // What is no TransportError is a mistake in a program: more of the same would not mend it.
        if (last || !(cause instanceof TransportError) || !cause.retry) {
          this.#current = null;
          this.#forget(batch);
          this.counts.lostBatches++;
          this.counts.failed += batch.items;
          const message = `${batch.items} items could not be sent: ${reason}`;
          return tell({ kind: "batch_failed", count: batch.items, message, cause });
        }
        const message = `attempt ${attempt + 1} over ${transport.name} failed: ${reason}`;
        tell({ kind: "attempt_failed", count: batch.items, message, cause });
        const pauseMs = backoffMs(attempt, this.#backoff, random());
        await this.#pause(Math.max(pauseMs, cause.retryAfterMs ?? 0));
        if (signal.aborted) return this.#giveUp(batch);
        this.counts.retries++;
      }
    }
  }

  async #messageOf({ message, key }: PendingBatch): Promise<string> {
    if (message !== null) return message;
    return await this.#options.kept?.load(key) ?? "";
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      // When somebody waits, attempts are made soon, but never in a tight loop.
      const hurry = this.#hurries > 0;
      const timer = setTimeout(() => this.#wake(), hurry ? Math.min(ms, HURRIED_PAUSE_MS) : ms);
      // A server that is away must not keep a finished program from ending; who waits keeps it alive.
      unrefTimer(timer);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}
