/**
 * Errors of tracing.
 *
 * @module
 */

/** What went wrong, for programs. */
export type TracingErrorCode =
  | "not_initialised"
  | "no_active_span"
  | "invalid_argument"
  | "provider_taken"
  | "queue_missing"
  | "export_failed";

/**
 * An error of tracing, with a stable code.
 *
 * @example
 * ```ts
 * import { getTracer, TracingError } from "@scouter/sdk/tracing";
 *
 * try {
 *   getTracer("shop");
 * } catch (error) {
 *   if (error instanceof TracingError) console.log(error.code); // "not_initialised"
 * }
 * ```
 */
export class TracingError extends Error {
  /** What went wrong, for programs. */
  readonly code: TracingErrorCode;

  /**
   * Makes an error.
   *
   * @param code What went wrong, for programs
   * @param message What went wrong and the way out, for people
   * @param options The cause
   */
  constructor(code: TracingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TracingError";
    this.code = code;
  }
}
