/**
 * Logins and their refresh tokens.
 *
 * @module
 */

import type { Kysely, Selectable } from "kysely";
import type { ScouterSchema, SessionsTable } from "./schema.ts";

/** A session as stored. */
export type SessionRow = Selectable<SessionsTable>;

/** Sessions, several per user. Times are given by the caller. */
export class SessionRepository {
  readonly #db: Kysely<ScouterSchema>;

  constructor(db: Kysely<ScouterSchema>) {
    this.#db = db;
  }

  async create(
    session: { id: string; userId: number; tokenHash: Uint8Array; expiresAt: Date; endsAt: Date },
  ): Promise<void> {
    await this.#db.insertInto("scouter.sessions").values({
      id: session.id,
      user_id: session.userId,
      token_hash: session.tokenHash,
      previous_hash: null,
      expires_at: session.expiresAt,
      ends_at: session.endsAt,
    }).execute();
  }

  /** The session, when it is neither revoked nor expired at `now`. */
  live(id: string, now: Date): Promise<SessionRow | undefined> {
    return this.#db.selectFrom("scouter.sessions").selectAll().where("id", "=", id)
      .where("revoked_at", "is", null).where("expires_at", ">", now).executeTakeFirst();
  }

  /**
   * Replaces a refresh token by its successor. Of several calls with the same token one succeeds.
   *
   * @returns The session, or undefined when no live session has this token.
   */
  rotate(
    from: Uint8Array,
    to: Uint8Array,
    now: Date,
    expiresAt: Date,
  ): Promise<SessionRow | undefined> {
    return this.#db.updateTable("scouter.sessions")
      .set((eb) => ({
        previous_hash: from,
        token_hash: to,
        rotated_at: now,
        expires_at: eb.fn<Date>("least", [eb.ref("ends_at"), eb.val(expiresAt)]),
      }))
      .where("token_hash", "=", from).where("revoked_at", "is", null).where("expires_at", ">", now)
      .returningAll().executeTakeFirst();
  }

  /** The session whose refresh token was replaced and is now shown again. */
  byPreviousToken(hash: Uint8Array): Promise<SessionRow | undefined> {
    return this.#db.selectFrom("scouter.sessions").selectAll().where("previous_hash", "=", hash)
      .executeTakeFirst();
  }

  /** Prolongs a live session up to its end. @returns Undefined when it is no longer live. */
  extend(id: string, now: Date, expiresAt: Date): Promise<SessionRow | undefined> {
    return this.#db.updateTable("scouter.sessions")
      .set((eb) => ({ expires_at: eb.fn<Date>("least", [eb.ref("ends_at"), eb.val(expiresAt)]) }))
      .where("id", "=", id).where("revoked_at", "is", null).where("expires_at", ">", now)
      .returningAll().executeTakeFirst();
  }

  async revoke(id: string, now: Date): Promise<void> {
    await this.#db.updateTable("scouter.sessions").set({ revoked_at: now })
      .where("id", "=", id).where("revoked_at", "is", null).execute();
  }

  async revokeAllOf(userId: number, now: Date): Promise<void> {
    await this.#db.updateTable("scouter.sessions").set({ revoked_at: now })
      .where("user_id", "=", userId).where("revoked_at", "is", null).execute();
  }

  /** Removes sessions that expired before `time`. @returns How many. */
  async deleteExpired(time: Date): Promise<number> {
    const result = await this.#db.deleteFrom("scouter.sessions").where("expires_at", "<", time)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}
