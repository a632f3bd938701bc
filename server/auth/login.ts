/**
 * Passwords and recovery codes in, tokens out.
 *
 * @module
 */

import type { UserRepository, UserRow } from "../db/users.ts";
import { ScouterError } from "../errors.ts";
import type { AccessTokens } from "./access_tokens.ts";
import type { Authenticator } from "./authenticator.ts";
import { type HeaderSource, readCredential } from "./credentials.ts";
import type { LoginThrottle } from "./login_throttle.ts";
import { recoveryCodeHash } from "./opaque_tokens.ts";
import { checkNewPassword, type PasswordHasher } from "./passwords.ts";
import { LOCAL_PRINCIPAL } from "./permissions.ts";
import type { Sessions } from "./sessions.ts";
import { normalizeUsername } from "./usernames.ts";

/** Tokens for a caller; the refresh token is absent for the local user, who needs none. */
export interface Login {
  readonly accessToken: string;
  readonly refreshToken?: string;
}

/** What logins are made of. */
export interface LoginsDeps {
  readonly authenticator: Authenticator;
  readonly users: UserRepository;
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly hasher: PasswordHasher;
  readonly throttle: LoginThrottle;
}

/** One answer for an unknown user, a wrong password and an inactive user: none shall learn which it was. */
function wrongCredentials(): ScouterError {
  return new ScouterError(
    "UNAUTHORIZED",
    "The user name or password is wrong, or the user is inactive.",
    {
      suggestedAction:
        "Check both, or reset the password with a recovery code at /scouter/auth/recovery.",
    },
  );
}

/** Logs users in and out. */
export class Logins {
  readonly #deps: LoginsDeps;

  constructor(deps: LoginsDeps) {
    this.#deps = deps;
  }

  /**
   * Logs in. Where no login is needed, any succeeds as the local administrator.
   *
   * @param address The caller's network address, to slow guessing.
   * @throws {ScouterError} UNAUTHORIZED or RATE_LIMITED.
   */
  async login(username: string, password: string, address: string): Promise<Login> {
    const { authenticator, users, hasher, throttle, sessions } = this.#deps;
    if (authenticator.mode === "open") return await this.#local();
    const name = normalizeUsername(username);
    const user = await throttle.run(name, address, async () => {
      const found = storable(name) ? await users.byName(name) : undefined;
      return await hasher.verify(found?.password_hash, password) && found?.active
        ? found
        : undefined;
    });
    if (!user) throw wrongCredentials();
    return await sessions.open(user);
  }

  /**
   * New tokens for a refresh token.
   *
   * @throws {ScouterError} UNAUTHORIZED when it is unknown, used, expired or revoked, or the user is inactive.
   */
  async refresh(refreshToken: string): Promise<Login> {
    if (this.#deps.authenticator.mode === "open") return await this.#local();
    const issued = await this.#deps.sessions.refresh(refreshToken);
    if (!issued) throw loginEnded();
    return issued;
  }

  /** A new access token for the one in the headers, expired or not, while its login lives. */
  async renew(headers: HeaderSource): Promise<Login> {
    if (this.#deps.authenticator.mode === "open") return await this.#local();
    const credential = readCredential(headers);
    const verified = credential.kind === "token"
      ? await this.#deps.tokens.verify(credential.token)
      : undefined;
    const renewed = verified && await this.#deps.sessions.renew(verified);
    if (!renewed) throw loginEnded();
    return { accessToken: renewed.accessToken };
  }

  /** Ends the login of the access token in the headers, or of the refresh token given. */
  async logout(headers: HeaderSource, refreshToken: string | undefined): Promise<void> {
    const { sessions, tokens, authenticator } = this.#deps;
    if (refreshToken !== undefined) await sessions.closeByRefreshToken(refreshToken);
    const credential = readCredential(headers);
    const verified = credential.kind === "token"
      ? await tokens.verify(credential.token)
      : undefined;
    if (verified?.sessionId !== undefined) await sessions.close(verified.sessionId);
    authenticator.forget();
  }

  /**
   * Sets a new password by one of the user's recovery codes, which is used up, and ends all logins of the user.
   *
   * @throws {ScouterError} UNAUTHORIZED, RATE_LIMITED, or BAD_REQUEST for an unfit password.
   */
  async recover(
    username: string,
    code: string,
    newPassword: string,
    address: string,
  ): Promise<void> {
    const { users, hasher, throttle, authenticator, sessions } = this.#deps;
    const name = normalizeUsername(username);
    checkNewPassword(newPassword, name, "new_password");
    const user = await throttle.run(name, address, async () => {
      // Hashed before the code is looked at: the time is the same for right and wrong codes, and no transaction
      // stays open over it.
      const passwordHash = await hasher.hash(newPassword);
      return await users.exclusively(async (inside): Promise<UserRow | undefined> => {
        const found = storable(name) ? await inside.byName(name) : undefined;
        const right = await inside.consumeRecoveryCode(
          found?.active ? found.id : -1,
          recoveryCodeHash(code.slice(0, 100)),
        );
        return right ? await inside.update(name, { passwordHash }) : undefined;
      });
    });
    if (!user) {
      throw new ScouterError(
        "UNAUTHORIZED",
        "The user name or recovery code is wrong, the code was used before, or the user is inactive.",
        {
          suggestedAction:
            "Try another of the four codes, or ask an administrator for a new password.",
        },
      );
    }
    await sessions.closeAllOf(user.id);
    authenticator.forget();
  }

  async #local(): Promise<Login> {
    return { accessToken: await this.#deps.tokens.issue(LOCAL_PRINCIPAL) };
  }
}

function loginEnded(): ScouterError {
  return new ScouterError(
    "UNAUTHORIZED",
    "The login has expired, was ended or renewed, or its user is inactive.",
    {
      suggestedAction: "Log in again at /scouter/auth/login.",
    },
  );
}

/** A name PostgreSQL can compare with. */
function storable(name: string): boolean {
  return !name.includes("\0") && name.isWellFormed();
}
