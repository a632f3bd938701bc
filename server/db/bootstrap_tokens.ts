/**
 * One-time links that create the first administrator.
 *
 * @module
 */

import type { Kysely } from "kysely";
import type { ScouterSchema } from "./schema.ts";

/** Hashes of one-time tokens. */
export class BootstrapTokenRepository {
  readonly #db: Kysely<ScouterSchema>;

  constructor(db: Kysely<ScouterSchema>) {
    this.#db = db;
  }

  async create(hash: Uint8Array, expiresAt: Date): Promise<void> {
    await this.#db.insertInto("scouter.bootstrap_tokens").values({
      token_hash: hash,
      expires_at: expiresAt,
    })
      .execute();
  }

  /** Uses a token up. @returns False when it is unknown, expired or was used before. */
  async consume(hash: Uint8Array, now: Date): Promise<boolean> {
    const row = await this.#db.updateTable("scouter.bootstrap_tokens").set({ used_at: now })
      .where("token_hash", "=", hash).where("used_at", "is", null).where("expires_at", ">", now)
      .returning("expires_at").executeTakeFirst();
    return row !== undefined;
  }

  async deleteAll(): Promise<void> {
    await this.#db.deleteFrom("scouter.bootstrap_tokens").execute();
  }
}
