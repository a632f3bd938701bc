/**
 * UUIDs as they appear in attribute values.
 *
 * @module
 */

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;

/** The hyphenated lowercase form of a UUID given hyphenated or as 32 hex digits; null when it is neither. */
export function normaliseUuid(text: string): string | null {
  if (text.length !== 36 && text.length !== 32) return null;
  const parts = UUID.exec(text.toLowerCase());
  return parts === null ? null : parts.slice(1).join("-");
}
