/**
 * What is known of a background loop.
 *
 * @module
 */

/** Whether it runs. `waiting` is a loop between two turns, `restarting` one that crashed. */
export type WorkerPhase = "running" | "waiting" | "restarting" | "stopped";

/** A loop as it is now. */
export interface WorkerStatus {
  readonly name: string;
  readonly phase: WorkerPhase;
  /** Times it was started again after a crash. */
  readonly restarts: number;
  readonly lastError: string | null;
  /** Milliseconds since the epoch, as all times here. */
  readonly lastErrorMs: number | null;
  /** For loops that do one thing every interval. */
  readonly intervalMs: number | null;
  readonly lastRunMs: number | null;
  readonly lastRunDurationMs: number | null;
  readonly nextRunMs: number | null;
  /** Turns finished. */
  readonly runs: number;
}

/** The status while it changes. */
export type WorkerState = { -readonly [K in keyof WorkerStatus]: WorkerStatus[K] };

/** A loop that is about to start. */
export function newWorkerState(name: string, intervalMs: number | null): WorkerState {
  return {
    name,
    phase: "running",
    restarts: 0,
    lastError: null,
    lastErrorMs: null,
    intervalMs,
    lastRunMs: null,
    lastRunDurationMs: null,
    nextRunMs: null,
    runs: 0,
  };
}
