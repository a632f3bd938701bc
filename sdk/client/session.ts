/**
 * The credential of a connection, renewed when it ends.
 *
 * @module
 */

import { type Codec, float, object, optional, text } from "../records/codec.ts";
import type { Credentials } from "./config.ts";

/** What a server gives for a login. */
export interface Tokens {
  readonly token: string;
  readonly refresh_token?: string;
  readonly expires_in?: number;
}

/** {@linkcode Tokens} on the wire. */
export const TOKENS: Codec<Tokens> = object({
  token: text,
  refresh_token: optional(text),
  expires_in: optional(float),
});

/** Calls that need no credential. */
export interface TokenCalls {
  login(username: string, password: string): Promise<Tokens>;
  refresh(refreshToken: string): Promise<Tokens>;
  /** A new token for one that has ended, while its login lives. */
  renew(token: string): Promise<Tokens>;
}

/** A token that ends within this time is renewed before it is used. */
const MARGIN_MS = 30_000;

/** Holds the credential; several calls that find it ended renew it once. */
export class Session {
  readonly #credentials: Credentials;
  readonly #calls: TokenCalls;
  readonly #now: () => number;
  #token: string | null;
  #refreshToken: string | null = null;
  #expiresMs = Infinity;
  #renewing: Promise<void> | null = null;

  constructor(credentials: Credentials, calls: TokenCalls, now: () => number = Date.now) {
    this.#credentials = credentials;
    this.#calls = calls;
    this.#now = now;
    this.#token = credentials.kind === "api_key"
      ? credentials.key
      : credentials.kind === "token"
      ? credentials.token
      : null;
  }

  /** The refresh token of the login, if there is one. */
  get refreshToken(): string | null {
    return this.#refreshToken;
  }

  /** The token to send, after a login where one is needed; null when there is none. */
  async token(): Promise<string | null> {
    const wanting = this.#credentials.kind === "password" && this.#token === null;
    if (wanting || this.#expiresMs - this.#now() < MARGIN_MS) await this.#renewOnce();
    return this.#token;
  }

  /**
   * Gets another token after one was refused.
   *
   * @param refused the token that was sent
   * @returns whether there is another one to try
   */
  async replace(refused: string | null): Promise<boolean> {
    const { kind } = this.#credentials;
    if (kind === "none" || kind === "api_key") return false;
    if (this.#token === refused) await this.#renewOnce();
    return this.#token !== refused;
  }

  /** Forgets the login. */
  forget(): void {
    this.#token = null;
    this.#refreshToken = null;
    this.#expiresMs = Infinity;
  }

  #renewOnce(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => this.#renewing = null);
    return this.#renewing;
  }

  async #renew(): Promise<void> {
    const refreshToken = this.#refreshToken;
    // Used up by the attempt, however it ends.
    this.#refreshToken = null;
    if (refreshToken !== null) {
      const tokens = await this.#calls.refresh(refreshToken).catch(refusal);
      if (tokens !== null) return this.#keep(tokens);
    }
    if (this.#credentials.kind === "password") {
      const { username, password } = this.#credentials;
      return this.#keep(await this.#calls.login(username, password));
    }
    if (this.#token !== null) {
      const tokens = await this.#calls.renew(this.#token).catch(refusal);
      if (tokens !== null) this.#keep(tokens);
    }
  }

  #keep(tokens: Tokens): void {
    this.#token = tokens.token;
    this.#refreshToken = tokens.refresh_token ?? null;
    this.#expiresMs = tokens.expires_in === undefined
      ? Infinity
      : this.#now() + tokens.expires_in * 1_000;
  }
}

/** A refused token leaves the other ways open; anything else is the caller's to know. */
function refusal(error: unknown): null {
  if (error instanceof Error && "status" in error && error.status === 401) return null;
  throw error;
}
