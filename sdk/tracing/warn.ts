/**
 * Warnings that cannot flood a log.
 *
 * @module
 */

const INTERVAL_MS = 1_000;

/** Writes a warning unless one of the same kind was written within the last second. */
export class LimitedWarning {
  #lastMs = -Infinity;
  #suppressed = 0;

  /**
   * Warns, or counts when it is too early.
   *
   * @param message What to write
   */
  warn(message: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < INTERVAL_MS) {
      this.#suppressed++;
      return;
    }
    const more = this.#suppressed === 0 ? "" : ` (${this.#suppressed} more before this)`;
    this.#lastMs = nowMs;
    this.#suppressed = 0;
    console.warn(`scouter: ${message}${more}`);
  }
}
