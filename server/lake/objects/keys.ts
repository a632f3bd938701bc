/**
 * Rules for object keys, the same for every store.
 *
 * @module
 */

import { ScouterError } from "../../errors.ts";

/** S3, Google Cloud Storage and Azure all take 1024 bytes. */
const MAX_KEY_BYTES = 1024;

/** Names the local store gives to unfinished files; no key may use them. */
export const TEMPORARY_PREFIX = ".tmp-";

const encoder = new TextEncoder();

/**
 * Refuses keys that are empty, too long, or could leave the store's folder.
 *
 * @param key Object key.
 * @returns The same key.
 * @throws {ScouterError} BAD_REQUEST naming the key and what is wrong with it.
 */
export function checkKey(key: string): string {
  const refuse = (reason: string): never => {
    throw new ScouterError("BAD_REQUEST", `object key ${JSON.stringify(key)} ${reason}`);
  };
  if (key.includes("\0")) refuse("contains a NUL byte");
  if (!key.isWellFormed()) refuse("is not well-formed Unicode");
  if (key.length * 3 > MAX_KEY_BYTES && encoder.encode(key).length > MAX_KEY_BYTES) {
    refuse(`is longer than ${MAX_KEY_BYTES} bytes`);
  }
  for (const segment of key.split("/")) {
    if (segment === "") refuse("has an empty segment: use names separated by single slashes");
    if (segment === "." || segment === "..") refuse("has a '.' or '..' segment");
    if (segment.startsWith(TEMPORARY_PREFIX)) refuse(`uses the reserved name ${TEMPORARY_PREFIX}*`);
  }
  return key;
}

/**
 * Compares two strings by their UTF-8 bytes, as object stores order keys. (UTF-16 order differs for characters beyond
 * the basic plane.)
 *
 * @returns A negative number, zero or a positive number.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xSurrogate = x >= 0xd800 && x <= 0xdfff;
    const ySurrogate = y >= 0xd800 && y <= 0xdfff;
    // A surrogate stands for a code point above every other UTF-16 unit.
    if (xSurrogate !== ySurrogate) return xSurrogate ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}
