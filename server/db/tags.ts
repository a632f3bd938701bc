/**
 * Tags: key and value on an entity of any type (`trace`, …).
 *
 * @module
 */

import { type Kysely, sql } from "kysely";
import type { TagRow } from "../lake/traces/contract.ts";
import type { ScouterSchema } from "./schema.ts";
import { chunks, storableText, textsHashHex } from "./storable_text.ts";

/** Rows per statement. */
const CHUNK_ROWS = 1000;

/** A key with the value it must have. */
export interface TagFilter {
  readonly key: string;
  readonly value: string;
}

/** Tags, found by entity or by key and value. */
export class TagRepository {
  readonly #db: Kysely<ScouterSchema>;

  constructor(db: Kysely<ScouterSchema>) {
    this.#db = db;
  }

  /** Adds tags; those already there get a new `updated_at`. @returns How many distinct tags were given. */
  async upsert(tags: readonly TagRow[]): Promise<number> {
    const distinct = new Map<string, TagRow>();
    for (const tag of tags) {
      const row = {
        entityType: storableText(tag.entityType),
        entityId: storableText(tag.entityId),
        key: storableText(tag.key),
        value: storableText(tag.value),
      };
      distinct.set(textsHashHex(row.entityType, row.entityId, row.key, row.value), row);
    }
    // Sorted, so that two writers of the same tags take the row locks in one order and never wait for each other.
    const rows = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const chunk of chunks(rows, CHUNK_ROWS)) {
      const hashes = chunk.map(([hash]) => hash);
      const pairs = chunk.map(([, tag]) => textsHashHex(tag.key, tag.value));
      const types = chunk.map(([, tag]) => tag.entityType);
      const ids = chunk.map(([, tag]) => tag.entityId);
      const keys = chunk.map(([, tag]) => tag.key);
      const values = chunk.map(([, tag]) => tag.value);
      await sql`
        insert into scouter.tags (tag_hash, pair_hash, entity_type, entity_id, key, value)
        select decode(h, 'hex'), decode(p, 'hex'), t, i, k, v
        from unnest(${hashes}::text[], ${pairs}::text[], ${types}::text[], ${ids}::text[], ${keys}::text[],
          ${values}::text[]) as given (h, p, t, i, k, v)
        on conflict (tag_hash) do update set updated_at = now()`.execute(this.#db);
    }
    return rows.length;
  }

  /** The tags of an entity, by key and value. */
  async ofEntity(entityType: string, entityId: string): Promise<TagRow[]> {
    const rows = await this.#db.selectFrom("scouter.tags").select([
      "entity_type",
      "entity_id",
      "key",
      "value",
    ])
      .where("entity_type", "=", storableText(entityType)).where(
        "entity_id",
        "=",
        storableText(entityId),
      )
      .orderBy("key").orderBy("value").execute();
    return rows.map((row) => ({
      entityType: row.entity_type,
      entityId: row.entity_id,
      key: row.key,
      value: row.value,
    }));
  }

  /**
   * The entities that carry all (`matchAll`) or any of the given pairs. No pairs match nothing.
   *
   * @returns At most `limit` ids, those tagged last first.
   */
  async entitiesWith(
    entityType: string,
    filters: readonly TagFilter[],
    matchAll: boolean,
    limit: number,
  ): Promise<string[]> {
    const pairs = [
      ...new Set(
        filters.map((filter) => textsHashHex(storableText(filter.key), storableText(filter.value))),
      ),
    ];
    if (pairs.length === 0) return [];
    const least = matchAll ? pairs.length : 1;
    const result = await sql<{ entity_id: string }>`
      select entity_id from scouter.tags
      where entity_type = ${storableText(entityType)}
        and pair_hash in (select decode(p, 'hex') from unnest(${pairs}::text[]) as given (p))
      group by entity_id
      having count(distinct pair_hash) >= ${sql.lit(least)}
      order by max(updated_at) desc, entity_id
      limit ${sql.lit(limit)}`.execute(this.#db);
    return result.rows.map((row) => row.entity_id);
  }
}
