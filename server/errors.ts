/**
 * The one error type of the server. Layers throw it; `http/errors.ts` and `rpc/errors.ts` translate it, each in
 * one place.
 *
 * @module
 */

/** Stable machine-readable error codes, shared by HTTP bodies and RPC details. */
export type ErrorCode =
  | "BAD_REQUEST"
  | "UNAUTHORIZED"
  | "PERMISSION_DENIED"
  | "ADMIN_REQUIRED"
  | "NOT_FOUND"
  | "CONFLICT"
  | "PRECONDITION_FAILED"
  | "PAYLOAD_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "RATE_LIMITED"
  | "RESOURCE_EXHAUSTED"
  | "CANCELLED"
  | "DEADLINE_EXCEEDED"
  | "NOT_IMPLEMENTED"
  | "UNAVAILABLE"
  | "QUERY_ERROR"
  | "INTERNAL_ERROR";

/** What a {@linkcode ScouterError} may carry besides its code and message. */
export interface ScouterErrorOptions extends ErrorOptions {
  /** What the caller can do about it, one sentence. */
  suggestedAction?: string;
  /** Whether the same request may succeed later. */
  retry?: boolean;
  /** How long to wait before trying again, in seconds (sent as `Retry-After` and `RetryInfo`). */
  retryAfterSeconds?: number;
}

/**
 * An error a caller can act on. The message names what was wrong, where, and what to do; the `cause` is for the
 * log and never leaves the process.
 */
export class ScouterError extends Error {
  override readonly name = "ScouterError";
  readonly code: ErrorCode;
  readonly suggestedAction: string | undefined;
  readonly retry: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ScouterErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.suggestedAction = options.suggestedAction;
    this.retry = options.retry ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
