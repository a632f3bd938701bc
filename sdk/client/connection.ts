/**
 * Calls over HTTP: credentials, time limits, retries, and answers that are checked.
 *
 * @module
 */

import { type Codec, inside } from "../records/codec.ts";
import { RecordError } from "../records/error.ts";
import { type Backoff, backoffMs, sleep } from "./backoff.ts";
import { type HttpConfig, resolveHttpConfig } from "./config.ts";
import { ClientError, errorOfResponse } from "./errors.ts";
import { Session, TOKENS, type Tokens } from "./session.ts";

/** How calls are made. */
export interface ConnectionOptions extends HttpConfig {
  /** Milliseconds for a call with all its retries; 60,000 by default. */
  readonly timeoutMs?: number;
  /** Further attempts for calls that may be made twice; 3 by default. */
  readonly retries?: number;
  /** Headers of every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Another `fetch`, for proxies and tests. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Options of a single call. */
export interface CallOptions {
  /** Ends the call; it then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds for the call with all its retries. */
  readonly timeoutMs?: number;
}

/** One call. */
export interface Call<T> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the server's address. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** JSON text. */
  readonly body?: string;
  /** Whether the call may be made twice; GET always may. */
  readonly repeatable?: boolean;
  readonly answer: Codec<T>;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const BACKOFF: Backoff = { firstMs: 200, maxMs: 5_000 };

/** A connection to a server; made once and used by many calls at a time. */
export class Connection {
  readonly #baseUrl: string;
  readonly #options: ConnectionOptions;
  readonly #session: Session;

  /** @throws {ClientError} `INVALID_ARGUMENT` for an unusable address or half a login */
  constructor(options: ConnectionOptions) {
    const { baseUrl, credentials } = resolveHttpConfig(options);
    this.#baseUrl = baseUrl;
    this.#options = options;
    this.#session = new Session(credentials, {
      login: (username, password) => this.#tokens("POST", "login", { username, password }),
      refresh: (token) => this.#tokens("POST", "refresh", { refresh_token: token }),
      renew: (token) => this.#tokens("GET", "refresh", null, token),
    });
  }

  /** The login of this connection. */
  get session(): Session {
    return this.#session;
  }

  /**
   * Makes a call.
   *
   * @returns the checked answer
   * @throws {ClientError} when the server refuses, cannot be reached, answers too late or not as agreed
   */
  request<T>(call: Call<T>, options: CallOptions = {}): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return limited(`${call.method} ${call.path}`, timeoutMs, options.signal, async (signal) => {
      const response = await this.#attempts(call, signal);
      return await readAnswer(call, response);
    });
  }

  async #attempts(call: Call<unknown>, signal: AbortSignal): Promise<Response> {
    const repeatable = call.repeatable ?? call.method === "GET";
    const retries = this.#options.retries ?? 3;
    let renewed = false;
    for (let attempt = 0;;) {
      const outcome = await this.#attempt(call, signal, !renewed);
      if (outcome === "renewed") {
        renewed = true;
        continue;
      }
      if (outcome instanceof Response) return outcome;
      // 429 tells that nothing was done, so that every call may be made again.
      const again = outcome.status === 429 || (repeatable && outcome.retry);
      if (!again || attempt >= retries || signal.aborted) throw outcome;
      const pauseMs = backoffMs(attempt++, BACKOFF, Math.random());
      await sleep(Math.max(pauseMs, outcome.retryAfterMs ?? 0), signal);
      if (signal.aborted) throw outcome;
    }
  }

  /** One attempt: an answer, an error, or a new token to try with. */
  async #attempt(
    call: Call<unknown>,
    signal: AbortSignal,
    mayRenew: boolean,
  ): Promise<Response | ClientError | "renewed"> {
    const what = `${call.method} ${call.path}`;
    try {
      const token = await this.#session.token();
      const response = await this.#fetch(call, token, signal);
      if (response.ok) return response;
      const error = await errorOfResponse(what, response);
      const renew = error.status === 401 && mayRenew && await this.#session.replace(token);
      return renew ? "renewed" : error;
    } catch (error) {
      return error instanceof ClientError ? error : networkError(what, error);
    }
  }

  #fetch(
    call: Omit<Call<unknown>, "answer">,
    token: string | null,
    signal: AbortSignal,
  ): Promise<Response> {
    const url = new URL(this.#baseUrl + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const send = this.#options.fetch ?? globalThis.fetch;
    return send(url, {
      method: call.method,
      headers: {
        accept: "application/json",
        ...this.#options.headers,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      signal,
      ...(call.body === undefined ? {} : { body: call.body }),
    });
  }

  /** Calls about tokens carry their own credential, and are made once: a refresh token works once. */
  #tokens(
    method: "GET" | "POST",
    name: string,
    body: object | null,
    token: string | null = null,
  ): Promise<Tokens> {
    const call: Call<Tokens> = {
      method,
      path: `/scouter/auth/${name}`,
      answer: TOKENS,
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    };
    const what = `${method} ${call.path}`;
    const timeoutMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return limited(what, timeoutMs, undefined, async (signal) => {
      const response = await this.#fetch(call, token, signal).catch((error: unknown) => {
        throw networkError(what, error);
      });
      if (!response.ok) throw await errorOfResponse(what, response);
      return await readAnswer(call, response);
    });
  }
}

function networkError(what: string, cause: unknown): ClientError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new ClientError("NETWORK", `${what}: ${detail}`, {
    cause,
    retry: true,
    suggestion: "Check that the server runs at this address and can be reached from here.",
  });
}

async function readAnswer<T>(call: Call<T>, response: Response): Promise<T> {
  const what = `${call.method} ${call.path}`;
  try {
    const value: unknown = await response.json();
    return inside("answer", () => call.answer.read(value));
  } catch (cause) {
    if (!(cause instanceof RecordError) && !(cause instanceof SyntaxError)) {
      throw networkError(what, cause);
    }
    throw new ClientError("INVALID_RESPONSE", `${what}: ${cause.message}`, {
      cause,
      status: response.status,
      suggestion: "Check that the address is a Scouter server of a version this client knows.",
    });
  }
}

/** Runs work that ends with the time limit or the caller's signal, whichever comes first. */
async function limited<T>(
  what: string,
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, timeoutMs);
  const forward = () => controller.abort(outer?.reason);
  outer?.addEventListener("abort", forward);
  // Work that does not look at the signal, such as another call's login, must not hold this one.
  const ended = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
  });
  ended.catch(() => {});
  try {
    return await Promise.race([work(controller.signal), ended]);
  } catch (error) {
    outer?.throwIfAborted();
    if (!late) throw error;
    throw new ClientError("TIMEOUT", `${what}: no answer within ${timeoutMs} ms`, {
      cause: error,
      retry: true,
      suggestion: "Give timeoutMs more time, or ask for less.",
    });
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", forward);
  }
}
