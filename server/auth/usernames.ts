/**
 * User names.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";

const MAX_LENGTH = 128;

/** The one form of a name: composed characters (Unicode NFC), without spaces around it. */
export function normalizeUsername(name: string): string {
  return name.slice(0, 1024).normalize("NFC").trim();
}

/**
 * Checks a new user's name.
 *
 * @returns Its normal form.
 * @throws {ScouterError} BAD_REQUEST when it is empty, too long, or has characters that cannot be seen.
 */
export function checkNewUsername(name: string): string {
  const normal = normalizeUsername(name);
  if (normal === "" || name.length > MAX_LENGTH) {
    throw new ScouterError("BAD_REQUEST", `username must have 1 to ${MAX_LENGTH} characters.`);
  }
  // Controls, formatting and unassigned characters, lone surrogates, line separators: two names must not look alike.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(normal)) {
    throw new ScouterError(
      "BAD_REQUEST",
      "username has characters that cannot be seen. Remove them.",
    );
  }
  return normal;
}

/**
 * The text of a header whose value was sent as UTF-8. HTTP header values are bytes, shown by the platform as one
 * character each.
 */
export function headerText(value: string): string {
  const codes = Array.from(value, (character) => character.charCodeAt(0));
  if (codes.every((code) => code < 0x80) || codes.some((code) => code > 0xff)) return value;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(value, (c) => c.charCodeAt(0)),
    );
  } catch {
    // Not UTF-8: it was meant as Latin-1, which is what we have.
    return value;
  }
}
