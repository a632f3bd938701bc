/**
 * Pauses between attempts.
 *
 * @module
 */

/** How long the pauses are. */
export interface Backoff {
  /** Milliseconds before the second attempt, before jitter. */
  readonly firstMs: number;
  /** Longest pause in milliseconds. */
  readonly maxMs: number;
}

/**
 * The pause after an attempt: doubled each time, and between half and all of it at random, so that clients that failed
 * together do not come back together.
 *
 * @param attempt attempts made so far, from 0
 * @param random within [0, 1)
 * @returns milliseconds
 */
export function backoffMs(attempt: number, backoff: Backoff, random: number): number {
  const capMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** attempt);
  return capMs * (0.5 + random / 2);
}

/**
 * Waits, or less when the signal aborts.
 *
 * @param ms milliseconds
 * @param signal ends the wait early; the caller looks whether it did
 */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake);
  });
}
