/** Stable codes of a {@linkcode DataError}. */
export type DataErrorCode =
  | "UNSUPPORTED_INPUT"
  | "MIXED_TYPES"
  | "BAD_VALUE"
  | "RAGGED"
  | "DUPLICATE_COLUMN"
  | "MISSING_COLUMN"
  | "EMPTY"
  | "FILE"
  | "MISSING_DEPENDENCY";

/**
 * Data that cannot be turned into columns, or a column that cannot be used as asked.
 *
 * @example
 * ```ts
 * import { DataError, toTable } from "./mod.ts";
 *
 * try {
 *   toTable([{ a: 1 }, { a: { nested: true } }]);
 * } catch (error) {
 *   if (error instanceof DataError) console.log(error.code); // "BAD_VALUE"
 * }
 * ```
 */
export class DataError extends Error {
  /** The class, for messages. */
  override readonly name = "DataError";
  /** What kind of mistake it was; stable across versions. */
  readonly code: DataErrorCode;

  /**
   * Makes an error.
   *
   * @param code the kind of mistake
   * @param message what was wrong, where, and what to do
   * @param options the cause, kept for logs
   */
  constructor(code: DataErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
