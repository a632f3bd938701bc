/**
 * Logins: access and refresh tokens.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import type { SessionRepository } from "../db/sessions.ts";
import type { UserRepository, UserRow } from "../db/users.ts";
import type { AccessTokens, VerifiedToken } from "./access_tokens.ts";
import { keyedTokenHash, randomToken } from "./opaque_tokens.ts";

/** How long a login lives without being used to refresh. */
export const REFRESH_SECONDS = 24 * 3600;
/** How long it lives at most. */
const SESSION_SECONDS = 30 * 24 * 3600;
/** Within this time a replaced refresh token is taken for a lost race, after it for a theft. */
const REUSE_GRACE_MS = 10_000;

/** What a login or refresh hands out. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly user: UserRow;
}

/** What sessions are made of. */
export interface SessionsDeps {
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly tokens: AccessTokens;
  readonly refreshSecret: string;
  readonly now: () => Date;
}

/** Opens, prolongs and ends logins. Inactive users have none. */
export class Sessions {
  readonly #deps: SessionsDeps;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  /** Opens a login for an active user. */
  async open(user: UserRow): Promise<IssuedTokens> {
    const { sessions, now } = this.#deps;
    const id = randomBytes(16).toString("base64url");
    const refreshToken = randomToken("rt_");
    await sessions.create({
      id,
      userId: user.id,
      tokenHash: this.#hash(refreshToken),
      expiresAt: new Date(now().getTime() + REFRESH_SECONDS * 1000),
      endsAt: new Date(now().getTime() + SESSION_SECONDS * 1000),
    });
    return { accessToken: await this.#access(user, id), refreshToken, user };
  }

  /**
   * Exchanges a refresh token for new tokens; it cannot be used again. Shown again later it has been stolen from
   * somebody, and the login is ended.
   */
  async refresh(refreshToken: string): Promise<IssuedTokens | undefined> {
    const { sessions, users, now } = this.#deps;
    const successor = randomToken("rt_");
    const hash = this.#hash(refreshToken);
    const session = await sessions.rotate(hash, this.#hash(successor), now(), this.#expiry());
    if (!session) {
      const replaced = await sessions.byPreviousToken(hash);
      const sinceMs = now().getTime() - (replaced?.rotated_at?.getTime() ?? 0);
      if (replaced && sinceMs > REUSE_GRACE_MS) await sessions.revoke(replaced.id, now());
      return undefined;
    }
    const user = await users.byId(session.user_id);
    if (!user?.active) return undefined;
    return { accessToken: await this.#access(user, session.id), refreshToken: successor, user };
  }

  /**
   * A new access token for one of ours, expired or not, while its login lives. An old one that expired longer ago
   * than a refresh token lives is worth nothing.
   */
  async renew(token: VerifiedToken): Promise<{ accessToken: string; user: UserRow } | undefined> {
    const { sessions, users, now } = this.#deps;
    if (token.sessionId === undefined) return undefined;
    if (token.expiresAtSeconds + REFRESH_SECONDS < now().getTime() / 1000) return undefined;
    const session = await sessions.extend(token.sessionId, now(), this.#expiry());
    const user = session && await users.byId(session.user_id);
    if (!user?.active || user.username !== token.username) return undefined;
    return { accessToken: await this.#access(user, token.sessionId), user };
  }

  /** The active user of a live login. */
  async userOf(token: VerifiedToken): Promise<UserRow | undefined> {
    const { sessions, users, now } = this.#deps;
    if (token.sessionId === undefined) return undefined;
    const session = await sessions.live(token.sessionId, now());
    const user = session && await users.byId(session.user_id);
    return user?.active && user.username === token.username ? user : undefined;
  }

  /** Ends the login of a refresh token. */
  async closeByRefreshToken(refreshToken: string): Promise<void> {
    const session = await this.#deps.sessions.rotate(
      this.#hash(refreshToken),
      this.#hash(randomToken("rt_")),
      this.#deps.now(),
      this.#expiry(),
    );
    if (session) await this.close(session.id);
  }

  async close(sessionId: string): Promise<void> {
    await this.#deps.sessions.revoke(sessionId, this.#deps.now());
  }

  async closeAllOf(userId: number): Promise<void> {
    await this.#deps.sessions.revokeAllOf(userId, this.#deps.now());
  }

  #access(user: UserRow, sessionId: string): Promise<string> {
    return this.#deps.tokens.issue({
      username: user.username,
      permissions: user.permissions,
      groupPermissions: user.group_permissions,
      sessionId,
    });
  }

  #hash(refreshToken: string): Uint8Array {
    return keyedTokenHash(this.#deps.refreshSecret, refreshToken.slice(0, 1024));
  }

  #expiry(): Date {
    return new Date(this.#deps.now().getTime() + REFRESH_SECONDS * 1000);
  }
}
