/**
 * Notices a member of a consumer group that gets nothing although messages wait for it. Client libraries have states of
 * that kind after a broker went away in the middle of an answer: the group is content, heartbeats go through, and no
 * message comes.
 *
 * @module
 */

/** Watches one member. */
export class StallWatch {
  readonly #limitMs: number;
  readonly #now: () => number;
  #stillSinceMs: number;

  /**
   * @param limitMs How long messages may wait without any being taken.
   * @param now Clock, milliseconds.
   */
  constructor(limitMs: number, now: () => number = () => performance.now()) {
    this.#limitMs = limitMs;
    this.#now = now;
    this.#stillSinceMs = now();
  }

  /** Something was taken, or there is a reason to take nothing. */
  moved(): void {
    this.#stillSinceMs = this.#now();
  }

  /**
   * Looks at how many messages wait.
   *
   * @returns Whether they have waited too long.
   */
  stalled(waiting: number): boolean {
    if (waiting === 0) this.moved();
    return this.#now() - this.#stillSinceMs > this.#limitMs;
  }
}
