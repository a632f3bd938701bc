/**
 * Users: who may create, change and remove them.
 *
 * @module
 */

import type { UserChanges, UserRepository, UserRow } from "../db/users.ts";
import { ScouterError } from "../errors.ts";
import type { Principal } from "../http/context.ts";
import type { Authenticator } from "./authenticator.ts";
import { recoveryCode, recoveryCodeHash } from "./opaque_tokens.ts";
import { checkNewPassword, type PasswordHasher } from "./passwords.ts";
import { ADMIN_GROUP, authorize, isAdmin } from "./permissions.ts";
import type { Sessions } from "./sessions.ts";
import { checkNewUsername, normalizeUsername } from "./usernames.ts";

/** What a caller gives for a new user. */
export interface AccountRequest {
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  readonly permissions?: readonly string[];
  readonly groupPermissions?: readonly string[];
  readonly role?: string;
  readonly active?: boolean;
}

/** What a caller may change of a user. */
export interface AccountChanges {
  readonly password?: string;
  readonly favoriteSpaces?: readonly string[];
  /** For administrators only, as the two below. */
  readonly permissions?: readonly string[];
  readonly groupPermissions?: readonly string[];
  readonly active?: boolean;
}

/** A new user and the recovery codes, which are shown this once. */
export interface CreatedAccount {
  readonly user: UserRow;
  readonly recoveryCodes: readonly string[];
}

const RECOVERY_CODES = 4;

/** Manages users. There is always an administrator left. */
export class Accounts {
  readonly #users: UserRepository;
  readonly #sessions: Sessions;
  readonly #hasher: PasswordHasher;
  readonly #authenticator: Authenticator;

  constructor(
    users: UserRepository,
    sessions: Sessions,
    hasher: PasswordHasher,
    authenticator: Authenticator,
  ) {
    this.#users = users;
    this.#sessions = sessions;
    this.#hasher = hasher;
    this.#authenticator = authenticator;
  }

  /** @throws {ScouterError} ADMIN_REQUIRED, BAD_REQUEST, or CONFLICT when name or mail address is taken. */
  async create(caller: Principal, request: AccountRequest): Promise<CreatedAccount> {
    authorize(caller, "admin");
    const created = await this.#insert(request, () => Promise.resolve());
    this.#authenticator.forget();
    return created;
  }

