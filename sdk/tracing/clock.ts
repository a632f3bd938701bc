/**
 * The time within a trace.
 *
 * @module
 */

let lastMs = 0;
let lastText = "";

/** RFC 3339; traces that start within one millisecond share the text. */
function textOf(epochMs: number): string {
  if (epochMs !== lastMs) {
    lastMs = epochMs;
    lastText = new Date(epochMs).toISOString();
  }
  return lastText;
}

/**
 * A clock that starts with a trace's first span in this process: the system's time, which counts whole milliseconds, once,
 * and the monotonic clock from there. All spans of the trace share it, so that they stand in the order in which they
 * happened, also within a millisecond and when the system's time is set.
 */
export class TraceClock {
  /** When it was started, RFC 3339. */
  readonly startText: string;
  readonly #offsetMs: number;

  /** Starts it. */
  constructor() {
    const epochMs = Date.now();
    this.startText = textOf(epochMs);
    this.#offsetMs = epochMs - performance.now();
  }

  /** Milliseconds since the epoch, with a fraction. */
  now(): number {
    return this.#offsetMs + performance.now();
  }
}
