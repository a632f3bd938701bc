/**
 * Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256, valid for an hour.
 *
 * @module
 */

import { errors, jwtVerify, SignJWT } from "jose";
import { randomBytes } from "node:crypto";
import { z } from "zod";

/** How long an access token is valid. */
export const ACCESS_TOKEN_SECONDS = 3600;
/** How far the clocks of two processes may differ. */
const LEEWAY_SECONDS = 60;
/** Longer ones are not even looked at. */
const MAX_TOKEN_LENGTH = 16_384;

const Claims = z.object({
  sub: z.string().min(1),
  exp: z.number().int(),
  permissions: z.array(z.string()),
  group_permissions: z.array(z.string()),
  salt: z.string(),
  sid: z.string().optional(),
});

/** Whose token it is. */
export interface TokenSubject {
  readonly username: string;
  readonly permissions: readonly string[];
  readonly groupPermissions: readonly string[];
  /** The login it belongs to; none for the local user. */
  readonly sessionId?: string;
}

/** A token with a true signature. */
export interface VerifiedToken {
  readonly username: string;
  readonly sessionId: string | undefined;
  /** When it expires, in seconds since the epoch. */
  readonly expiresAtSeconds: number;
  readonly expired: boolean;
}

/** Issues and checks access tokens. */
export class AccessTokens {
  readonly #key: Uint8Array<ArrayBuffer>;
  readonly #now: () => Date;

  /** @param secret The key is the bytes of this text. */
  constructor(secret: string, now: () => Date = () => new Date()) {
    this.#key = new TextEncoder().encode(secret);
    this.#now = now;
  }

  issue(subject: TokenSubject): Promise<string> {
    return new SignJWT({
      permissions: [...subject.permissions],
      group_permissions: [...subject.groupPermissions],
      salt: randomBytes(8).toString("hex"),
      ...(subject.sessionId === undefined ? {} : { sid: subject.sessionId }),
    })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setSubject(subject.username)
      .setExpirationTime(Math.floor(this.#now().getTime() / 1000) + ACCESS_TOKEN_SECONDS)
      .sign(this.#key);
  }

  /** The token's content, also when it has expired; undefined when it is not one of ours. */
  async verify(token: string): Promise<VerifiedToken | undefined> {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    let payload: unknown;
    try {
      // Expiry is looked at below: an expired token still says which login it belongs to.
      const result = await jwtVerify(token, this.#key, {
        algorithms: ["HS256"],
        currentDate: new Date(0),
      });
      payload = result.payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
    const claims = Claims.safeParse(payload);
    if (!claims.success) return undefined;
    const nowSeconds = this.#now().getTime() / 1000;
    return {
      username: claims.data.sub,
      sessionId: claims.data.sid,
      expiresAtSeconds: claims.data.exp,
      expired: claims.data.exp + LEEWAY_SECONDS < nowSeconds,
    };
  }
}
