/**
 * Bloom filter over trace id hashes: says for one file which traces it certainly lacks.
 *
 * @module
 */

const BITS_PER_KEY = 16;
const PROBES = 8;
const BLOCK_BITS = 512;

/**
 * A blocked Bloom filter: one key touches one cache line. With 16 bits and 8 probes a key, fewer than one lookup in
 * 500 passes by chance.
 */
export class TraceFilter {
  readonly words: Uint32Array;

  /** @param words As built; a multiple of 16 words. */
  constructor(words: Uint32Array) {
    this.words = words;
  }

  /** Builds a filter over hashes. */
  static of(hashes: BigUint64Array): TraceFilter {
    const blocks = Math.max(1, Math.ceil(hashes.length * BITS_PER_KEY / BLOCK_BITS));
    const filter = new TraceFilter(new Uint32Array(blocks * BLOCK_BITS / 32));
    for (const hash of hashes) filter.#visit(hash, true);
    return filter;
  }

  /** False only when the hash is certainly not in the filter. */
  has(hash: bigint): boolean {
    return this.#visit(hash, false);
  }

  #visit(hash: bigint, set: boolean): boolean {
    const { words } = this;
    const high = Number(hash >> 32n & 0xffffffffn);
    const low = Number(hash & 0xffffffffn);
    const blocks = words.length / 16;
    const base = 16 * Math.floor(high / 4294967296 * blocks);
    // Double hashing; the step is odd, so that the probes differ.
    let probe = low;
    const step = (Math.imul(low, 0x9e3779b1) >>> 7) | 1;
    for (let i = 0; i < PROBES; i++) {
      const bit = (probe >>> 5) & (BLOCK_BITS - 1);
      const at = base + (bit >>> 5);
      const mask = 1 << (bit & 31);
      const word = words[at] ?? 0;
      if (set) words[at] = word | mask;
      else if ((word & mask) === 0) return false;
      probe = probe + Math.imul(step, 0x85ebca6b) >>> 0;
    }
    return true;
  }
}

/** Whether a sorted array of hashes holds one. */
export function sortedHas(sorted: BigUint64Array, hash: bigint): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = low + high >>> 1;
    if ((sorted[middle] ?? 0n) < hash) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === hash;
}
