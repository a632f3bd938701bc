/**
 * Who a request acts for, and whether it may: one authority for HTTP, Connect and gRPC.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";
import type { Principal } from "../http/context.ts";
import type { UserRow } from "../db/users.ts";
import type { Counter } from "../telemetry/contract.ts";
import type { AccessTokens } from "./access_tokens.ts";
import type { ApiKeys } from "./api_keys.ts";
import type { AuthMode } from "./auth_mode.ts";
import { type HeaderSource, readCredential } from "./credentials.ts";
import { sameText } from "./opaque_tokens.ts";
import { ADMIN_GROUP, authorize, LOCAL_PRINCIPAL, type Need } from "./permissions.ts";
import { PrincipalCache } from "./principal_cache.ts";
import type { Sessions } from "./sessions.ts";

/** The outcome of authentication. */
export interface Authentication {
  readonly principal: Principal;
  /**
   * Set when the caller's access token had expired and its login still lives: to be returned to the caller in the
   * response header `Authorization: Bearer …`.
   */
  readonly refreshedToken?: string;
}

/** What the authenticator is made of. */
export interface AuthenticatorDeps {
  readonly mode: AuthMode;
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
  readonly apiKeys: ApiKeys;
  readonly bootstrapKey: string | undefined;
  readonly refused: Counter;
  readonly now: () => Date;
}

/** Checks credentials. Known ones cost a map lookup. */
export class Authenticator {
  readonly mode: AuthMode;
  readonly #deps: AuthenticatorDeps;
  readonly #cache: PrincipalCache;

  constructor(deps: AuthenticatorDeps) {
    this.mode = deps.mode;
    this.#deps = deps;
    this.#cache = new PrincipalCache(() => deps.now().getTime());
  }

  /**
   * Who the headers stand for.
   *
   * @throws {ScouterError} UNAUTHORIZED, with what to do.
   */
  async authenticate(headers: HeaderSource): Promise<Principal> {
    return (await this.authenticateWithRefresh(headers)).principal;
  }

  /** As {@linkcode authenticate}, and an expired access token is renewed while its login lives. */
  async authenticateWithRefresh(headers: HeaderSource): Promise<Authentication> {
    if (this.mode === "open") return { principal: LOCAL_PRINCIPAL };
    const credential = readCredential(headers);
    switch (credential.kind) {
      case "none":
        throw this.#refuse("none", "This server requires a login.");
      case "malformed":
        throw this.#refuse("malformed", credential.reason);
      case "api_key":
        return { principal: await this.#byApiKey(credential.key) };
      case "token":
        return await this.#byToken(credential.token);
    }
  }

  /** Refuses a caller who may not do what is needed. @throws {ScouterError} PERMISSION_DENIED or ADMIN_REQUIRED. */
  authorize(principal: Principal, need: Need): void {
    authorize(principal, need);
  }

  /** The administrator of a request that carries the bootstrap key; undefined when it carries none. */
  bootstrap(headers: HeaderSource): Principal | undefined {
    const given = headers.get("x-bootstrap-token");
    if (given === null || this.mode === "open") return undefined;
    const key = this.#deps.bootstrapKey;
    if (key === undefined || !sameText(given, key)) {
      throw this.#refuse(
        "bootstrap",
        "The x-bootstrap-token header is not this server's SCOUTER_BOOTSTRAP_KEY.",
      );
    }
    return {
      username: "bootstrap",
      permissions: [],
      groupPermissions: [ADMIN_GROUP],
      via: "bootstrap",
    };
  }

  /** Forgets what is known of credentials. Called after any change of users, logins or keys. */
  forget(): void {
    this.#cache.clear();
  }

  async #byApiKey(key: string): Promise<Principal> {
    const principal = await this.#cache.resolve(key, async () => {
      const found = await this.#deps.apiKeys.principal(key);
      return {
        principal: found?.principal ?? null,
        ...(found?.expiresAt ? { validUntilMs: found.expiresAt.getTime() } : {}),
      };
    });
    if (principal === null) {
      throw this.#refuse(
        "api_key",
        "The API key is unknown, revoked or expired, or its owner is inactive.",
      );
    }
    if (principal.apiKeyId !== undefined) this.#deps.apiKeys.used(principal.apiKeyId);
    return principal;
  }

  async #byToken(token: string): Promise<Authentication> {
    const known = this.#cache.get(token);
    if (known) return { principal: known };
    const verified = known === null ? undefined : await this.#deps.tokens.verify(token);
    if (!verified) throw this.#refuse("token", "The access token is not valid.");
    if (verified.expired) {
      const renewed = await this.#deps.sessions.renew(verified);
      if (!renewed) throw this.#refuse("expired", "The login has expired or was ended.");
      return { principal: principalOf(renewed.user), refreshedToken: renewed.accessToken };
    }
    const principal = await this.#cache.resolve(token, async () => {
      const user = await this.#deps.sessions.userOf(verified);
      return {
        principal: user ? principalOf(user) : null,
        validUntilMs: (verified.expiresAtSeconds + 60) * 1000,
      };
    });
    if (principal === null) {
      throw this.#refuse("ended", "The login was ended, or its user is inactive.");
    }
    return { principal };
  }

  #refuse(reason: string, message: string): ScouterError {
    this.#deps.refused.add(1, { reason });
    return new ScouterError("UNAUTHORIZED", message, {
      suggestedAction:
        "Log in at /scouter/auth/login, or send an API key as `Authorization: Bearer sk_…`.",
    });
  }
}

/** A user as the one a request acts for, with the permissions of this moment. */
export function principalOf(user: UserRow): Principal {
  return {
    username: user.username,
    permissions: user.permissions,
    groupPermissions: user.group_permissions,
    via: "token",
  };
}
