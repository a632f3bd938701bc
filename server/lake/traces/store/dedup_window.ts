/**
 * Remembers which spans were stored recently, so that a span sent twice is stored once.
 *
 * @module
 */

/**
 * Multipliers of the two hash lanes and of the final mix (MurmurHash3's published constants). The mix is light: ids are
 * random, and who knows another's ids well enough to aim at them could simply send them.
 */
const C1 = 0xcc9e2d51 | 0;
const C2 = 0x1b873593 | 0;
const F1 = 0x85ebca6b | 0;
const F2 = 0xc2b2ae35 | 0;

const MIN_SLOTS = 1024;

interface Generation {
  /** Two words a slot, (0, 0) when empty. Open addressing with linear probing. */
  readonly words: Uint32Array;
  count: number;
  sinceMs: number;
}

/**
 * A window over (trace id, span id), bounded by count and time. Holds 64-bit hashes under a random seed: two different
 * spans share one with a probability of about n / 2^64 for n remembered spans, and nobody outside can aim at it.
 *
 * Two generations of tables of fixed size take turns: when the younger is full or older than the window, it becomes the
 * older one and the former older one is forgotten. So a span is remembered for at least `spans / 2` further spans, and
 * for at least `windowMs` unless that many arrive sooner.
 */
export class DedupWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #mask: number;
  readonly #seedA: number;
  readonly #seedB: number;
  #young: Generation;
  #old: Generation;
  /** Slots taken in the present request, to give them back when it fails. */
  #takenYoung: number[] = [];
  #takenOld: number[] = [];
  #nowMs = 0;

  /**
   * @param spans Most spans remembered; 16 bytes each are reserved, and touched only as they fill.
   * @param windowMs Time after which spans may be forgotten, in milliseconds.
   * @param seed Two 32-bit words; random when absent.
   */
  constructor(spans: number, windowMs: number, seed?: readonly [number, number]) {
    this.#limit = Math.max(1, Math.floor(spans / 2));
    this.#windowMs = windowMs;
    let slots = MIN_SLOTS;
    while (slots < this.#limit * 2) slots *= 2;
    this.#mask = slots - 1;
    const random = crypto.getRandomValues(new Uint32Array(2));
    this.#seedA = seed?.[0] ?? random[0] ?? 0;
    this.#seedB = seed?.[1] ?? random[1] ?? 0;
    this.#young = { words: new Uint32Array(2 * slots), count: 0, sinceMs: -Infinity };
    this.#old = { words: new Uint32Array(2 * slots), count: 0, sinceMs: -Infinity };
  }

  /** Spans remembered now. */
  get size(): number {
    return this.#young.count + this.#old.count;
  }

  /** Starts a request. @param nowMs Present time, milliseconds. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#takenYoung.length = 0;
    this.#takenOld.length = 0;
    if (this.size === 0) this.#young.sinceMs = nowMs;
    else if (nowMs - this.#young.sinceMs >= this.#windowMs) this.#turn();
  }

  /**
   * Notes a span.
   *
   * @param bytes Holds both ids.
   * @param traceIdAt Where the 16 bytes of the trace id start.
   * @param spanIdAt Where the 8 bytes of the span id start.
   * @returns True when the span is new.
   */
  admit(bytes: Uint8Array, traceIdAt: number, spanIdAt: number): boolean {
    let a = this.#seedA;
    let b = this.#seedB;
    for (let i = 0; i < 24; i += 4) {
      const at = i < 16 ? traceIdAt + i : spanIdAt + i - 16;
      // In bounds by the caller's contract; out of bounds would count as zero.
      const word = (bytes[at] as number) | (bytes[at + 1] as number) << 8 |
        (bytes[at + 2] as number) << 16 | (bytes[at + 3] as number) << 24;
      a = Math.imul(a ^ word, C1);
      a = a << 15 | a >>> 17;
      b = Math.imul(b + word | 0, C2);
      b ^= b >>> 15;
    }
    a = Math.imul(a ^ a >>> 16, F1);
    a = Math.imul(a ^ a >>> 13, F2);
    b = Math.imul(b ^ b >>> 16, F2);
    b = Math.imul(b ^ b >>> 13, F1);
    a = (a ^ a >>> 16) >>> 0;
    b = (b ^ b >>> 16) >>> 0;
    if (a === 0 && b === 0) b = 1;

    if (this.#old.count > 0 && this.#find(this.#old.words, a, b) < 0) return false;
    const slot = this.#find(this.#young.words, a, b);
    if (slot < 0) return false;
    if (this.#young.count >= this.#limit) {
      this.#turn();
      return this.#take(this.#find(this.#young.words, a, b), a, b);
    }
    return this.#take(slot, a, b);
  }

  /** Forgets the spans of the request begun last, because it failed. */
  rollback(): void {
    // Nothing was inserted behind these slots since, so emptying them breaks no probe sequence.
    for (
      const [generation, taken] of [[this.#young, this.#takenYoung], [
        this.#old,
        this.#takenOld,
      ]] as const
    ) {
      for (const slot of taken) {
        generation.words[slot] = 0;
        generation.words[slot + 1] = 0;
      }
      generation.count -= taken.length;
      taken.length = 0;
    }
  }

  #take(slot: number, a: number, b: number): true {
    this.#young.words[slot] = a;
    this.#young.words[slot + 1] = b;
    this.#young.count++;
    this.#takenYoung.push(slot);
    return true;
  }

  /** The free slot for a hash, or -1 when the hash is there. */
  #find(words: Uint32Array, a: number, b: number): number {
    for (let slot = a & this.#mask;; slot = slot + 1 & this.#mask) {
      const hi = words[2 * slot];
      const lo = words[2 * slot + 1];
      if (hi === 0 && lo === 0) return 2 * slot;
      if (hi === a && lo === b) return -1;
    }
  }

  #turn(): void {
    const forgotten = this.#old;
    this.#old = this.#young;
    forgotten.words.fill(0);
    forgotten.count = 0;
    forgotten.sinceMs = this.#nowMs;
    this.#young = forgotten;
    const taken = this.#takenOld;
    taken.length = 0;
    this.#takenOld = this.#takenYoung;
    this.#takenYoung = taken;
  }
}
