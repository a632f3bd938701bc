/** Runs the same tests on both relational stores. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Database, openDatabase } from "../../server/db/database.ts";
import { startPostgres, type TestPostgres } from "./postgres.ts";

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
          database = await openDatabase({ dataDir: directory });
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
