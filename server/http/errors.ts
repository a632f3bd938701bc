/**
 * The one place where errors become HTTP responses.
 *
 * @module
 */

import { HTTPException } from "@hono/hono/http-exception";
import { type ErrorCode, ScouterError } from "../errors.ts";
import { getLogger } from "../telemetry/log.ts";

const logger = getLogger("http");

/** The HTTP status of each error code. */
export const STATUS_OF_CODE: Readonly<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  PERMISSION_DENIED: 403,
  ADMIN_REQUIRED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  RESOURCE_EXHAUSTED: 429,
  // nginx's "client closed request"; nobody is left to read it, but it shows in metrics.
  CANCELLED: 499,
  DEADLINE_EXCEEDED: 504,
  NOT_IMPLEMENTED: 501,
  UNAVAILABLE: 503,
  QUERY_ERROR: 500,
  INTERNAL_ERROR: 500,
};

/** The JSON body of an error. Absent members are left out, not null. */
export interface ErrorBody {
  error: string;
  code: ErrorCode;
  suggested_action?: string;
  retry?: boolean;
}

/**
 * Turns anything thrown into a {@linkcode ScouterError}. What is not one already becomes INTERNAL_ERROR with a
 * message that tells nothing of the inside; the original stays as its cause.
 */
export function toScouterError(thrown: unknown): ScouterError {
  if (thrown instanceof ScouterError) return thrown;
  if (thrown instanceof HTTPException && thrown.status < 500) {
    const code: ErrorCode = thrown.status === 401
      ? "UNAUTHORIZED"
      : thrown.status === 404
      ? "NOT_FOUND"
      : thrown.status === 413
      ? "PAYLOAD_TOO_LARGE"
      : "BAD_REQUEST";
    return new ScouterError(code, thrown.message || "The request could not be understood.");
  }
  if (thrown instanceof DOMException && thrown.name === "AbortError") {
    return new ScouterError("CANCELLED", "The client closed the request.", { cause: thrown });
  }
  return new ScouterError("INTERNAL_ERROR", "An internal error occurred; the server log has it.", {
    cause: thrown,
  });
}

/** The JSON body for an error. */
export function errorBody(error: ScouterError): ErrorBody {
  const body: ErrorBody = { error: error.message, code: error.code };
  if (error.suggestedAction !== undefined) body.suggested_action = error.suggestedAction;
  if (error.retry) body.retry = true;
  return body;
}

/** Whole seconds for `Retry-After`, or null when there is nothing to wait for. */
export function retryAfter(error: ScouterError): string | null {
  if (error.retryAfterSeconds !== undefined) {
    return String(Math.max(1, Math.ceil(error.retryAfterSeconds)));
  }
  const status = STATUS_OF_CODE[error.code];
  return error.retry && (status === 429 || status === 503) ? "1" : null;
}

/** Logs what only the operator may know. */
export function logServerError(error: ScouterError, requestId: string): void {
  if (STATUS_OF_CODE[error.code] < 500 || error.code === "NOT_IMPLEMENTED") return;
  logger.error("Request {requestId} failed with {code}: {message} {cause}", {
    requestId,
    code: error.code,
    message: error.message,
    cause: describeCause(error),
  });
}

function describeCause(error: ScouterError): string {
  const parts: string[] = [];
  for (let cause = error.cause; cause !== undefined && parts.length < 5;) {
    parts.push(cause instanceof Error ? cause.stack ?? cause.message : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return parts.join("\ncaused by: ");
}

/**
 * The response for anything a handler threw.
 *
 * @param thrown What was thrown.
 * @param requestId For the log line that keeps the cause.
 */
export function errorResponse(thrown: unknown, requestId = ""): Response {
  const error = toScouterError(thrown);
  logServerError(error, requestId);
  const headers = new Headers({ "content-type": "application/json" });
  const wait = retryAfter(error);
  if (wait !== null) headers.set("retry-after", wait);
  if (error.code === "UNAUTHORIZED") headers.set("www-authenticate", 'Bearer realm="scouter"');
  return new Response(JSON.stringify(errorBody(error)), {
    status: STATUS_OF_CODE[error.code],
    headers,
  });
}
