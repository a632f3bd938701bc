/**
 * Users and their recovery codes.
 *
 * @module
 */

import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import type { ScouterSchema, UsersTable } from "./schema.ts";

/** A user as stored. */
export type UserRow = Selectable<UsersTable>;

/** What a new user is made of. */
export interface NewUser {
  readonly username: string;
  readonly email: string | null;
  readonly passwordHash: string;
  readonly active: boolean;
  readonly role: string;
  readonly permissions: readonly string[];
  readonly groupPermissions: readonly string[];
  readonly favoriteSpaces: readonly string[];
}

/** The fields of a user that may change; absent ones stay. */
export interface UserChanges {
  readonly passwordHash?: string;
  readonly active?: boolean;
  readonly permissions?: readonly string[];
  readonly groupPermissions?: readonly string[];
  readonly favoriteSpaces?: readonly string[];
}

/** Any constant of our own; serialises everything that may change who is an administrator. */
const ADMIN_LOCK = 7_268_837_402;

/** Users, looked up by name or id. */
export class UserRepository {
  readonly #db: Kysely<ScouterSchema>;

  constructor(db: Kysely<ScouterSchema>) {
    this.#db = db;
  }

  /**
   * Runs `work` while no other process changes the set of administrators. Keep it to database calls: the embedded
   * store has one session.
   */
  exclusively<T>(
    work: (users: UserRepository, tx: Transaction<ScouterSchema>) => Promise<T>,
  ): Promise<T> {
    return this.#db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(ADMIN_LOCK)})`.execute(tx);
      return await work(new UserRepository(tx), tx);
    });
  }

  byName(username: string): Promise<UserRow | undefined> {
    return this.#db.selectFrom("scouter.users").selectAll().where("username", "=", username)
      .executeTakeFirst();
  }

  byId(id: number): Promise<UserRow | undefined> {
    return this.#db.selectFrom("scouter.users").selectAll().where("id", "=", id).executeTakeFirst();
  }

  list(): Promise<UserRow[]> {
    return this.#db.selectFrom("scouter.users").selectAll().orderBy("username").execute();
  }

  /** Adds a user. @returns Undefined when the name or the mail address is taken. */
  create(user: NewUser): Promise<UserRow | undefined> {
    return this.#db.insertInto("scouter.users").values({
      username: user.username,
      email: user.email,
      password_hash: user.passwordHash,
      active: user.active,
      role: user.role,
      permissions: [...user.permissions],
      group_permissions: [...user.groupPermissions],
      favorite_spaces: [...user.favoriteSpaces],
    }).onConflict((conflict) => conflict.doNothing()).returningAll().executeTakeFirst();
  }

  /** Changes a user. @returns Undefined when there is none of that name. */
  update(username: string, changes: UserChanges): Promise<UserRow | undefined> {
    return this.#db.updateTable("scouter.users").set({
      updated_at: new Date(),
      ...(changes.passwordHash === undefined ? {} : { password_hash: changes.passwordHash }),
      ...(changes.active === undefined ? {} : { active: changes.active }),
      ...(changes.permissions === undefined ? {} : { permissions: [...changes.permissions] }),
      ...(changes.groupPermissions === undefined
        ? {}
        : { group_permissions: [...changes.groupPermissions] }),
      ...(changes.favoriteSpaces === undefined
        ? {}
        : { favorite_spaces: [...changes.favoriteSpaces] }),
    }).where("username", "=", username).returningAll().executeTakeFirst();
  }

  /** Removes a user with sessions, keys and recovery codes. @returns Whether there was one. */
  async delete(username: string): Promise<boolean> {
    const result = await this.#db.deleteFrom("scouter.users").where("username", "=", username)
      .returning("id").executeTakeFirst();
    return result !== undefined;
  }

  /** How many users are administrators: active and in the group `admin`. The only definition there is. */
  async countAdmins(): Promise<number> {
    const row = await this.#db.selectFrom("scouter.users")
      .select((eb) => eb.fn.countAll<string | number | bigint>().as("n"))
      .where("active", "=", true)
      .where(sql<boolean>`'admin' = any(group_permissions)`)
      .executeTakeFirstOrThrow();
    return Number(row.n);
  }

  /** Replaces the user's recovery codes. */
  async setRecoveryCodes(userId: number, hashes: readonly Uint8Array[]): Promise<void> {
    await this.#db.deleteFrom("scouter.recovery_codes").where("user_id", "=", userId).execute();
    await this.#db.insertInto("scouter.recovery_codes")
      .values(hashes.map((code_hash) => ({ user_id: userId, code_hash }))).execute();
  }

  /** Uses a recovery code up. @returns False when it is unknown or was used before. */
  async consumeRecoveryCode(userId: number, hash: Uint8Array): Promise<boolean> {
    const row = await this.#db.updateTable("scouter.recovery_codes").set({ used_at: new Date() })
      .where("user_id", "=", userId).where("code_hash", "=", hash).where("used_at", "is", null)
      .returning("user_id").executeTakeFirst();
    return row !== undefined;
  }
}
