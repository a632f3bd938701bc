/**
 * Work that ends with a time limit or a signal.
 *
 * @module
 */

import { TransportError } from "./transport.ts";

/** The time was over. */
export class OutOfTime extends TransportError {}

/**
 * Waits for work, but not longer than a time, and not after the signal. The work itself goes on where it cannot be stopped.
 *
 * @param what names the work in the error
 * @throws {OutOfTime} when the time is over; the signal's reason when it aborts
 */
export async function withinTime<T>(
  what: string,
  timeoutMs: number,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let end = () => {};
  const ended = new Promise<never>((_, reject) => {
    const abort = () => reject(signal.reason);
    const timer = setTimeout(
      () => reject(new OutOfTime(`${what}: no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal.addEventListener("abort", abort);
    end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
  });
  const working = work();
  // Whoever loses the race has nobody left to tell.
  working.catch(() => {});
  ended.catch(() => {});
  try {
    return await Promise.race([working, ended]);
  } finally {
    end();
  }
}
