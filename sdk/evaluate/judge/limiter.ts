/** Waits; rejects when the signal says stop. */
export type Sleep = (delayMs: number, signal?: AbortSignal) => Promise<void>;

/**
 * Waits for real.
 *
 * @param delayMs milliseconds
 * @param signal stops waiting
 * @returns resolves after the delay
 * @throws the signal's reason
 */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Bounds of {@linkcode Limiter}. */
export interface LimiterOptions {
  /** Calls under way at once. */
  readonly concurrency: number;
  /** Calls begun per minute; absent: no bound. */
  readonly requestsPerMinute?: number;
  /** Waits; replaced in tests. */
  readonly sleep: Sleep;
  /** Milliseconds since some moment; replaced in tests. */
  readonly now: () => number;
}

/** Lets so many calls run at once, spaces them, and holds all of them back when told to. */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #nextStartMs = 0;
  #heldUntilMs = 0;

  /**
   * Makes a limiter.
   *
   * @param options bounds
   */
  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  /** Lets no call begin for this long: a vendor said that it is too much. */
  hold(delayMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#options.now() + delayMs);
  }

  /** Runs work when there is room for it. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#running >= this.#options.concurrency) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      await this.#pace(signal);
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #pace(signal: AbortSignal | undefined): Promise<void> {
    const { now, sleep, requestsPerMinute } = this.#options;
    if (requestsPerMinute !== undefined) {
      const start = Math.max(now(), this.#nextStartMs);
      this.#nextStartMs = start + 60_000 / requestsPerMinute;
      const wait = start - now();
      if (wait > 0) await sleep(wait, signal);
    }
    for (let wait = this.#heldUntilMs - now(); wait > 0; wait = this.#heldUntilMs - now()) {
      await sleep(wait, signal);
    }
  }
}
