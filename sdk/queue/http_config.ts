/**
 * Where a server is that is reached over HTTP.
 *
 * @module
 */

import { credentialsOf, type HttpConfig as Settings, resolveHttpConfig } from "../client/config.ts";
import { HttpTransport } from "./http_transport.ts";
import type { TransportConfig } from "./transport.ts";

/**
 * Settings of an {@linkcode HttpTransport}, from the environment where they are not given. A client takes them too.
 *
 * @example
 * ```ts
 * import { HttpConfig } from "@scouter/sdk/queue";
 *
 * const config = new HttpConfig({ serverUri: "http://localhost:8000", apiKey: "sk_…" });
 * console.log(config.transportType, config.serverUri); // "Http" "http://localhost:8000"
 * ```
 */
export class HttpConfig implements TransportConfig, Settings {
  /** Tells the kinds of transport apart. */
  readonly transportType = "Http";
  /** Address of the server. */
  readonly serverUri: string;
  /** The API key; absent without one. */
  declare readonly apiKey?: string;
  /** The access token; absent without one, or with an API key. */
  declare readonly authToken?: string;
  /** The user's name; absent without a user, or with one of the others. */
  declare readonly username?: string;
  /** The user's password; absent without a user. */
  declare readonly password?: string;
  /** Longest time in milliseconds for a call; absent for the default. */
  declare readonly timeoutMs?: number;

  /**
   * Looks settings up.
   *
   * @throws {ClientError} `INVALID_ARGUMENT` for an unusable address or half a login
   */
  constructor(options: Settings & { readonly timeoutMs?: number } = {}) {
    this.serverUri = resolveHttpConfig(options).baseUrl;
    const who = credentialsOf(options);
    if (who.kind === "api_key") this.apiKey = who.key;
    if (who.kind === "token") this.authToken = who.token;
    if (who.kind === "password") {
      this.username = who.username;
      this.password = who.password;
    }
    if (options.timeoutMs !== undefined) this.timeoutMs = options.timeoutMs;
  }

  /** Makes the transport. */
  createTransport(): HttpTransport {
    return new HttpTransport(this);
  }
}
