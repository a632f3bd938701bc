import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { type Migration, migrations } from "../../../migrations/mod.ts";
import { openDatabase } from "../../../server/db/database.ts";
import { migrate } from "../../../server/db/migrate.ts";
import { maintainPGlite } from "../../../server/db/pglite_maintenance.ts";
import { ScouterError } from "../../../server/errors.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";

const WRITER = new URL("./writer_process.ts", import.meta.url).pathname;

/** Starts a process that writes rows and prints the number of each once it is stored. */
function startWriter(
  dataDir: string,
): { process: ChildProcess; acknowledged: () => number; exited: Promise<void> } {
  const child = spawn(Deno.execPath(), ["run", "-A", WRITER, dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout?.on("data", (data) => text += String(data));
  return {
    process: child,
    // The last line may be half-written when the process was killed.
    acknowledged: () => text.split("\n").length - 1,
    exited: new Promise((resolve) => child.once("exit", () => resolve())),
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("the embedded database", () => {
  let dataDir = "";
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "scouter-open-"));
  });
  after(() => rm(dataDir, { recursive: true, force: true }));

  it("keeps every acknowledged row through kill -9, and opens again at once", async () => {
    let stored = 0;
    for (let round = 0; round < 3; round++) {
      const writer = startWriter(dataDir);
      await until(() =>
        writer.acknowledged() >= 40 + round * 17 || writer.process.exitCode !== null
      );
      assert.equal(writer.process.exitCode, null, "the writer ended by itself");
      const held = await openDatabase({ dataDir }).then(
        async (database) => await database.close(),
        (error: unknown) => error,
      );
      writer.process.kill("SIGKILL");
      await writer.exited;
      const acknowledged = writer.acknowledged();
      assert.ok(acknowledged >= 40 + round * 17, `the writer stopped after ${acknowledged} rows`);
      // While it ran, nobody else could open the directory.
      assert.ok(held instanceof ScouterError && held.code === "PRECONDITION_FAILED");
      assert.match(held.message, new RegExp(`process id ${writer.process.pid}\\)`));
      assert.match(held.message, /SCOUTER_DATA_DIR/);

      const database = await openDatabase({ dataDir });
      const rows = await sql<{ n: number }>`select count(*)::int as n from scouter.secrets`.execute(
        database.db,
      );
      const count = rows.rows[0]?.n ?? 0;
      assert.ok(
        count >= stored + acknowledged,
        `${count} rows, ${stored + acknowledged} acknowledged`,
      );
      stored = count;
      await database.close();
    }
  });

  it("writes through to the disk before it answers", async () => {
    const database = await openDatabase({ dataDir });
    const settings = await sql<{ fsync: string; commit: string; pages: string; method: string }>`
      select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
        current_setting('full_page_writes') as pages, current_setting('wal_sync_method') as method`
      .execute(database.db);
    await database.close();
    // wal_sync_method must be one that the file layer hands on to the system.
    assert.deepEqual(settings.rows, [{ fsync: "on", commit: "on", pages: "on", method: "fsync" }]);
  });

  it("keeps its files from other users of the machine", async () => {
    for (const name of ["pg", "pg.lock"]) {
      assert.equal((await stat(join(dataDir, name))).mode & 0o077, 0, name);
    }
  });

  it("reports a failed transaction and goes on", async () => {
    const database = await openDatabase({ dataDir });
    try {
      const broken: Migration = {
        name: "9999_broken",
        statements: ["create table scouter.half (a int)", "nonsense"],
      };
      await assert.rejects(migrate(database.db, [broken]), /nonsense/);
      await database.ping();
      const tables = await sql`select 1 from pg_tables where tablename = 'half'`.execute(
        database.db,
      );
      assert.deepEqual(tables.rows, []);
      assert.deepEqual(await migrate(database.db), []);
    } finally {
      await database.close();
    }
  });

  it("keeps its log and its tables small without PostgreSQL's background processes", async () => {
    const database = await openDatabase({ dataDir });
    const { db } = database;
    try {
      const bytes = async () => {
        const result = await sql<{ log: string; behind: string; table: string }>`
          select (select sum(size) from pg_ls_waldir())::text as log,
            pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::text as behind,
            pg_total_relation_size('scouter.tags')::text as table from pg_control_checkpoint()`
          .execute(db);
        const row = result.rows[0];
        return { log: Number(row?.log), behind: Number(row?.behind), table: Number(row?.table) };
      };
      for (let round = 0; round < 8; round++) {
        await sql`insert into scouter.tags (tag_hash, pair_hash, entity_type, entity_id, key, value)
          select decode(md5(g::text), 'hex'), '', 't', 'e', 'k', repeat('x', 900) from generate_series(1, 20000) g`
          .execute(db);
        await sql`delete from scouter.tags`.execute(db);
        const done = await maintainPGlite(db);
        assert.deepEqual(done.vacuumed, ["tags"]);
      }
      const after = await bytes();
      // Some 30 MB of log and 20 MB of rows a round.
      assert.ok(after.log < 130e6, `${after.log} bytes of log`);
      assert.ok(after.behind < 70e6, `${after.behind} bytes since the checkpoint`);
      assert.ok(after.table < 60e6, `${after.table} bytes of table`);
      assert.deepEqual((await maintainPGlite(db)).vacuumed, []);
    } finally {
      await database.close();
    }
  });

  it("starts over when its very first start was cut short", async () => {
    const fresh = await mkdtemp(join(tmpdir(), "scouter-half-"));
    try {
      // What a kill during the first start leaves behind.
      await mkdir(join(fresh, "pg.building", "base"), { recursive: true });
      await writeFile(join(fresh, "pg.building", "PG_VERSION"), "1");
      await writeFile(join(fresh, "pg.lock"), "999999999\n");
      const database = await openDatabase({ dataDir: fresh });
      await database.ping();
      await database.close();
      assert.equal(existsSync(join(fresh, "pg.building")), false);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  });

  it("says what is wrong when its directory is a file", async () => {
    const file = join(dataDir, "a-file");
    await writeFile(file, "");
    await chmod(file, 0o600);
    await assert.rejects(openDatabase({ dataDir: file }));
  });
});

describe("a PostgreSQL database", () => {
  let server: TestPostgres | undefined;
  let unavailable = "";
  before(async () => {
    const started = await startPostgres();
    if ("unavailable" in started) unavailable = started.unavailable;
    else server = started;
  });
  after(() => server?.stop());

  it("is migrated once when several processes open it at the same time", async (t) => {
    if (!server) return t.skip(unavailable);
    const uri = await server.createDatabase();
    const opened = await Promise.all(
      [1, 2, 3].map(() => openDatabase({ uri, dataDir: "", maxPoolSize: 2 })),
    );
    const applied = opened.map((database) => database.migrated.length).toSorted();
    const [first] = opened;
    const rows = first &&
      await sql<{ name: string }>`select name from scouter.schema_migrations order by name`
        .execute(first.db);
    await Promise.all(opened.map((database) => database.close()));
    assert.deepEqual(rows?.rows.map((row) => row.name), migrations.map((step) => step.name));
    assert.deepEqual(applied, [0, 0, migrations.length]);
  });

  it("tells who cannot reach it what to check, without the password", async () => {
    const uri = "postgres://someone:hunter2@127.0.0.1:1/db";
    await assert.rejects(openDatabase({ uri, dataDir: "" }), (error: unknown) => {
      assert.ok(error instanceof ScouterError);
      assert.equal(error.code, "UNAVAILABLE");
      assert.doesNotMatch(error.message, /hunter2/);
      assert.match(error.suggestedAction ?? "", /DATABASE_URI/);
      return true;
    });
    await assert.rejects(
      openDatabase({ uri: "mysql://x", dataDir: "" }),
      /must start with postgres/,
    );
  });
});
