/**
 * The one place where errors become RPC statuses.
 *
 * @module
 */

import { Code, ConnectError } from "@connectrpc/connect";
import type { ErrorCode, ScouterError } from "../errors.ts";
import { logServerError, retryAfter, toScouterError } from "../http/errors.ts";

/** The RPC status of each error code. */
export const RPC_CODE_OF_CODE: Readonly<Record<ErrorCode, Code>> = {
  BAD_REQUEST: Code.InvalidArgument,
  UNAUTHORIZED: Code.Unauthenticated,
  PERMISSION_DENIED: Code.PermissionDenied,
  ADMIN_REQUIRED: Code.PermissionDenied,
  NOT_FOUND: Code.NotFound,
  CONFLICT: Code.AlreadyExists,
  PRECONDITION_FAILED: Code.FailedPrecondition,
  PAYLOAD_TOO_LARGE: Code.ResourceExhausted,
  UNSUPPORTED_MEDIA_TYPE: Code.InvalidArgument,
  RATE_LIMITED: Code.ResourceExhausted,
  RESOURCE_EXHAUSTED: Code.ResourceExhausted,
  CANCELLED: Code.Canceled,
  DEADLINE_EXCEEDED: Code.DeadlineExceeded,
  NOT_IMPLEMENTED: Code.Unimplemented,
  UNAVAILABLE: Code.Unavailable,
  QUERY_ERROR: Code.Internal,
  INTERNAL_ERROR: Code.Internal,
};

/** Message and way out in one line, for protocols that carry a single text. */
export function rpcMessage(error: ScouterError): string {
  return error.suggestedAction === undefined
    ? error.message
    : `${error.message} ${error.suggestedAction}`;
}

/**
 * The ConnectError for anything a handler threw. The stable code travels in the metadata `x-scouter-error-code`, a
 * wait in `retry-after`.
 *
 * @param thrown What was thrown; a ConnectError passes unchanged.
 * @param requestId For the log line that keeps the cause.
 */
export function toConnectError(thrown: unknown, requestId = ""): ConnectError {
  if (thrown instanceof ConnectError) return thrown;
  const error = toScouterError(thrown);
  logServerError(error, requestId);
  const metadata: Record<string, string> = { "x-scouter-error-code": error.code };
  const wait = retryAfter(error);
  if (wait !== null) metadata["retry-after"] = wait;
  return new ConnectError(rpcMessage(error), RPC_CODE_OF_CODE[error.code], metadata);
}
