/**
 * The error of records that cannot be read or written.
 *
 * @module
 */

/** Stable codes of a {@linkcode RecordError}. */
export type RecordErrorCode = "INVALID_RECORD";

const MAX_SHOWN = 80;

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  let text: string;
  try {
    text = JSON.stringify(value) ?? typeof value;
  } catch {
    // A cycle or a bigint inside: its type is all that can be said.
    text = typeof value;
  }
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/**
 * A record that is not what it should be, with the place where.
 *
 * @example
 * ```ts
 * import { parseMessage, RecordError } from "@scouter/sdk/records";
 *
 * try {
 *   parseMessage({ records: [{ Spc: { uid: 7 } }] });
 * } catch (error) {
 *   if (error instanceof RecordError) console.log(error.path); // "message.records[0].Spc.created_at"
 * }
 * ```
 */
export class RecordError extends Error {
  /** The class, for messages. */
  override readonly name = "RecordError";
  /** Stable across versions. */
  readonly code: RecordErrorCode = "INVALID_RECORD";
  /** Where in the document, for example `message.records[0].Spc.value`. */
  readonly path: string;
  /** What should stand there. */
  readonly expected: string;
  /** What stands there. */
  readonly found: unknown;

  /**
   * Makes an error.
   *
   * @param path where in the document
   * @param expected what should stand there
   * @param found what stands there
   */
  constructor(path: string, expected: string, found: unknown) {
    super(`${path} must be ${expected}, got ${shown(found)}`);
    this.path = path;
    this.expected = expected;
    this.found = found;
  }
}
