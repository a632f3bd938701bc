/**
 * Messages over HTTP.
 *
 * @module
 */

import { ACKNOWLEDGEMENT } from "../client/accounts.ts";
import { Connection, type ConnectionOptions } from "../client/connection.ts";
import { ClientError } from "../client/errors.ts";
import { json } from "../records/codec.ts";
import { type Transport, TransportError } from "./transport.ts";

/** Refusals that stay what they are however often the message comes. */
const FINAL: ReadonlySet<number> = new Set([400, 403, 404, 405, 413, 415, 422, 501]);

/**
 * Posts messages to a server, with the same login as a client.
 *
 * @example
 * ```ts
 * import { HttpTransport } from "@scouter/sdk/queue";
 *
 * const transport = new HttpTransport({ serverUri: "http://localhost:8000", apiKey: "sk_…" });
 * console.log(transport.name); // "http"
 * ```
 */
export class HttpTransport implements Transport {
  /** For people. */
  readonly name = "http";
  readonly #connection: Connection;

  /**
   * Makes a transport.
   *
   * @param options where the server is, who calls, and how
   * @throws {ClientError} `INVALID_ARGUMENT` for an unusable address or half a login
   */
  constructor(options: ConnectionOptions = {}) {
    // The queue repeats by itself, and longer than one call would.
    this.#connection = new Connection({ ...options, retries: 0 });
  }

  /** Checks that the server is there and accepts the caller. */
  async connect(signal: AbortSignal): Promise<void> {
    const path = "/scouter/auth/validate";
    await translated(
      signal,
      this.#connection.request({ method: "GET", path, answer: json }, { signal }),
    );
  }

  /** Posts a message; resolves when the server has stored it. */
  async send(message: string, signal: AbortSignal): Promise<void> {
    const call = { method: "POST", path: "/scouter/message", body: message } as const;
    await translated(
      signal,
      this.#connection.request({ ...call, answer: ACKNOWLEDGEMENT }, { signal }),
    );
  }
}

async function translated(signal: AbortSignal, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (cause) {
    if (signal.aborted || !(cause instanceof ClientError)) throw cause;
    const way = cause.suggestion === undefined ? "" : ` (${cause.suggestion})`;
    throw new TransportError(`${cause.message}${way}`, {
      cause,
      // A wrong password may be put right and a proxy may come back; a bad message stays bad.
      retry: cause.status === undefined || !FINAL.has(cause.status),
      retryAfterMs: cause.retryAfterMs,
    });
  }
}
