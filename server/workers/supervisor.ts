/**
 * Runs the background loops: starts them, starts them again when they crash, and stops them.
 *
 * @module
 */

import type { Metrics } from "../telemetry/contract.ts";
import { getLogger } from "../telemetry/log.ts";
import { newWorkerState, type WorkerState, type WorkerStatus } from "./worker_state.ts";

const logger = getLogger("workers");

/** A background loop. Returns when the signal is aborted; anything thrown is a crash. */
export type Loop = (signal: AbortSignal) => Promise<void>;

/** How the supervisor restarts. */
export interface SupervisorOptions {
  readonly metrics: Metrics;
  /** Wait before the first restart, in milliseconds; doubles with every crash. Default 500. */
  readonly minBackoffMs?: number;
  /** Longest wait. Default 60,000. */
  readonly maxBackoffMs?: number;
  /** A loop that ran this long counts as recovered: its wait starts over. Default 60,000. */
  readonly recoveredAfterMs?: number;
}

/** Supervises background loops. */
export class Supervisor {
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #states: WorkerState[] = [];
  readonly #options: Required<SupervisorOptions>;

  constructor(options: SupervisorOptions) {
    this.#options = {
      minBackoffMs: 500,
      maxBackoffMs: 60_000,
      recoveredAfterMs: 60_000,
      ...options,
    };
  }

  /** Starts a loop under a name, which is a label of its metrics. */
  start(name: string, loop: Loop): void {
    this.#start(newWorkerState(name, null), loop);
  }

  /** Every loop as it is now, in the order they were started. */
  get workers(): readonly WorkerStatus[] {
    return this.#states.map((state) => ({ ...state }));
  }

  /**
   * Starts a loop that does one thing every interval.
   *
   * @param firstAfterMs Wait before the first time: long intervals outlive many a process.
   */
  every(
    name: string,
    intervalMs: number,
    work: (signal: AbortSignal) => Promise<unknown>,
    firstAfterMs: number = intervalMs,
  ): void {
    const state = newWorkerState(name, intervalMs);
    this.#start(state, async (signal) => {
      for (let waitMs = firstAfterMs;; waitMs = intervalMs) {
        state.phase = "waiting";
        state.nextRunMs = Date.now() + waitMs;
        await pause(waitMs, signal);
        if (signal.aborted) return;
        state.phase = "running";
        state.nextRunMs = null;
        state.lastRunMs = Date.now();
        const startedMs = performance.now();
        await work(signal);
        state.lastRunDurationMs = performance.now() - startedMs;
        state.runs++;
      }
    });
  }

  /** Tells all loops to stop and resolves when they have. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  #start(state: WorkerState, loop: Loop): void {
    this.#states.push(state);
    const supervised = this.#supervise(state, loop).finally(() => {
      state.phase = "stopped";
      state.nextRunMs = null;
    });
    this.#running.push(supervised);
  }

  async #supervise(state: WorkerState, loop: Loop): Promise<void> {
    const { name } = state;
    const { metrics, minBackoffMs, maxBackoffMs, recoveredAfterMs } = this.#options;
    const { signal } = this.#stop;
    const up = metrics.gauge("scouter_worker_up", "1 while the background loop runs.");
    const crashes = metrics.counter("scouter_worker_crashes_total", "Crashes of background loops.");
    let backoffMs = minBackoffMs;
    while (!signal.aborted) {
      const startedAt = performance.now();
      up.set(1, { worker: name });
      state.phase = "running";
      try {
        await loop(signal);
        up.set(0, { worker: name });
        if (signal.aborted) return;
        throw new Error("the loop ended without being told to");
      } catch (error) {
        up.set(0, { worker: name });
        crashes.add(1, { worker: name });
        state.lastError = error instanceof Error ? error.message : String(error);
        state.lastErrorMs = Date.now();
        if (signal.aborted) return;
        if (performance.now() - startedAt > recoveredAfterMs) backoffMs = minBackoffMs;
        logger.error(
          "The background loop {name} crashed and starts again in {backoffMs} ms: {error}",
          {
            name,
            backoffMs,
            error: error instanceof Error ? error.stack ?? error.message : String(error),
          },
        );
        state.phase = "restarting";
        state.nextRunMs = Date.now() + backoffMs;
        await pause(backoffMs, signal);
        state.nextRunMs = null;
        if (!signal.aborted) state.restarts++;
        backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
      }
    }
  }
}

/** Resolves after a while, or when the signal is aborted. */
export function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, durationMs);
    signal.addEventListener("abort", wake, { once: true });
  });
}
