/**
 * The error of calls to a server.
 *
 * @module
 */

/** Codes that arise on this side of the connection. */
export type LocalErrorCode =
  | "INVALID_ARGUMENT"
  | "INVALID_RESPONSE"
  | "NETWORK"
  | "TIMEOUT"
  | "UNEXPECTED_STATUS";

/** Codes that servers send. */
export type ServerErrorCode =
  | "ADMIN_REQUIRED"
  | "BAD_REQUEST"
  | "CANCELLED"
  | "CONFLICT"
  | "DEADLINE_EXCEEDED"
  | "INTERNAL_ERROR"
  | "NOT_FOUND"
  | "NOT_IMPLEMENTED"
  | "PAYLOAD_TOO_LARGE"
  | "PERMISSION_DENIED"
  | "PRECONDITION_FAILED"
  | "QUERY_ERROR"
  | "RATE_LIMITED"
  | "RESOURCE_EXHAUSTED"
  | "UNAUTHORIZED"
  | "UNAVAILABLE"
  | "UNSUPPORTED_MEDIA_TYPE";

/** Stable codes of a {@linkcode ClientError}; a newer server may send others. */
export type ClientErrorCode = LocalErrorCode | ServerErrorCode | (string & Record<never, never>);

/** What a {@linkcode ClientError} is made from. */
export interface ClientErrorOptions extends ErrorOptions {
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  /** What to do about it. */
  readonly suggestion?: string | undefined;
  /** Whether the same call may succeed later. */
  readonly retry?: boolean | undefined;
  /** Milliseconds the server asks to wait. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A call that failed.
 *
 * @example
 * ```ts
 * import { ClientError, ScouterClient } from "@scouter/sdk/client";
 *
 * try {
 *   await ScouterClient.connect({ serverUri: "not an address" });
 * } catch (error) {
 *   if (error instanceof ClientError) console.log(error.code); // "INVALID_ARGUMENT"
 * }
 * ```
 */
export class ClientError extends Error {
  /** The class, for messages. */
  override readonly name = "ClientError";
  /** What went wrong, for programs. */
  readonly code: ClientErrorCode;
  /** HTTP status of the answer; undefined when there was none. */
  readonly status: number | undefined;
  /** What to do about it, for people. */
  readonly suggestion: string | undefined;
  /** Whether the same call may succeed later. */
  readonly retry: boolean;
  /** Milliseconds the server asks to wait; undefined when it does not say. */
  readonly retryAfterMs: number | undefined;

  /**
   * Makes an error.
   *
   * @param code what went wrong, for programs
   * @param message what went wrong, for people
   * @param options status, suggestion, and whether to try again
   */
  constructor(code: ClientErrorCode, message: string, options: ClientErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status;
    this.suggestion = options.suggestion;
    this.retry = options.retry ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The error that an answer with a bad status stands for. */
export async function errorOfResponse(what: string, response: Response): Promise<ClientError> {
  const { status } = response;
  const body = errorBody(await response.text());
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  return new ClientError(
    body.code ?? "UNEXPECTED_STATUS",
    `${what}: ${body.error ?? `status ${status}`}`,
    {
      status,
      suggestion: body.suggestion,
      retry: body.retry || [429, 502, 503, 504].includes(status),
      ...(seconds >= 0 ? { retryAfterMs: seconds * 1_000 } : {}),
    },
  );
}

interface ErrorBody {
  readonly error?: string;
  readonly code?: string;
  readonly suggestion?: string;
  readonly retry: boolean;
}

function errorBody(text: string): ErrorBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // A proxy's page, or nothing at all: the status says what there is to say.
    return { retry: false };
  }
  if (typeof value !== "object" || value === null) return { retry: false };
  const member = (name: string): string | undefined => {
    const found: unknown = Reflect.get(value, name);
    return typeof found === "string" ? found : undefined;
  };
  const error = member("error") ?? member("message");
  const code = member("code");
  const suggestion = member("suggested_action");
  return {
    ...(error === undefined ? {} : { error }),
    ...(code === undefined ? {} : { code }),
    ...(suggestion === undefined ? {} : { suggestion }),
    retry: Reflect.get(value, "retry") === true,
  };
}
