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

let offsetMs = NaN;

/**
 * Reads the system's time, and sees to the offset that makes it of the monotonic clock. The system counts whole
 * milliseconds; where within one it is, is found by moving the offset only when it contradicts what the system says, and
 * no further than that. It follows when the time is set, and being held up between the readings does no harm.
 */
function systemTimeMs(): number {
  const beforeMs = performance.now();
  const epochMs = Date.now();
  const afterMs = performance.now();
  // Also the first time, when there is no offset.
  if (!(offsetMs + afterMs >= epochMs)) offsetMs = epochMs - afterMs;
  else if (offsetMs + beforeMs >= epochMs + 1) offsetMs = epochMs + 0.999 - beforeMs;
  return epochMs;
}

function hrTime(epochMs: number): [number, number] {
  const seconds = Math.trunc(epochMs / 1e3);
  // Below a billion whatever the rounding: a double holds the time to a quarter of a microsecond.
  return [seconds, Math.min(999_999_999, Math.round((epochMs - seconds * 1e3) * 1e6))];
}

/**
 * A clock that starts with a trace's first span in this process: the system's time once, and the monotonic clock from there. All spans of the trace share it, so that they stand in the order in which they
 * happened, also within a millisecond and when the system's time is set.
 */
export class TraceClock {
  /** When it was started, RFC 3339. */
  readonly startText: string;
  readonly #offsetMs: number;

  /** Starts it. */
  constructor() {
    this.startText = textOf(systemTimeMs());
    this.#offsetMs = offsetMs;
  }

  /** Seconds and nanoseconds since the epoch: the form that the SDK keeps, and need not convert. */
  now(): [number, number] {
    return hrTime(this.#offsetMs + performance.now());
  }

  /** The same, or the system's time when that is ahead by the fraction of a millisecond it does not count. */
  nowOrLater(): [number, number] {
    return hrTime(Math.max(this.#offsetMs + performance.now(), Date.now()));
  }
}
