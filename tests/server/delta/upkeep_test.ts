/** Vacuum, log clean-up, and tables that are opened with other columns than they have. */

import assert from "node:assert/strict";
import { utimes } from "node:fs/promises";
import { test } from "node:test";
import { type ColumnDefinition, DeltaTable, removeFile } from "../../../server/lake/delta/mod.ts";
import { parseInterval } from "../../../server/lake/delta/properties.ts";
import type { LocalObjectStore } from "../../../server/lake/objects/local.ts";
import { fakeFile, withStore } from "./support.ts";

const ID: ColumnDefinition = { name: "id", type: "long", nullable: true };
const DEFINITION = { columns: [ID], partitionColumns: [] } as const;
const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 5, 15, 12);

async function putAged(store: LocalObjectStore, key: string, ageMs: number): Promise<void> {
  await store.put(key, new Uint8Array([1]));
  await age(store, key, ageMs);
}
const age = (store: LocalObjectStore, key: string, ageMs: number): Promise<void> =>
  utimes(store.path(key), (NOW - ageMs) / 1000, (NOW - ageMs) / 1000);

test("vacuum deletes what is unreferenced and old, and nothing else", async () => {
  await withStore(async (store) => {
    const table = await DeltaTable.create(store, "t", DEFINITION, { now: () => NOW });
    const keys = [
      "live",
      "removed long ago",
      "removed lately",
      "orphan",
      "p=1/orphan",
      "fresh orphan",
      "in use",
    ];
    for (const key of keys) {
      await putAged(store, `t/${key}`, key.startsWith("fresh") ? DAY_MS : 30 * DAY_MS);
    }
    for (const key of ["_change_data/x", ".hidden", "p=1/_tmp/y", "_delta_log/strange.json"]) {
      await putAged(store, `t/${key}`, 300 * DAY_MS);
    }
    await putAged(store, "t/_p=1/orphan", 30 * DAY_MS);
    await putAged(store, "t2/orphan", 30 * DAY_MS);
    await table.commit(keys.slice(0, 3).map((key) => fakeFile(key)), { operation: "WRITE" });
    for (
      const [key, ageMs] of [["removed long ago", 8 * DAY_MS], [
        "removed lately",
        6 * DAY_MS,
      ]] as const
    ) {
      const file = table.snapshot.files.get(key);
      assert.ok(file);
      await table.commit(
        [removeFile(file, { deletionTimestampMs: NOW - ageMs, dataChange: true })],
        {
          operation: "DELETE",
        },
      );
    }
    const options = { keep: (key: string) => key === "in use" };
    const expected = ["_p=1/orphan", "orphan", "p=1/orphan", "removed long ago"];
    assert.deepEqual((await table.vacuum({ ...options, dryRun: true })).deleted, expected);
    assert.deepEqual(await table.vacuum(options), { deleted: expected, deletedBytes: 4 });
    assert.deepEqual((await table.vacuum(options)).deleted, []);
    for (
      const key of [
        "live",
        "removed lately",
        "fresh orphan",
        "in use",
        "_change_data/x",
        ".hidden",
        "p=1/_tmp/y",
      ]
    ) {
      assert.notEqual(await store.head(`t/${key}`), null, key);
    }
    assert.notEqual(await store.head("t2/orphan"), null);
    await assert.rejects(
      table.vacuum({ retentionMs: 8 * DAY_MS }),
      /retention 691200000 ms is not between/,
    );
  });
});

test("vacuum sees what another handle has committed since", async () => {
  await withStore(async (store) => {
    const table = await DeltaTable.create(store, "t", DEFINITION, { now: () => NOW });
    const other = await DeltaTable.open(store, "t");
    await putAged(store, "t/theirs", 30 * DAY_MS);
    await other.commit([fakeFile("theirs")], { operation: "WRITE" });
    assert.deepEqual((await table.vacuum()).deleted, []);
  });
});

