/**
 * Brings the schema up to date.
 *
 * @module
 */

import { type Kysely, sql } from "kysely";
import { type Migration, migrations } from "../../migrations/mod.ts";

/** Any constant of our own; held by whoever migrates. */
const MIGRATION_LOCK = 7_268_837_401n;

/**
 * Applies the migrations that are missing, in one transaction under an advisory lock: several processes may start
 * at once, and a crash half way leaves the schema as it was. Migrations of a newer version already applied by
 * another process are left alone.
 *
 * @returns The names of the migrations applied by this call.
 */
export function migrate<Schema>(
  db: Kysely<Schema>,
  list: readonly Migration[] = migrations,
): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(Number(MIGRATION_LOCK))})`.execute(tx);
    await sql`create schema if not exists scouter`.execute(tx);
    await sql`create table if not exists scouter.schema_migrations (
      name text primary key,
      applied_at timestamptz not null default now()
    )`.execute(tx);
    const rows = await sql<{ name: string }>`select name from scouter.schema_migrations`.execute(
      tx,
    );
    const done = new Set(rows.rows.map((row) => row.name));
    const applied: string[] = [];
    for (const migration of list) {
      if (done.has(migration.name)) continue;
      for (const statement of migration.statements) await sql.raw(statement).execute(tx);
      await sql`insert into scouter.schema_migrations (name) values (${migration.name})`.execute(
        tx,
      );
      applied.push(migration.name);
    }
    return applied;
  });
}
