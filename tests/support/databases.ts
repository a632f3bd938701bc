/** Runs the same tests on both relational stores. */

import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sql } from "kysely";
import { after, before, describe, it } from "node:test";
import { type Database, openDatabase } from "../../server/db/database.ts";
import { startPostgres, type TestPostgres } from "./postgres.ts";

/** An embedded database as the first start leaves it: made once and copied, as making one takes seconds. */
const TEMPLATE = new URL("../.cache/pglite-0.5.16", import.meta.url).pathname;

/** Opens a new embedded database in `dataDir`. */
export async function openEmbedded(dataDir: string): Promise<Database> {
  if (!existsSync(TEMPLATE)) {
    await mkdir(dirname(TEMPLATE), { recursive: true });
    const making = await mkdtemp(`${TEMPLATE}-making-`);
    const database = await openDatabase({ dataDir: making });
    await sql`drop schema scouter cascade`.execute(database.db);
    await database.close();
    await rm(join(making, "pg.lock"));
    // Somebody else may have been faster; theirs is as good.
    await rename(making, TEMPLATE).catch(() => rm(making, { recursive: true }));
  }
  await cp(TEMPLATE, dataDir, { recursive: true });
  return await openDatabase({ dataDir });
}

/** What a test of `onBothDatabases` gets. */
export interface DatabaseUnderTest {
  readonly database: () => Database;
  /** Empties every table, between tests. */
  readonly clear: () => Promise<void>;
  /** Registers a test; skipped with the reason when the store cannot be had. */
  readonly test: (name: string, body: () => Promise<void>) => void;
}

/** Describes `what` once for PGlite and once for PostgreSQL. */
export function onBothDatabases(what: string, body: (under: DatabaseUnderTest) => void): void {
  for (const kind of ["PGlite", "PostgreSQL"] as const) {
    describe(`${what}, on ${kind}`, () => {
      let database: Database | undefined;
      let server: TestPostgres | undefined;
      let directory = "";
      let unavailable = "";
      before(async () => {
        directory = await mkdtemp(join(tmpdir(), "scouter-db-"));
        if (kind === "PGlite") {
          database = await openEmbedded(directory);
          return;
        }
        const started = await startPostgres();
        if ("unavailable" in started) unavailable = started.unavailable;
        else {
          server = started;
          database = await openDatabase({
            dataDir: directory,
            uri: await started.createDatabase(),
          });
        }
      });
      after(async () => {
        await database?.close();
        await server?.stop();
        await rm(directory, { recursive: true, force: true });
      });
      const get = (): Database => {
        if (!database) throw new Error("the database is not open");
        return database;
      };
      body({
        database: get,
        async clear() {
          const { db } = get();
          for (
            const table of [
              "scouter.users",
              "scouter.api_keys",
              "scouter.secrets",
              "scouter.bootstrap_tokens",
              "scouter.tags",
              "scouter.trace_baggage",
              "scouter.trace_entities",
            ] as const
          ) {
            await db.deleteFrom(table).execute();
          }
        },
        test(name, run) {
          it(name, async (t) => {
            if (unavailable !== "") t.skip(unavailable);
            else await run();
          });
        },
      });
    });
  }
}
