/**
 * What gathers a profile's items and turns them into a message.
 *
 * @module
 */

/** What was gathered since the last time. */
export interface Batch {
  /** JSON text of the envelope; null when the items gave no record. */
  readonly message: string | null;
  /** Items that went in. */
  readonly items: number;
  /** Records that came out. */
  readonly records: number;
}

/** Gathers the items of one queue. */
export interface Collector {
  /** Items gathered since the last batch. */
  readonly count: number;
  /** Whether it is time for a batch. */
  readonly isFull: boolean;
  /** Whether a message would hold something, were it made now. */
  hasRest(final: boolean): boolean;
  /**
   * Adds an item, or tells why it is not one of this queue's.
   *
   * @returns null when it was added
   */
  add(item: unknown): string | null;
  /**
   * Makes a batch of what was gathered.
   *
   * @param createdAt time of the records
   * @param final also what waits for more, such as a sample that is not complete
   */
  take(createdAt: string, final: boolean): Batch;
  /** Whether records of the last batch did not fit its message, and are to be taken at once. */
  readonly hasLeft: boolean;
  /** The item that was added last as text, for another process to add. */
  entry(item: unknown): string;
  /** Adds an item from its text, or tells why it cannot. */
  restore(entry: string): string | null;
  /** What is begun and goes into a later batch, as text; null when there is nothing. */
  rest(): string | null;
  /** Goes on with what an earlier process had begun. */
  restoreRest(rest: string): void;
}

/** Items of numbers and texts as an entry; integers beyond doubles are rounded, as batches round them too. */
export function entryOf(item: unknown): string {
  return JSON.stringify(item, (_, value) => typeof value === "bigint" ? Number(value) : value);
}

/** An entry's item; undefined for a text that is damaged. */
export function itemOf(entry: string): unknown {
  try {
    return JSON.parse(entry);
  } catch {
    // Told as any other item that is none.
    return undefined;
  }
}

/** Hears of single values that were left out. */
export type OnSkipped = (values: number, why: string) => void;

/** Counts what a batch leaves out, and tells once for each reason. */
export class Skipped {
  readonly #counts = new Map<string, number>();
  readonly #tell: OnSkipped;

  constructor(tell: OnSkipped) {
    this.#tell = tell;
  }

  /** Notes a value. */
  add(why: string): void {
    this.#counts.set(why, (this.#counts.get(why) ?? 0) + 1);
  }

  /** Tells what was noted. */
  report(): void {
    for (const [why, values] of this.#counts) this.#tell(values, why);
    this.#counts.clear();
  }
}
