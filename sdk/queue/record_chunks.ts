/**
 * Records of a batch that are too many for one message.
 *
 * @module
 */

import { parseMessage, type ServerRecord, writeMessage } from "../records/message.ts";
import type { Batch } from "./collector.ts";

/** Records in one message: with names of usual lengths well under a megabyte, which every server and broker takes. */
export const MAX_MESSAGE_RECORDS = 5_000;

/** Hands records out in messages that others take. */
export class RecordChunks {
  #left: readonly ServerRecord[] = [];

  /** Whether there are records that no message was made of. */
  get hasLeft(): boolean {
    return this.#left.length > 0;
  }

  /** Takes the records of a batch; those before are handed out. */
  put(records: readonly ServerRecord[]): void {
    this.#left = records;
  }

  /** Makes the next message. @param items what counts as sent with it */
  next(items: number): Batch {
    const records = this.#left.slice(0, MAX_MESSAGE_RECORDS);
    this.#left = this.#left.slice(MAX_MESSAGE_RECORDS);
    const message = records.length === 0 ? null : writeMessage({ records });
    return { message, items, records: records.length };
  }

  /** What is left, as text; null when nothing is. */
  rest(): string | null {
    return this.hasLeft ? writeMessage({ records: this.#left }) : null;
  }

  /** Goes on with what was left. @throws {RecordError} for a text that is damaged */
  restore(rest: string): void {
    const message = parseMessage(rest);
    if ("records" in message) this.#left = message.records;
  }
}
