/**
 * How a session learns that it is over.
 *
 * @module
 */

/** The end of one session: asked for by the server, or because the connection broke. */
export class SessionEnd {
  readonly #broken = new AbortController();
  readonly #stop: AbortSignal;
  /** Aborted in both cases; ends waiting of everything that belongs to the session. */
  readonly signal: AbortSignal;

  /** @param stop Aborted when the server stops. */
  constructor(stop: AbortSignal) {
    this.#stop = stop;
    this.signal = AbortSignal.any([stop, this.#broken.signal]);
  }

  /** The connection broke. */
  readonly fail = (error: unknown): void => {
    this.#broken.abort(error);
  };

  /**
   * Resolves when the work is done, or when the server stops.
   *
   * @throws what the session failed with, should that come first.
   */
  async before(work: Promise<unknown>): Promise<void> {
    work.catch(() => undefined);
    await Promise.race([work, this.ended()]);
  }

  /** Resolves when the server stops. @throws what the session failed with, should that come first. */
  ended(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (this.#broken.signal.aborted) reject(this.#broken.signal.reason);
        else resolve();
      };
      if (this.signal.aborted) settle();
      else this.signal.addEventListener("abort", settle, { once: true });
    });
  }

  /** Whether the server stops. */
  get stopping(): boolean {
    return this.#stop.aborted;
  }
}
