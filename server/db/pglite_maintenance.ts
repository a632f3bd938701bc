/**
 * What PostgreSQL's background processes do, for PGlite, which has none: nobody else writes checkpoints, so the
 * write-ahead log would grow without end and a restart would replay all of it, and nobody else reclaims the space
 * of rows changed and deleted.
 *
 * @module
 */

import { type Kysely, sql } from "kysely";
import type { ScouterSchema } from "./schema.ts";

/** Log since the last checkpoint that calls for another one. */
const CHECKPOINT_BYTES = 32 << 20;
/** Dead rows that call for a vacuum: at least so many, and this share of the living. */
const DEAD_ROWS = 1000;
const DEAD_SHARE = 0.1;

/** What one pass did. */
export interface PGliteMaintenance {
  readonly checkpointed: boolean;
  readonly vacuumed: readonly string[];
}

/** Writes a checkpoint and vacuums tables where that is due. Other queries wait meanwhile, so call it often. */
export async function maintainPGlite(db: Kysely<ScouterSchema>): Promise<PGliteMaintenance> {
  // The counts are otherwise published a second late.
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const due = await sql<{ name: string }>`
    select relname as name from pg_stat_user_tables
    where schemaname = 'scouter' and n_dead_tup > ${sql.lit(DEAD_ROWS)}
      and n_dead_tup > ${sql.lit(DEAD_SHARE)} * n_live_tup
    order by relname`.execute(db);
  const vacuumed = due.rows.map((row) => row.name);
  for (const name of vacuumed) await sql`vacuum (analyze) ${sql.id("scouter", name)}`.execute(db);
  const log = await sql<{ due: boolean }>`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > ${
    sql.lit(CHECKPOINT_BYTES)
  } as due
    from pg_control_checkpoint()`.execute(db);
  const checkpointed = log.rows[0]?.due === true;
  if (checkpointed) await sql`checkpoint`.execute(db);
  return { checkpointed, vacuumed };
}

/**
 * Runs {@linkcode maintainPGlite} at an interval until stopped. Does not keep the process alive.
 *
 * @param onError Told of a pass that failed; the next one tries again.
 * @returns Stops, and resolves when a running pass is done.
 */
export function startPGliteMaintenance(
  db: Kysely<ScouterSchema>,
  intervalMs: number,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = maintainPGlite(db).then(() => {}, onError).finally(() => busy = false);
  }, intervalMs);
  Deno.unrefTimer(Number(timer));
  return async () => {
    clearInterval(timer);
    await running;
  };
}
