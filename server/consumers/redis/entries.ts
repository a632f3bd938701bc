/**
 * Entries of a stream, as Redis answers them.
 *
 * @module
 */

/** An entry. */
export interface StreamEntry {
  readonly id: string;
  /** Names and values in turn; null for an entry that is no longer in the stream. */
  readonly fields: readonly Buffer[] | null;
}

/** Field names under which producers put a message, besides any name when it is the only field. */
const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["message", "payload"]);

/** Reads `[[id, [name, value, …]], …]`; anything else is skipped. */
export function parseEntries(answer: unknown): StreamEntry[] {
  if (!Array.isArray(answer)) return [];
  return answer.flatMap((entry: unknown) => {
    if (!Array.isArray(entry)) return [];
    const [id, fields]: unknown[] = entry;
    if (!Buffer.isBuffer(id)) return [];
    return [{
      id: id.toString(),
      fields: Array.isArray(fields) ? fields.filter((field) => Buffer.isBuffer(field)) : null,
    }];
  });
}

/**
 * Reads the answer of XREADGROUP on one stream: null when the wait was in vain, else `[[key, entries]]` in RESP2 and the
 * map `[key, entries]` in RESP3.
 */
export function parseRead(answer: unknown): StreamEntry[] {
  if (!Array.isArray(answer)) return [];
  const [first, second]: unknown[] = answer;
  return parseEntries(Array.isArray(first) ? first[1] : second);
}

/** The value of a field; undefined when there is none. */
export function fieldOf(fields: readonly Buffer[], name: string): Buffer | undefined {
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (fields[i]?.toString().toLowerCase() === name) return fields[i + 1];
  }
  return undefined;
}

/** The message of an entry: its field `message`, or its only field. Empty when there is neither. */
export function messageOf(fields: readonly Buffer[]): Buffer {
  for (const name of MESSAGE_FIELDS) {
    const value = fieldOf(fields, name);
    if (value !== undefined) return value;
  }
  return fields.length === 2 ? fields[1] ?? Buffer.alloc(0) : Buffer.alloc(0);
}