  /**
   * Creates the first administrator, when `permit` allows it inside the same transaction.
   *
   * @throws {ScouterError} CONFLICT when there is an administrator already, and whatever `permit` throws.
   */
  createFirstAdmin(
    request: Pick<AccountRequest, "username" | "password" | "email">,
    permit: (tx: Parameters<Parameters<UserRepository["exclusively"]>[0]>[1]) => Promise<void>,
  ): Promise<CreatedAccount> {
    return this.#insert({
      ...request,
      permissions: ["read:all", "write:all", "delete:all"],
      groupPermissions: ["user", ADMIN_GROUP],
      role: "admin",
    }, async (users, tx) => {
      if (await users.countAdmins() > 0) {
        throw new ScouterError("CONFLICT", "There is an administrator already.", {
          suggestedAction: "Ask that administrator to create your user.",
        });
      }
      await permit(tx);
    });
  }

  async list(caller: Principal): Promise<UserRow[]> {
    authorize(caller, "admin");
    return await this.#users.list();
  }

  /** @throws {ScouterError} PERMISSION_DENIED for another user's account, NOT_FOUND. */
  async get(caller: Principal, username: string): Promise<UserRow> {
    const name = normalizeUsername(username);
    this.#selfOrAdmin(caller, name);
    return await this.#users.byName(name) ?? notFound(name);
  }

  /**
   * Changes a user. Users change their own password and favourite spaces; the rest is honoured for administrators
   * and otherwise passed over, as clients send the whole user back.
   *
   * @throws {ScouterError} PERMISSION_DENIED (for the last administrator too), NOT_FOUND or BAD_REQUEST.
   */
  async update(caller: Principal, username: string, changes: AccountChanges): Promise<UserRow> {
    const name = normalizeUsername(username);
    this.#selfOrAdmin(caller, name);
    if (changes.password !== undefined) {
      checkNewPassword(changes.password, name);
    }
    const passwordHash = changes.password === undefined
      ? undefined
      : await this.#hasher.hash(changes.password);
    const applied: UserChanges = {
      ...(passwordHash === undefined ? {} : { passwordHash }),
      ...(changes.favoriteSpaces === undefined
        ? {}
        : { favoriteSpaces: distinct(changes.favoriteSpaces) }),
      ...(isAdmin(caller) && changes.permissions !== undefined
        ? { permissions: distinct(changes.permissions) }
        : {}),
      ...(isAdmin(caller) && changes.groupPermissions !== undefined
        ? { groupPermissions: distinct(changes.groupPermissions) }
        : {}),
      ...(isAdmin(caller) && changes.active !== undefined ? { active: changes.active } : {}),
    };
    const user = await this.#users.exclusively(async (users) => {
      const adminsBefore = await users.countAdmins();
      const changed = await users.update(name, applied) ?? notFound(name);
      if (adminsBefore > 0 && await users.countAdmins() === 0) throw lastAdmin(name);
      return changed;
    });
    if (passwordHash !== undefined || !user.active) await this.#sessions.closeAllOf(user.id);
    this.#authenticator.forget();
    return user;
  }

  /** @throws {ScouterError} ADMIN_REQUIRED, NOT_FOUND, or PERMISSION_DENIED for the last administrator. */
  async delete(caller: Principal, username: string): Promise<void> {
    authorize(caller, "admin");
    const name = normalizeUsername(username);
    await this.#users.exclusively(async (users) => {
      const adminsBefore = await users.countAdmins();
      if (!await users.delete(name)) notFound(name);
      if (adminsBefore > 0 && await users.countAdmins() === 0) throw lastAdmin(name);
    });
    this.#authenticator.forget();
  }

  async #insert(
    request: AccountRequest,
    permit: (
      users: UserRepository,
      tx: Parameters<Parameters<UserRepository["exclusively"]>[0]>[1],
    ) => Promise<void>,
  ): Promise<CreatedAccount> {
    const username = checkNewUsername(request.username);
    checkNewPassword(request.password, username);
    const passwordHash = await this.#hasher.hash(request.password);
    const codes = Array.from({ length: RECOVERY_CODES }, recoveryCode);
    const email = request.email?.trim() ?? "";
    const user = await this.#users.exclusively(async (users, tx) => {
      await permit(users, tx);
      const created = await users.create({
        username,
        email: email === "" ? null : email,
        passwordHash,
        active: request.active ?? true,
        role: request.role ?? "user",
        permissions: distinct(request.permissions ?? ["read:all"]),
        groupPermissions: distinct(request.groupPermissions ?? ["user"]),
        favoriteSpaces: [],
      });
      if (!created) {
        throw new ScouterError(
          "CONFLICT",
          `The username "${username}" or the email is taken. Choose another.`,
        );
      }
      await users.setRecoveryCodes(created.id, codes.map(recoveryCodeHash));
      return created;
    });
    return { user, recoveryCodes: codes };
  }

  #selfOrAdmin(caller: Principal, username: string): void {
    // A key is for data; what is its owner's own stays with the owner's login.
    if (isAdmin(caller) || (caller.via === "token" && caller.username === username)) return;
    throw new ScouterError(
      "PERMISSION_DENIED",
      `User "${caller.username}" may see and change only their own account, after a login.`,
    );
  }
}

function distinct(list: readonly string[]): string[] {
  return [...new Set(list)];
}

function notFound(username: string): never {
  throw new ScouterError("NOT_FOUND", `There is no user "${username}".`);
}

function lastAdmin(username: string): ScouterError {
  return new ScouterError("PERMISSION_DENIED", `"${username}" is the last active administrator.`, {
    suggestedAction: "Make another user an administrator first.",
  });
}
