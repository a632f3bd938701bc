/**
 * Finds the credential in a request's headers. The same for HTTP, Connect and gRPC, whose metadata are headers.
 *
 * @module
 */

/** What a caller showed. */
export type Credential =
  | { readonly kind: "none" }
  | { readonly kind: "malformed"; readonly reason: string }
  | { readonly kind: "api_key"; readonly key: string }
  | { readonly kind: "token"; readonly token: string };

/** Anything that answers like `Headers`. */
export interface HeaderSource {
  get(name: string): string | null;
}

/** Every API key begins so. */
export const API_KEY_PREFIX = "sk_";

/** Longer than any credential of ours. */
const MAX_LENGTH = 16_384;

/** Reads `Authorization: Bearer`, else `x-api-key`, else the cookie `access_token`. */
export function readCredential(headers: HeaderSource): Credential {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const bearer = authorization.length > MAX_LENGTH
      ? null
      : /^bearer +(\S+)$/i.exec(authorization);
    const token = bearer?.[1];
    return token === undefined
      ? {
        kind: "malformed",
        reason: "The Authorization header is not of the form `Bearer <token>`.",
      }
      : credentialOf(token);
  }
  const key = headers.get("x-api-key");
  if (key !== null) {
    return key.startsWith(API_KEY_PREFIX) && key.length < MAX_LENGTH
      ? { kind: "api_key", key }
      : { kind: "malformed", reason: "The x-api-key header is not an API key (sk_…)." };
  }
  const cookie = headers.get("cookie");
  const fromCookie = cookie === null || cookie.length > MAX_LENGTH
    ? undefined
    : /(?:^|;\s*)access_token=([^;\s]+)/.exec(cookie)?.[1];
  // Browsers attach cookies to requests that other sites make: those do not count.
  return fromCookie === undefined || isCrossSite(headers)
    ? { kind: "none" }
    : credentialOf(fromCookie);
}

function credentialOf(token: string): Credential {
  return token.startsWith(API_KEY_PREFIX)
    ? { kind: "api_key", key: token }
    : { kind: "token", token };
}

function isCrossSite(headers: HeaderSource): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = headers.get("origin");
  if (origin === null) return false;
  return !URL.canParse(origin) || new URL(origin).host !== headers.get("host");
}
