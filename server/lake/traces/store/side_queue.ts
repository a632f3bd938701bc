/**
 * Side rows that are on disk and wait for the relational store.
 *
 * @module
 */

import type { SideRowSink } from "../contract.ts";
import { forgetSide, joinSide, type JournalEntry } from "./side_journal.ts";

/** Writes batches in order; what fails stays and is written with the next. */
export class SideQueue {
  readonly #sink: SideRowSink;
  readonly #entries: JournalEntry[];

  /**
   * @param sink The relational store.
   * @param entries Batches that an earlier process left.
   */
  constructor(sink: SideRowSink, entries: readonly JournalEntry[]) {
    this.#sink = sink;
    this.#entries = [...entries];
  }

  /** Batches waiting. */
  get length(): number {
    return this.#entries.length;
  }

  push(entry: JournalEntry): void {
    this.#entries.push(entry);
  }

  /** Writes everything that waits. Throws what the relational store throws. */
  async writeAll(): Promise<void> {
    while (this.#entries.length > 0) {
      const batch = [...this.#entries];
      await this.#sink.write(joinSide(batch.map(({ side }) => side)));
      this.#entries.splice(0, batch.length);
      for (const entry of batch) await forgetSide(entry);
    }
  }
}
