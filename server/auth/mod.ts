/**
 * Puts the parts of authentication together.
 *
 * @module
 */

import { ApiKeyRepository } from "../db/api_keys.ts";
import type { Database } from "../db/database.ts";
import { SecretRepository } from "../db/secrets.ts";
import { SessionRepository } from "../db/sessions.ts";
import { UserRepository } from "../db/users.ts";
import { ScouterError } from "../errors.ts";
import type { Metrics } from "../telemetry/contract.ts";
import { AccessTokens } from "./access_tokens.ts";
import { Accounts } from "./accounts.ts";
import { ApiKeys } from "./api_keys.ts";
import { type AuthSetting, resolveAuthMode } from "./auth_mode.ts";
import { type GivenSecrets, resolveSecrets } from "./auth_secrets.ts";
import { Authenticator } from "./authenticator.ts";
import { Bootstrap, type BootstrapOutcome } from "./bootstrap.ts";
import { Logins } from "./login.ts";
import { LoginThrottle } from "./login_throttle.ts";
import { checkNewPassword, PasswordHasher } from "./passwords.ts";
import { Sessions } from "./sessions.ts";
import { checkNewUsername } from "./usernames.ts";

export { type Authentication, Authenticator } from "./authenticator.ts";
export { type AuthMode, type AuthSetting, isLoopbackHost, resolveAuthMode } from "./auth_mode.ts";
export { authorize, isAdmin, isAllowed, LOCAL_PRINCIPAL, type Need } from "./permissions.ts";
export type { BootstrapOutcome } from "./bootstrap.ts";

/** What authentication needs to know. */
export interface AuthOptions extends GivenSecrets {
  readonly database: Database;
  readonly metrics: Metrics;
  /** SCOUTER_AUTH. */
  readonly setting: AuthSetting;
  /** Every host name or address the server binds to. */
  readonly hosts: readonly string[];
  /** SCOUTER_DEFAULT_USERNAME. */
  readonly defaultUsername?: string;
  /** SCOUTER_DEFAULT_PASSWORD. */
  readonly defaultPassword?: string;
  /** The clock; for tests. */
  readonly now?: () => Date;
}

/** Authentication, ready to use. */
export interface Auth {
  readonly authenticator: Authenticator;
  readonly logins: Logins;
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  readonly bootstrap: Bootstrap;
  /** How there came to be an administrator, or the link by which one can be made; undefined without login. */
  readonly outcome: BootstrapOutcome | undefined;
  /** Finishes what is under way. Call before the database is closed. */
  close(): Promise<void>;
}

/**
 * Sets authentication up.
 *
 * @throws {ScouterError} PRECONDITION_FAILED when login is required and settings stand in the way, listing all.
 */
export async function createAuth(given: AuthOptions): Promise<Auth> {
  const options = withoutEmpty(given);
  const mode = resolveAuthMode(options.setting, options.hosts);
  const now = options.now ?? (() => new Date());
  const { db } = options.database;
  const first = mode === "required" ? firstAdmin(options) : undefined;
  const secrets = await resolveSecrets(options, new SecretRepository(db), mode);

  const users = new UserRepository(db);
  const tokens = new AccessTokens(secrets.accessSecret, now);
  const hasher = new PasswordHasher();
  const throttle = new LoginThrottle(() => now().getTime());
  const sessions = new Sessions({
    users,
    sessions: new SessionRepository(db),
    tokens,
    refreshSecret: secrets.refreshSecret,
    now,
  });
  const apiKeys = new ApiKeys(new ApiKeyRepository(db), users, now);
  const authenticator = new Authenticator({
    mode,
    tokens,
    sessions,
    apiKeys,
    bootstrapKey: secrets.bootstrapKey,
    refused: options.metrics.counter(
      "scouter_auth_refused_total",
      "Requests refused for their credentials.",
    ),
    now,
  });
  const accounts = new Accounts(users, sessions, hasher, authenticator);
  const bootstrap = new Bootstrap(db, users, accounts, throttle, now);
  return {
    authenticator,
    logins: new Logins({ authenticator, users, sessions, tokens, hasher, throttle }),
    accounts,
    apiKeys,
    bootstrap,
    outcome: mode === "required" ? await bootstrap.atStartup(first) : undefined,
    close: () => apiKeys.settle(),
  };
}

/** A text setting left empty is a setting not made. */
function withoutEmpty(options: AuthOptions): AuthOptions {
  const { accessSecret, refreshSecret, bootstrapKey, defaultUsername, defaultPassword, ...rest } =
    options;
  return {
    ...rest,
    ...(accessSecret ? { accessSecret } : {}),
    ...(refreshSecret ? { refreshSecret } : {}),
    ...(bootstrapKey ? { bootstrapKey } : {}),
    ...(defaultUsername ? { defaultUsername } : {}),
    ...(defaultPassword ? { defaultPassword } : {}),
  };
}

function firstAdmin(options: AuthOptions): { username: string; password: string } | undefined {
  const { defaultUsername: username, defaultPassword: password } = options;
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    throw new ScouterError(
      "PRECONDITION_FAILED",
      "SCOUTER_DEFAULT_USERNAME and SCOUTER_DEFAULT_PASSWORD must be set together. " +
        "Leave both out to get a one-time link that creates the first administrator.",
    );
  }
  try {
    const name = checkNewUsername(username);
    checkNewPassword(password, name, "SCOUTER_DEFAULT_PASSWORD");
    return { username: name, password };
  } catch (cause) {
    if (!(cause instanceof ScouterError)) throw cause;
    throw new ScouterError("PRECONDITION_FAILED", cause.message, { cause });
  }
}
