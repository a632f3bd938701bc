/**
 * The messages that were taken from a broker and are not acknowledged yet, bounded by number and size.
 *
 * @module
 */

/** How much may be under way. One message is always let in, whatever its size. */
export interface InFlightLimits {
  readonly messages: number;
  readonly bytes: number;
}

/** Bytes under way for each consumer. */
export const IN_FLIGHT_BYTES = 32 << 20;

/** Keeps count of work under way. */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #onSettled: () => void;
  #messages = 0;
  #bytes = 0;
  #waiting: (() => void)[] = [];

  /** @param onSettled Called whenever something has ended. */
  constructor(limits: InFlightLimits, onSettled: () => void = () => {}) {
    this.#limits = limits;
    this.#onSettled = onSettled;
  }

  /** Messages under way. */
  get size(): number {
    return this.#messages;
  }

  /** Whether one more may be started. */
  get hasRoom(): boolean {
    return this.#messages < this.#limits.messages && this.#bytes < this.#limits.bytes;
  }

  /** How many more messages there is room for. */
  get room(): number {
    return this.hasRoom ? this.#limits.messages - this.#messages : 0;
  }

  /** Counts the work until it settles. It must not reject. */
  add(sizeBytes: number, work: Promise<void>): void {
    this.#messages++;
    this.#bytes += sizeBytes;
    void work.finally(() => {
      this.#messages--;
      this.#bytes -= sizeBytes;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
      this.#onSettled();
    });
  }

  /** Resolves when something has ended, or the signal is aborted. */
  settled(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.push(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** Resolves when nothing is under way. @returns False when the time was up before. */
  async drained(limitMs: number): Promise<boolean> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), limitMs);
    try {
      while (this.#messages > 0 && !late.signal.aborted) await this.settled(late.signal);
      return this.#messages === 0;
    } finally {
      clearTimeout(timer);
    }
  }
}
