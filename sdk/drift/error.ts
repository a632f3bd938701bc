/** Stable codes of a {@linkcode DriftError}. */
export type DriftErrorCode =
  | "INVALID_CONFIG"
  | "INVALID_PROFILE"
  | "INVALID_SCHEDULE"
  | "UNKNOWN_FEATURE"
  | "WRONG_TYPE"
  | "NOT_ENOUGH_DATA"
  | "NOT_ENOUGH_BINS"
  | "TOO_MANY_BINS"
  | "NOT_IMPLEMENTED"
  | "FILE";

/**
 * A drift configuration, profile or data set that cannot be used as asked.
 *
 * @example
 * ```ts
 * import { DriftError, quantileBinning } from "./mod.ts";
 *
 * try {
 *   quantileBinning(1);
 * } catch (error) {
 *   if (error instanceof DriftError) console.log(error.code); // "INVALID_CONFIG"
 * }
 * ```
 */
export class DriftError extends Error {
  /** The class, for messages. */
  override readonly name = "DriftError";
  /** What kind of mistake it was; stable across versions. */
  readonly code: DriftErrorCode;

  /**
   * Makes an error.
   *
   * @param code the kind of mistake
   * @param message what was wrong, where, and what to do
   * @param options the cause, kept for logs
   */
  constructor(code: DriftErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
