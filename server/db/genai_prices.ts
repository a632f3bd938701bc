/**
 * Prices of models set by the operator.
 *
 * @module
 */

import { type Kysely, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { ModelPrice } from "../genai/price_table.ts";
import type { ScouterSchema } from "./schema.ts";
import { storableText } from "./storable_text.ts";

/** A price with who set it. */
export interface StoredPrice extends ModelPrice {
  readonly id: string;
  readonly updatedAtUs: number;
  readonly updatedBy: string;
}

/** Prices by model, provider and date. */
export class GenAiPriceRepository {
  readonly #db: Kysely<ScouterSchema>;

  constructor(db: Kysely<ScouterSchema>) {
    this.#db = db;
  }

  /** All prices, by model, then the newest first. */
  async list(): Promise<StoredPrice[]> {
    const rows = await this.#db.selectFrom("scouter.genai_prices").selectAll()
      .orderBy("model").orderBy("effective_from", "desc").orderBy("id").execute();
    return rows.map((row) => ({
      id: row.id,
      model: row.model,
      providerName: row.provider_name,
      effectiveFromUs: row.effective_from.getTime() * 1000,
      inputPerMillion: row.input_per_million,
      outputPerMillion: row.output_per_million,
      cacheCreationPerMillion: row.cache_creation_per_million,
      cacheReadPerMillion: row.cache_read_per_million,
      updatedAtUs: row.updated_at.getTime() * 1000,
      updatedBy: row.updated_by,
    }));
  }

  /** Sets a price; one of the same model, provider and date is replaced. Dates keep whole milliseconds. */
  async put(price: ModelPrice, updatedBy: string): Promise<void> {
    const from = new Date(Math.floor(price.effectiveFromUs / 1000));
    const provider = price.providerName === null ? null : storableText(price.providerName);
    await sql`
      insert into scouter.genai_prices (id, model, provider_name, effective_from, input_per_million,
        output_per_million, cache_creation_per_million, cache_read_per_million, updated_by)
      values (${uuidv7()}, ${
      storableText(price.model)
    }, ${provider}, ${from}, ${price.inputPerMillion},
        ${price.outputPerMillion}, ${price.cacheCreationPerMillion}, ${price.cacheReadPerMillion},
        ${storableText(updatedBy)})
      on conflict (model, coalesce(provider_name, ''), effective_from) do update set
        input_per_million = excluded.input_per_million,
        output_per_million = excluded.output_per_million,
        cache_creation_per_million = excluded.cache_creation_per_million,
        cache_read_per_million = excluded.cache_read_per_million,
        updated_at = now(), updated_by = excluded.updated_by`.execute(this.#db);
  }

  /** Removes a price. @returns False when there is none with this id. */
  async remove(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db.deleteFrom("scouter.genai_prices")
      .where("id", "=", storableText(id)).executeTakeFirst();
    return numDeletedRows > 0n;
  }
}
