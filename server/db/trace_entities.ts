/**
 * Which profiles a trace belongs to.
 *
 * @module
 */

import { type Kysely, sql } from "kysely";
import type { TraceEntityRow } from "../lake/traces/contract.ts";
import type { ScouterSchema } from "./schema.ts";
import { chunks } from "./storable_text.ts";

const CHUNK_ROWS = 1000;

/** (trace, profile) pairs, found from both sides. */
export class TraceEntityRepository {
  readonly #db: Kysely<ScouterSchema>;

  constructor(db: Kysely<ScouterSchema>) {
    this.#db = db;
  }

  /** Adds pairs; a pair seen before at the same time is kept, and once queue-owned stays so. */
  async insert(pairs: readonly TraceEntityRow[]): Promise<void> {
    const distinct = new Map<string, TraceEntityRow>();
    for (const pair of pairs) {
      const id =
        `${pair.entityUid.toLowerCase()}/${pair.taggedAtUs}/${pair.traceIdHex.toLowerCase()}`;
      const before = distinct.get(id);
      distinct.set(id, before?.queueOwned ? before : pair);
    }
    const rows = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    for (const chunk of chunks(rows, CHUNK_ROWS)) {
      await sql`
        insert into scouter.trace_entities (entity_uid, tagged_at, trace_id, queue_owned)
        select e::uuid, timestamptz 'epoch' + us * interval '1 microsecond', decode(t, 'hex'), q
        from unnest(${chunk.map((row) => row.entityUid)}::text[], ${
        chunk.map((row) => row.taggedAtUs)
      }::bigint[],
          ${chunk.map((row) => row.traceIdHex)}::text[], ${
        chunk.map((row) => row.queueOwned)
      }::boolean[])
          as given (e, us, t, q)
        on conflict (entity_uid, tagged_at, trace_id) do update set queue_owned = true
          where excluded.queue_owned and not trace_entities.queue_owned`.execute(this.#db);
    }
  }

  /** The profiles of a trace. */
  async ofTrace(traceIdHex: string): Promise<{ entityUid: string; queueOwned: boolean }[]> {
    const result = await sql<{ uid: string; queue_owned: boolean }>`
      select entity_uid::text as uid, bool_or(queue_owned) as queue_owned
      from scouter.trace_entities where trace_id = decode(${traceIdHex}, 'hex')
      group by entity_uid order by entity_uid`.execute(this.#db);
    return result.rows.map((row) => ({ entityUid: row.uid, queueOwned: row.queue_owned }));
  }

  /** The traces of a profile tagged in `[from, to)`, newest first. */
  async tracesOf(
    entityUid: string,
    fromUs: number,
    toUs: number,
    limit: number,
  ): Promise<string[]> {
    const result = await sql<{ trace_id: string }>`
      select encode(trace_id, 'hex') as trace_id from scouter.trace_entities
      where entity_uid = ${entityUid}::uuid
        and tagged_at >= timestamptz 'epoch' + ${fromUs}::bigint * interval '1 microsecond'
        and tagged_at < timestamptz 'epoch' + ${toUs}::bigint * interval '1 microsecond'
      group by trace_id order by max(tagged_at) desc, trace_id limit ${sql.lit(limit)}`.execute(
      this.#db,
    );
    return result.rows.map((row) => row.trace_id);
  }

  /** Removes up to `limit` pairs tagged before `time`. @returns How many. */
  async deleteBefore(time: Date, limit: number): Promise<number> {
    const result = await sql`
      delete from scouter.trace_entities where ctid = any(array(
        select ctid from scouter.trace_entities where tagged_at < ${time} limit ${sql.lit(limit)}))`
      .execute(this.#db);
    return Number(result.numAffectedRows ?? 0n);
  }
}
