/**
 * Baggage found on spans.
 *
 * @module
 */

import { type Kysely, sql } from "kysely";
import type { BaggageRow } from "../lake/traces/contract.ts";
import type { ScouterSchema } from "./schema.ts";
import { chunks, storableText, textsHashHex } from "./storable_text.ts";

const CHUNK_ROWS = 1000;

/** Baggage, found by trace. */
export class TraceBaggageRepository {
  readonly #db: Kysely<ScouterSchema>;

  constructor(db: Kysely<ScouterSchema>) {
    this.#db = db;
  }

  /** Adds entries; one with the time, trace, scope and key of another already there is ignored. */
  async insert(entries: readonly BaggageRow[]): Promise<void> {
    const distinct = new Map<string, { hash: string; entry: BaggageRow }>();
    for (const given of entries) {
      const entry = {
        ...given,
        traceIdHex: given.traceIdHex.toLowerCase(),
        scope: storableText(given.scope),
        key: storableText(given.key),
        value: storableText(given.value),
      };
      const hash = textsHashHex(String(entry.createdAtUs), entry.scope, entry.key);
      const id = entry.traceIdHex + hash;
      if (!distinct.has(id)) distinct.set(id, { hash, entry });
    }
    const rows = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    for (const chunk of chunks(rows, CHUNK_ROWS)) {
      await sql`
        insert into scouter.trace_baggage (trace_id, row_hash, created_at, scope, key, value)
        select decode(t, 'hex'), decode(h, 'hex'), timestamptz 'epoch' + us * interval '1 microsecond', s, k, v
        from unnest(${chunk.map((row) => row.entry.traceIdHex)}::text[], ${
        chunk.map((row) => row.hash)
      }::text[],
          ${chunk.map((row) => row.entry.createdAtUs)}::bigint[], ${
        chunk.map((row) => row.entry.scope)
      }::text[],
          ${chunk.map((row) => row.entry.key)}::text[], ${
        chunk.map((row) => row.entry.value)
      }::text[])
          as given (t, h, us, s, k, v)
        on conflict do nothing`.execute(this.#db);
    }
  }

  /** The baggage of a trace, by time, scope and key. */
  async ofTrace(traceIdHex: string): Promise<BaggageRow[]> {
    const result = await sql<{ us: string; scope: string; key: string; value: string }>`
      select (extract(epoch from created_at) * 1000000)::bigint::text as us, scope, key, value
      from scouter.trace_baggage where trace_id = decode(${traceIdHex}, 'hex')
      order by created_at, scope, key`.execute(this.#db);
    return result.rows.map((row) => ({
      createdAtUs: Number(row.us),
      traceIdHex: traceIdHex.toLowerCase(),
      scope: row.scope,
      key: row.key,
      value: row.value,
    }));
  }

  /** Removes up to `limit` entries created before `time`. @returns How many. */
  async deleteBefore(time: Date, limit: number): Promise<number> {
    const result = await sql`
      delete from scouter.trace_baggage where ctid = any(array(
        select ctid from scouter.trace_baggage where created_at < ${time} limit ${sql.lit(limit)}))`
      .execute(this.#db);
    return Number(result.numAffectedRows ?? 0n);
  }
}
