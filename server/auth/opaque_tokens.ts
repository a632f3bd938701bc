/**
 * Random tokens and their hashes. They carry 256 bits of randomness, so a plain hash keeps them safe at rest;
 * slow hashes are for passwords.
 *
 * @module
 */

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** A new token: the prefix and 32 random bytes in base64url. */
export function randomToken(prefix: string): string {
  return prefix + randomBytes(32).toString("base64url");
}

/** SHA-256 of a token. */
export function tokenHash(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

/** HMAC-SHA256 of a token: useless to a thief of the database who lacks the secret. */
export function keyedTokenHash(secret: string, token: string): Uint8Array {
  return createHmac("sha256", secret).update(token).digest();
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(tokenHash(a), tokenHash(b));
}

const RECOVERY_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/** A recovery code: 16 characters of 5 bits, in groups of four, none easily mistaken for another. */
export function recoveryCode(): string {
  const letters = Array.from(randomBytes(16), (byte) => RECOVERY_ALPHABET.charAt(byte % 32)).join(
    "",
  );
  return letters.replace(/(.{4})(?=.)/g, "$1-");
}

/** SHA-256 of a recovery code as people type it: case, spaces and dashes do not matter. */
export function recoveryCodeHash(code: string): Uint8Array {
  return tokenHash(code.toUpperCase().replace(/[^0-9A-Z]/g, ""));
}
