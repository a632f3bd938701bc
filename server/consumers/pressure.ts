/**
 * Holds the consumers back while the stores cannot take more.
 *
 * @module
 */

import { pause } from "../workers/supervisor.ts";

/** Shared by all sources: they fill the same stores. */
export class Pressure {
  #untilMs = 0;
  readonly #now: () => number;

  /** @param now Clock, milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** True while nothing should be taken from a broker. */
  get held(): boolean {
    return this.#now() < this.#untilMs;
  }

  /** Holds for at least so long from now. */
  hold(durationMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, this.#now() + durationMs);
  }

  /** Resolves when the pressure is off. @returns False when it was on and the signal was aborted before. */
  async passable(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const waitMs = this.#untilMs - this.#now();
      if (waitMs <= 0) return true;
      if (signal.aborted) return false;
      // Spread, so that all that waited do not meet the store at once.
      await pause(waitMs * (1 + Math.random() / 4), signal);
    }
  }
}
