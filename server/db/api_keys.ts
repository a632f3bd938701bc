/**
 * API keys.
 *
 * @module
 */

import { type Kysely, type Selectable, sql } from "kysely";
import type { ApiKeysTable, ScouterSchema } from "./schema.ts";

/** An API key as stored; the key itself is not. */
export type ApiKeyRow = Selectable<ApiKeysTable>;

/** A key with its owner's name, for lists. */
export interface ListedApiKey extends ApiKeyRow {
  readonly owner: string | null;
}

/** API keys, looked up by the hash of the key. */
export class ApiKeyRepository {
  readonly #db: Kysely<ScouterSchema>;

  constructor(db: Kysely<ScouterSchema>) {
    this.#db = db;
  }

  create(key: {
    id: string;
    name: string;
    prefix: string;
    keyHash: Uint8Array;
    scopes: readonly string[];
    space: string | null;
    ownerId: number | null;
    expiresAt: Date | null;
  }): Promise<ApiKeyRow> {
    return this.#db.insertInto("scouter.api_keys").values({
      id: key.id,
      name: key.name,
      prefix: key.prefix,
      key_hash: key.keyHash,
      scopes: [...key.scopes],
      space: key.space,
      owner_id: key.ownerId,
      expires_at: key.expiresAt,
    }).returningAll().executeTakeFirstOrThrow();
  }

  /** The key with this hash, when it is neither revoked nor expired at `now`. */
  live(hash: Uint8Array, now: Date): Promise<ApiKeyRow | undefined> {
    return this.#db.selectFrom("scouter.api_keys").selectAll().where("key_hash", "=", hash)
      .where("revoked_at", "is", null)
      .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
      .executeTakeFirst();
  }

  byId(id: string): Promise<ApiKeyRow | undefined> {
    return this.#db.selectFrom("scouter.api_keys").selectAll().where("id", "=", id)
      .executeTakeFirst();
  }

  /** All keys, or those of one owner, newest first. */
  list(ownerId?: number): Promise<ListedApiKey[]> {
    let query = this.#db.selectFrom("scouter.api_keys as k")
      .leftJoin("scouter.users as u", "u.id", "k.owner_id")
      .selectAll("k").select("u.username as owner").orderBy("k.created_at", "desc").orderBy("k.id");
    if (ownerId !== undefined) query = query.where("k.owner_id", "=", ownerId);
    return query.execute();
  }

  /** Ends a key. @returns Whether a key not revoked before was there. */
  async revoke(id: string, now: Date): Promise<boolean> {
    const row = await this.#db.updateTable("scouter.api_keys").set({ revoked_at: now })
      .where("id", "=", id).where("revoked_at", "is", null).returning("id").executeTakeFirst();
    return row !== undefined;
  }

  /** Notes a use, unless one within the last minute is noted. */
  async touch(id: string, now: Date): Promise<void> {
    const minuteAgo = new Date(now.getTime() - 60_000);
    await this.#db.updateTable("scouter.api_keys").set({ last_used_at: now }).where("id", "=", id)
      .where(sql<boolean>`(last_used_at is null or last_used_at <= ${minuteAgo})`).execute();
  }
}
