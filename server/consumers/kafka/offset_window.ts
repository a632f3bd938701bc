/**
 * Which offset of a partition may be committed while its messages are stored side by side and end in any order.
 *
 * @module
 */

/** A message whose storing is under way. */
export interface OffsetEntry {
  readonly offset: bigint;
  done: boolean;
}

/**
 * The messages of one partition in the order they came. The committable offset is one past the last message before
 * which everything is done. Offsets need not be contiguous: compacted topics and transactions leave gaps.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const window = new OffsetWindow();
 * const [a, b] = [window.add(7n), window.add(9n)];
 * b.done = true;
 * assert.equal(window.committable(), null);
 * a.done = true;
 * assert.equal(window.committable(), 10n);
 * ```
 */
export class OffsetWindow {
  #entries: OffsetEntry[] = [];
  #committable: bigint | null = null;

  /** A message came. Set `done` when it needs no more. */
  add(offset: bigint): OffsetEntry {
    const last = this.#entries.at(-1);
    if (last !== undefined && offset <= last.offset) {
      // The log begins again (it was cut after a failure): what came before has no place in it any more.
      this.#entries = [];
      this.#committable = null;
    }
    const entry = { offset, done: false };
    this.#entries.push(entry);
    return entry;
  }

  /** The offset to commit; null when nothing is done that was not {@linkcode OffsetWindow.committed} before. */
  committable(): bigint | null {
    let done = 0;
    for (const entry of this.#entries) {
      if (!entry.done) break;
      this.#committable = entry.offset + 1n;
      done++;
    }
    if (done > 0) this.#entries.splice(0, done);
    return this.#committable;
  }

  /** Messages from the first that is not done on. */
  get backlog(): number {
    this.committable();
    return this.#entries.length;
  }

  /** The offset was committed. */
  committed(offset: bigint): void {
    if (this.#committable === offset) this.#committable = null;
  }
}
