/**
 * Texts as PostgreSQL can store them.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** U+0000 and lone surrogates, which PostgreSQL's `text` cannot hold, become U+FFFD. */
export function storableText(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed();
  return formed.includes("\0") ? formed.replaceAll("\0", "\uFFFD") : formed;
}

/** The first 16 bytes, in hex, of the SHA-256 of the texts; lengths are part of it, so ("ab","c") ≠ ("a","bc"). */
export function textsHashHex(...texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest("hex").slice(0, 32);
}

/** Splits a list into runs of at most `size`. */
export function* chunks<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
