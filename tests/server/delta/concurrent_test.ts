/** Several writers, of ours and of delta-rs, on one table at once; and a writer that dies half-way. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { DeltaTable } from "../../../server/lake/delta/mod.ts";
import { deltaRs, fakeFile, parquetFile, startScript, withStore } from "./support.ts";

const DEFINITION = {
  columns: [{ name: "id", type: "long", nullable: true }],
  partitionColumns: [],
} as const;

test("commits of parallel handles all land exactly once, on versions without gaps", async () => {
  await withStore(async (store) => {
    await DeltaTable.create(store, "t", DEFINITION);
    const handles = await Promise.all(Array.from({ length: 6 }, () => DeltaTable.open(store, "t")));
    const results = await Promise.all(
      handles.flatMap((handle, writer) =>
        Array.from(
          { length: 10 },
          (_, i) => handle.commit([fakeFile(`w${writer}-${i}`)], { operation: "WRITE" }),
        )
      ),
    );
    assert.deepEqual(
      results.map(({ version }) => version).sort((a, b) => a - b),
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
    const fresh = await DeltaTable.open(store, "t");
    assert.equal(fresh.snapshot.version, 60);
    assert.deepEqual(
      [...fresh.snapshot.files.keys()].sort(),
      Array.from({ length: 6 }, (_, w) => Array.from({ length: 10 }, (_, i) => `w${w}-${i}`)).flat()
        .sort(),
    );
  });
});

test("delta-rs and several processes of ours write at once and every row is there once", async () => {
  await withStore(async (store, folder) => {
    await DeltaTable.create(store, "t", DEFINITION);
    const python = deltaRs(
      `
import sys, json
import polars as pl
from concurrent.futures import ThreadPoolExecutor
from deltalake import write_deltalake
def write(i):
    write_deltalake(sys.argv[1], pl.DataFrame({"id": [10000 + i]}), mode="append")
with ThreadPoolExecutor(3) as pool:
    list(pool.map(write, range(15)))
print(json.dumps("done"))`,
      `${folder}/t`,
    );
    const processes = [1, 2].map((writer) =>
      startScript("append_script.ts", folder, String(writer), "15")
    );
    const ended = processes.map((process) => once(process, "exit"));
    assert.equal(await python, "done");
    for (const end of ended) assert.deepEqual(await end, [0, null]);

    const expected = [
      ...Array.from({ length: 15 }, (_, i) => 1000 + i),
      ...Array.from({ length: 15 }, (_, i) => 2000 + i),
      ...Array.from({ length: 15 }, (_, i) => 10000 + i),
    ];
    const rows = await deltaRs(
      `
import sys, json
import polars as pl
print(json.dumps(sorted(pl.read_delta(sys.argv[1])["id"].to_list())))`,
      `${folder}/t`,
    );
    assert.deepEqual(rows, expected);
    const table = await DeltaTable.open(store, "t");
    assert.equal(table.snapshot.version, 45);
    assert.equal(table.snapshot.files.size, 45);
  });
});

test("of two commits of one transaction by racing handles, one lands and the other is told", async () => {
  await withStore(async (store) => {
    const a = await DeltaTable.create(store, "t", DEFINITION);
    const b = await DeltaTable.open(store, "t");
    const outcomes = await Promise.all(
      [a, b].map((handle) =>
        handle.commit([fakeFile("same"), { txn: { appId: "w", version: 7 } }], {
          operation: "WRITE",
        })
      ),
    );
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["already", "committed"]);
    assert.deepEqual(outcomes.map(({ snapshot }) => snapshot.files.size), [1, 1]);
    const late = await (await DeltaTable.open(store, "t")).commit(
      [fakeFile("late"), { txn: { appId: "w", version: 6 } }],
      { operation: "WRITE" },
    );
    assert.deepEqual([late.status, late.version], ["already", 1]);
  });
});

test("a kill -9 between writing data and committing leaves a valid table without the data", async () => {
  await withStore(async (store, folder) => {
    const table = await DeltaTable.create(store, "t", DEFINITION);
    await table.commit([await parquetFile(store, "t", "a.parquet", "SELECT 1::BIGINT AS id")], {
      operation: "WRITE",
    });
    const victim = startScript("append_script.ts", folder, "3", "1", "stop-before-commit");
    assert.ok(victim.stdout);
    await once(victim.stdout, "data");
    victim.kill("SIGKILL");
    await once(victim, "exit");
    assert.notEqual(await store.head("t/3000.parquet"), null);

    await table.update();
    assert.deepEqual([...table.snapshot.files.keys()], ["a.parquet"]);
    assert.equal(
      await deltaRs(
        `import sys; from deltalake import DeltaTable; print(DeltaTable(sys.argv[1]).count())`,
        `${folder}/t`,
      ),
      1,
    );
    // The orphan is younger than the retention time: somebody might be about to commit it.
    assert.deepEqual((await table.vacuum()).deleted, []);
    assert.deepEqual(
      (await table.vacuum({ retentionMs: 0, keep: (key) => key === "3000.parquet" })).deleted,
      [],
    );
    assert.deepEqual((await table.vacuum({ retentionMs: 0 })).deleted, ["3000.parquet"]);
  });
});

test("a writer whose put failed although it succeeded recognises its own commit", async () => {
  await withStore(async (store) => {
    await DeltaTable.create(store, "t", DEFINITION);
    const real = store.putIfAbsent.bind(store);
    let lies: (won: boolean) => boolean = () => {
      throw new Error("connection reset");
    };
    store.putIfAbsent = async (key, bytes) => lies(await real(key, bytes));
    const table = await DeltaTable.open(store, "t");
    const lost = await table.commit([fakeFile("one")], { operation: "WRITE" });
    assert.deepEqual([lost.status, lost.version], ["committed", 1]);
    lies = () => false; // the store tried twice and met its own object
    const doubled = await table.commit([fakeFile("two")], { operation: "WRITE" });
    assert.deepEqual([doubled.status, doubled.version], ["committed", 2]);
    assert.deepEqual([...(await DeltaTable.open(store, "t")).snapshot.files.keys()], [
      "one",
      "two",
    ]);
  });
});
