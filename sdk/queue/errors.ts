/**
 * Errors of queues.
 *
 * @module
 */

/** What went wrong, for programs. */
export type QueueErrorCode =
  | "INVALID_ARGUMENT"
  | "INVALID_PROFILE"
  | "SPILL_FAILED"
  | "STARTUP_FAILED"
  | "UNKNOWN_ALIAS"
  | "UNSUPPORTED_RUNTIME";

/**
 * A queue that cannot be made or found.
 *
 * @example
 * ```ts
 * import { MockTransport, QueueError, ScouterQueue } from "@scouter/sdk/queue";
 *
 * const queue = await ScouterQueue.fromProfile({}, { transport: new MockTransport() });
 * try {
 *   queue.get("triage");
 * } catch (error) {
 *   if (error instanceof QueueError) console.log(error.code); // "UNKNOWN_ALIAS"
 * }
 * ```
 */
export class QueueError extends Error {
  /** The class, for messages. */
  override readonly name = "QueueError";
  /** What went wrong, for programs. */
  readonly code: QueueErrorCode;

  /**
   * Makes an error.
   *
   * @param code what went wrong, for programs
   * @param message what went wrong and the way out, for people
   * @param options the cause
   */
  constructor(code: QueueErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
