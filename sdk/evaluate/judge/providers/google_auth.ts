/**
 * Access tokens for Google service accounts (RFC 7523: a signed assertion is exchanged for a
 * token).
 *
 * @module
 */

import { EvaluationError } from "../../errors.ts";
import { isJsonObject, type JsonValue } from "../../json.ts";

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
/** Renewed this long before it ends, in milliseconds. */
const MARGIN_MS = 60_000;

const tokens = new Map<string, { readonly token: string; readonly untilMs: number }>();

/**
 * A token for a service account.
 *
 * @param account the account's key file in base64
 * @param fetcher how to reach Google
 * @returns an access token, from memory while it is valid
 * @throws EvaluationError `NOT_CONFIGURED` when the key file is not one, `PROVIDER_ERROR` when
 * Google refuses
 */
export async function serviceAccountToken(
  account: string,
  fetcher: typeof fetch = fetch,
): Promise<string> {
  const known = tokens.get(account);
  if (known !== undefined && known.untilMs > Date.now()) return known.token;
  const { email, key, uri } = readAccount(account);
  const { importPKCS8, SignJWT } = await import("jose");
  const assertion = await new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setIssuer(email).setAudience(uri).setIssuedAt().setExpirationTime("1h")
    .sign(await importPKCS8(key, "RS256"));
  const response = await fetcher(uri, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion,
    }),
  });
  const answer = await response.json() as JsonValue;
  if (!response.ok || !isJsonObject(answer) || typeof answer.access_token !== "string") {
    throw new EvaluationError(
      "PROVIDER_ERROR",
      `Google did not give a token for ${email}: HTTP ${response.status}`,
    );
  }
  const lifetimeMs = (typeof answer.expires_in === "number" ? answer.expires_in : 3600) * 1000;
  tokens.set(account, {
    token: answer.access_token,
    untilMs: Date.now() + lifetimeMs - MARGIN_MS,
  });
  return answer.access_token;
}

function readAccount(account: string): { email: string; key: string; uri: string } {
  let file: JsonValue = null;
  try {
    file = JSON.parse(atob(account)) as JsonValue;
  } catch (error) {
    throw new EvaluationError(
      "NOT_CONFIGURED",
      "GOOGLE_ACCOUNT_JSON_BASE64 is not JSON in base64",
      {
        cause: error,
      },
    );
  }
  if (
    !isJsonObject(file) || typeof file.client_email !== "string" ||
    typeof file.private_key !== "string"
  ) {
    throw new EvaluationError(
      "NOT_CONFIGURED",
      'GOOGLE_ACCOUNT_JSON_BASE64 lacks "client_email" or "private_key"',
    );
  }
  const uri = typeof file.token_uri === "string"
    ? file.token_uri
    : "https://oauth2.googleapis.com/token";
  return { email: file.client_email, key: file.private_key, uri };
}
