/**
 * Trace and span ids and times as they come in from outside: parsed once, refused with a message that says why.
 *
 * @module
 */

import { ScouterError } from "../../../errors.ts";

const HEX = /^[0-9a-fA-F]+$/;
const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Checks an id and brings it to lowercase hex.
 *
 * @param text The id as given.
 * @param kind Which id: 32 characters for a trace, 16 for a span.
 * @param field Name of the field for the message.
 * @throws {ScouterError} BAD_REQUEST when the length is wrong or a character is not hexadecimal.
 */
export function parseId(text: string, kind: "trace" | "span", field = `${kind}_id`): string {
  const length = kind === "trace" ? 32 : 16;
  if (text.length !== length || !HEX.test(text)) {
    throw new ScouterError(
      "BAD_REQUEST",
      `${field} is "${text.slice(0, 64)}"; a ${kind} id is ${length} hexadecimal characters.`,
    );
  }
  return text.toLowerCase();
}

/** The bytes of a checked hex id. */
export function idBytes(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Lowercase hex of an id's bytes. */
export function idHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += (byte < 16 ? "0" : "") + byte.toString(16);
  return hex;
}

/**
 * Reads an RFC 3339 time with an offset.
 *
 * @param text The time, for example `2026-01-31T12:00:00.000001Z`; digits beyond microseconds are cut.
 * @param field Name of the field for the message.
 * @returns Microseconds since the epoch.
 * @throws {ScouterError} BAD_REQUEST when it is not such a time.
 */
export function parseTimeUs(text: string, field: string): number {
  const match = RFC_3339.exec(text);
  const ms = match === null ? NaN : Date.parse(`${match[1]}T${match[2]}${match[4]?.toUpperCase()}`);
  if (match === null || !Number.isFinite(ms)) {
    throw new ScouterError(
      "BAD_REQUEST",
      `${field} is "${text.slice(0, 64)}"; expected an RFC 3339 time such as 2026-01-31T12:00:00Z.`,
    );
  }
  return ms * 1000 + Number((match[3] ?? "").slice(0, 6).padEnd(6, "0"));
}

/** RFC 3339 in UTC with the fewest fractional digits (none, 3 or 6) that keep every microsecond. */
export function formatTimeUs(timeUs: number): string {
  const us = ((timeUs % 1_000_000) + 1_000_000) % 1_000_000;
  const seconds = new Date((timeUs - us) / 1000).toISOString().slice(0, -5);
  if (us === 0) return `${seconds}Z`;
  const digits = String(us).padStart(6, "0");
  return us % 1000 === 0 ? `${seconds}.${digits.slice(0, 3)}Z` : `${seconds}.${digits}Z`;
}
