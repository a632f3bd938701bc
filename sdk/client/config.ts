/**
 * Where the server is and who calls.
 *
 * @module
 */

import { environment } from "../runtime/mod.ts";
import { ClientError } from "./errors.ts";

/**
 * A server over HTTP. Credentials are, in this order: an API key, a token, a user name with a password; none where the
 * server asks for no login.
 */
export interface HttpConfig {
  /** Address of the server; else `SCOUTER_SERVER_URI`, else `http://localhost:8000`. */
  readonly serverUri?: string;
  /** An API key (`sk_…`); else `SCOUTER_API_KEY`. */
  readonly apiKey?: string;
  /** An access token; else `SCOUTER_AUTH_TOKEN`. */
  readonly authToken?: string;
  /** A user's name; else `SCOUTER_USERNAME`. */
  readonly username?: string;
  /** The user's password; else `SCOUTER_PASSWORD`. */
  readonly password?: string;
}

/** A {@linkcode HttpConfig} with the environment looked up. */
export interface ResolvedHttpConfig {
  /** Address without a slash at its end. */
  readonly baseUrl: string;
  readonly credentials: Credentials;
}

/** Who calls. */
export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "api_key"; readonly key: string }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "password"; readonly username: string; readonly password: string };

/** Completes a configuration. @throws {ClientError} `INVALID_ARGUMENT` */
export function resolveHttpConfig(config: HttpConfig): ResolvedHttpConfig {
  const uri = config.serverUri ?? environment("SCOUTER_SERVER_URI") ?? "http://localhost:8000";
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new ClientError(
      "INVALID_ARGUMENT",
      `serverUri "${uri}" is not an address such as http://localhost:8000`,
    );
  }
  return { baseUrl: url.href.replace(/\/+$/, ""), credentials: credentialsOf(config) };
}

/** Who calls: what is given, else the environment. @throws {ClientError} `INVALID_ARGUMENT` for half a login */
export function credentialsOf(config: HttpConfig): Credentials {
  // What is given beats the environment, whichever kind it is of.
  return given(config) ?? given({
    apiKey: environment("SCOUTER_API_KEY"),
    authToken: environment("SCOUTER_AUTH_TOKEN"),
    username: environment("SCOUTER_USERNAME"),
    password: environment("SCOUTER_PASSWORD"),
  }) ?? { kind: "none" };
}

type Given = { readonly [K in keyof HttpConfig]?: string | undefined };

function given({ apiKey, authToken, username, password }: Given): Credentials | null {
  if (apiKey !== undefined) return { kind: "api_key", key: apiKey };
  if (authToken !== undefined) return { kind: "token", token: authToken };
  if (username === undefined && password === undefined) return null;
  if (username === undefined || password === undefined) {
    throw new ClientError(
      "INVALID_ARGUMENT",
      `${username === undefined ? "username" : "password"} is missing: a login needs both`,
    );
  }
  return { kind: "password", username, password };
}
