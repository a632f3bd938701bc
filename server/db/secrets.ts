/**
 * Secrets generated once and kept: every process that shares the store uses the same.
 *
 * @module
 */

import type { Kysely } from "kysely";
import { randomBytes } from "node:crypto";
import type { ScouterSchema } from "./schema.ts";

/** Named secrets. Their values are never logged. */
export class SecretRepository {
  readonly #db: Kysely<ScouterSchema>;

  constructor(db: Kysely<ScouterSchema>) {
    this.#db = db;
  }

  /** The secret of this name; made from 32 random bytes by whoever asks first. */
  async getOrCreate(name: string): Promise<string> {
    await this.#db.insertInto("scouter.secrets")
      .values({ name, value: randomBytes(32).toString("base64url") })
      .onConflict((conflict) => conflict.column("name").doNothing()).execute();
    const row = await this.#db.selectFrom("scouter.secrets").select("value").where(
      "name",
      "=",
      name,
    )
      .executeTakeFirstOrThrow();
    return row.value;
  }
}