test("clean-up keeps the newest checkpoint at or before the cut-off and everything after it", async () => {
  await withStore(async (store) => {
    const table = await DeltaTable.create(store, "t", {
      ...DEFINITION,
      configuration: {
        "delta.checkpointInterval": "4",
        "delta.logRetentionDuration": "interval 10 days",
        "delta.enableExpiredLogCleanup": "false",
      },
    }, { now: () => NOW });
    for (let i = 1; i <= 13; i++) await table.commit([fakeFile(`f${i}`)], { operation: "WRITE" });
    const name = (version: number, rest: string) =>
      `t/_delta_log/${String(version).padStart(20, "0")}.${rest}`;
    // Versions 0 to 10 are 20 days old, 11 to 13 of today. The cut-off commit is 10, the newest checkpoint before it 8.
    for (let version = 0; version <= 10; version++) {
      await age(store, name(version, "json"), 20 * DAY_MS);
    }
    await putAged(store, name(3, "crc"), 20 * DAY_MS);
    assert.equal(await table.cleanUpLog(), 8 + 1 + 1);
    const left: string[] = [];
    for await (const { key } of store.list("t/_delta_log/")) {
      left.push(key.replace("t/_delta_log/000000000000000000", ""));
    }
    assert.deepEqual(left, [
      "08.checkpoint.parquet",
      "08.json",
      "09.json",
      "10.json",
      "11.json",
      "12.checkpoint.parquet",
      "12.json",
      "13.json",
      "t/_delta_log/_last_checkpoint",
    ]);
    assert.equal((await DeltaTable.open(store, "t")).snapshot.files.size, 13);
    assert.equal(await table.cleanUpLog(), 0);
  });
});

test("a failing checkpoint is reported and leaves the commit in place", async () => {
  await withStore(async (store) => {
    const reported: unknown[] = [];
    const table = await DeltaTable.create(store, "t", {
      ...DEFINITION,
      configuration: { "delta.checkpointInterval": "1" },
    }, {
      onMaintenanceError: (step, error) => reported.push(step, error),
    });
    const failure = new Error("no room");
    store.put = () => Promise.reject(failure);
    const result = await table.commit([fakeFile("a")], { operation: "WRITE" });
    assert.deepEqual([result.status, result.version, result.maintenanceError], [
      "committed",
      1,
      failure,
    ]);
    assert.deepEqual(reported, ["checkpoint", failure]);
  });
});

test("opening with new nullable columns adds them, once, also when two do it at the same time", async () => {
  await withStore(async (store) => {
    await DeltaTable.create(store, "t", DEFINITION);
    const wider = {
      columns: [ID, { name: "note", type: "string", nullable: true }],
      partitionColumns: [],
    } as const;
    await Promise.all([1, 2].map(() => DeltaTable.openOrCreate(store, "t", wider)));
    const { snapshot } = await DeltaTable.openOrCreate(store, "t", DEFINITION);
    assert.equal(snapshot.version, 1);
    assert.deepEqual(
      JSON.parse(snapshot.metadata.schemaString).fields.map(({ name }: { name: string }) => name),
      ["id", "note"],
    );
  });
});

test("two processes that create a table at once get the same one", async () => {
  await withStore(async (store) => {
    const [a, b] = await Promise.all(
      [1, 2].map(() => DeltaTable.openOrCreate(store, "t", DEFINITION)),
    );
    assert.equal(a?.snapshot.metadata.id, b?.snapshot.metadata.id);
    assert.match(
      a?.snapshot.metadata.id ?? "",
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    await assert.rejects(DeltaTable.create(store, "t", DEFINITION), /there is a table already/);
    await assert.rejects(
      DeltaTable.open(store, "u"),
      /Delta table file:\/\/.*\/u: there is no table here/,
    );
  });
});

for (
  const [what, columns, partitionColumns, pattern] of [
    [
      "another type",
      [{ ...ID, type: "string" }],
      [],
      /column "id" has type "long", expected "id" string/,
    ],
    [
      "a new column that must not be null",
      [ID, { name: "n", type: "long", nullable: false }],
      [],
      /no column "n", which must not be null/,
    ],
    [
      "another partitioning",
      [ID, { name: "d", type: "date", nullable: true }],
      ["d"],
      /partitioned by \(\), expected \(d\)/,
    ],
  ] as const
) {
  test(`opening a table with ${what} is refused`, async () => {
    await withStore(async (store) => {
      await DeltaTable.create(store, "t", DEFINITION);
      await assert.rejects(
        DeltaTable.openOrCreate(store, "t", { columns, partitionColumns }),
        pattern,
      );
    });
  });
}

test("intervals are read as Spark writes them", () => {
  assert.equal(parseInterval("interval 30 days"), 30 * DAY_MS);
  assert.equal(parseInterval("INTERVAL 1 week 2 hours"), 7 * DAY_MS + 7_200_000);
  assert.equal(parseInterval("168 hours"), 7 * DAY_MS);
  assert.equal(parseInterval("interval 1 month"), undefined);
  assert.equal(parseInterval("soon"), undefined);
});
