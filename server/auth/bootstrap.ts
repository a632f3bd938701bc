/**
 * The first administrator: from settings, or by a one-time link.
 *
 * @module
 */

import type { Kysely } from "kysely";
import { BootstrapTokenRepository } from "../db/bootstrap_tokens.ts";
import type { ScouterSchema } from "../db/schema.ts";
import type { UserRepository } from "../db/users.ts";
import { ScouterError } from "../errors.ts";
import type { Accounts, CreatedAccount } from "./accounts.ts";
import type { LoginThrottle } from "./login_throttle.ts";
import { randomToken, tokenHash } from "./opaque_tokens.ts";

/** How long the link is good for. */
export const BOOTSTRAP_HOURS = 24;

/** What happened at start-up. */
export type BootstrapOutcome =
  | { readonly kind: "has_admin" }
  | { readonly kind: "created"; readonly username: string }
  /** To be printed for the operator, never logged elsewhere. */
  | { readonly kind: "link"; readonly token: string };

/** Makes the first administrator. */
export class Bootstrap {
  readonly #db: Kysely<ScouterSchema>;
  readonly #users: UserRepository;
  readonly #accounts: Accounts;
  readonly #throttle: LoginThrottle;
  readonly #now: () => Date;

  constructor(
    db: Kysely<ScouterSchema>,
    users: UserRepository,
    accounts: Accounts,
    throttle: LoginThrottle,
    now: () => Date,
  ) {
    this.#db = db;
    this.#users = users;
    this.#accounts = accounts;
    this.#throttle = throttle;
    this.#now = now;
  }

  /**
   * Called once at start-up when login is required. Several processes may start at once: one creates the user.
   *
   * @throws {ScouterError} BAD_REQUEST when the given name or password is unfit.
   */
  async atStartup(
    given: { username: string; password: string } | undefined,
  ): Promise<BootstrapOutcome> {
    if (await this.#users.countAdmins() > 0) return { kind: "has_admin" };
    if (given) {
      try {
        const { user } = await this.#accounts.createFirstAdmin(given, () => Promise.resolve());
        return { kind: "created", username: user.username };
      } catch (error) {
        if (await this.#users.countAdmins() > 0) return { kind: "has_admin" };
        throw error;
      }
    }
    const token = randomToken("bt_");
    const expiresAt = new Date(this.#now().getTime() + BOOTSTRAP_HOURS * 3_600_000);
    await new BootstrapTokenRepository(this.#db).create(tokenHash(token), expiresAt);
    return { kind: "link", token };
  }

  /** Whether there is no administrator yet. */
  async isOpen(): Promise<boolean> {
    return await this.#users.countAdmins() === 0;
  }

  /**
   * Creates the first administrator by a token of {@linkcode atStartup}. It and all others are used up.
   *
   * @throws {ScouterError} UNAUTHORIZED, RATE_LIMITED, CONFLICT when there is an administrator, BAD_REQUEST.
   */
  async redeem(
    token: string,
    request: { username: string; password: string; email?: string },
    address: string,
  ): Promise<CreatedAccount> {
    const created = await this.#throttle.run("bootstrap link", address, async () => {
      try {
        return await this.#accounts.createFirstAdmin(request, async (tx) => {
          const tokens = new BootstrapTokenRepository(tx);
          if (!await tokens.consume(tokenHash(token), this.#now())) throw new WrongToken();
          await tokens.deleteAll();
        });
      } catch (error) {
        if (error instanceof WrongToken) return undefined;
        throw error;
      }
    });
    if (!created) {
      throw new ScouterError(
        "UNAUTHORIZED",
        "The one-time link is unknown, was used, or has expired.",
        {
          suggestedAction: "Restart the server to get a new one.",
        },
      );
    }
    return created;
  }
}

/** Rolls the transaction back without creating the user. */
class WrongToken extends Error {}
