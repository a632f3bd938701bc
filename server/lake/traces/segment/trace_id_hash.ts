/**
 * The 64-bit hash by which files are pruned for a trace id. Persisted: changing it needs a new file format version.
 *
 * @module
 */

const words = new Uint32Array(2);
const word64 = new BigUint64Array(words.buffer);

/** MurmurHash3's 32-bit finaliser. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return hash ^ hash >>> 16;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
}

/** Low 32 bits of {@linkcode traceIdHash}, as a signed number. */
export function traceIdHashLow(bytes: Uint8Array, at: number): number {
  let hash = mix(word(bytes, at) ^ 0x5c0072e1);
  hash = mix(hash ^ word(bytes, at + 4));
  hash = mix(hash ^ word(bytes, at + 8));
  return mix(hash ^ word(bytes, at + 12));
}

/** High 32 bits of {@linkcode traceIdHash}, as a signed number. */
export function traceIdHashHigh(bytes: Uint8Array, at: number): number {
  let hash = mix(word(bytes, at + 12) ^ 0x1f83d9ab);
  hash = mix(hash ^ word(bytes, at + 8));
  hash = mix(hash ^ word(bytes, at + 4));
  return mix(hash ^ word(bytes, at));
}

/**
 * Hashes the 16-byte trace id at `bytes[at]`.
 *
 * @returns an unsigned 64-bit integer
 */
export function traceIdHash(bytes: Uint8Array, at: number): bigint {
  words[0] = traceIdHashLow(bytes, at);
  words[1] = traceIdHashHigh(bytes, at);
  return word64[0]!;
}

/**
 * Hashes a trace id given as 32 hex digits.
 *
 * @throws RangeError when it is not 32 hex digits
 */
export function traceIdHashFromHex(hex: string): bigint {
  if (!/^[0-9a-fA-F]{32}$/.test(hex)) {
    throw new RangeError(`A trace id must be 32 hex digits, got "${hex}"`);
  }
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) bytes[i] = parseInt(hex.slice(i * 2, i * 2 + 2), 16);
  return traceIdHash(bytes, 0);
}
