/** We read what another engine, delta-rs, writes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { addFile, DeltaTable } from "../../../server/lake/delta/mod.ts";
import { deltaRs, parquetFile, withStore } from "./support.ts";

/** Each prints the version and the file paths and row counts that delta-rs itself sees. */
const PRELUDE = `
import sys, json, datetime
import polars as pl
from deltalake import DeltaTable, write_deltalake
path = sys.argv[1]
def report(**more):
    t = DeltaTable(path)
    actions = pl.DataFrame(t.get_add_actions(flatten=True))
    print(json.dumps({"version": t.version(), "files": sorted(
        [[r["path"], r["num_records"], r["size_bytes"]] for r in actions.to_dicts()]), **more}, default=str))
`;

interface Report {
  version: number;
  files: [string, number, number][];
}

const ours = (table: DeltaTable): [string, number | undefined, number][] =>
  [...table.snapshot.files.values()]
    .map((
      file,
    ): [string, number | undefined, number] => [
      file.add.path,
      file.stats.numRecords,
      file.sizeBytes,
    ])
    .sort(([a], [b]) => a < b ? -1 : 1);

test("appends, deletes, overwrites and optimised files of delta-rs are seen as delta-rs sees them", async () => {
  await withStore(async (store, folder) => {
    const report = await deltaRs(
      `${PRELUDE}
for i in range(3):
    write_deltalake(path, pl.DataFrame({"id": [i * 10 + j for j in range(10)]}), mode="append")
DeltaTable(path).delete("id = 5")
DeltaTable(path).optimize.compact()
write_deltalake(path, pl.DataFrame({"id": [1000]}), mode="append")
report()`,
      `${folder}/t`,
    ) as Report;
    const table = await DeltaTable.open(store, "t");
    assert.equal(table.snapshot.version, report.version);
    assert.deepEqual(ours(table), report.files);
    assert.equal(report.files.reduce((sum, [, rows]) => sum + rows, 0), 30);

    const overwritten = await deltaRs(
      `${PRELUDE}
write_deltalake(path, pl.DataFrame({"id": [7, 8]}), mode="overwrite")
report()`,
      `${folder}/t`,
    ) as Report;
    await table.update();
    assert.equal(table.snapshot.version, overwritten.version);
    assert.deepEqual(ours(table), overwritten.files);
    assert.ok(table.snapshot.tombstones.size >= 2);
  });
});

test("a checkpoint of delta-rs is enough to read the table, and we can go on from it", async () => {
  await withStore(async (store, folder) => {
    const report = await deltaRs(
      `${PRELUDE}
from deltalake import CommitProperties, Transaction
for i in range(5):
    write_deltalake(path, pl.DataFrame({"id": [i], "p": ["x" if i % 2 else "y"]}), mode="append", partition_by=["p"],
        commit_properties=CommitProperties(app_transactions=[Transaction("app", i)]))
DeltaTable(path).delete("id = 2")
DeltaTable(path).create_checkpoint()
report()`,
      `${folder}/t`,
    ) as Report;
    for (let version = 0; version <= report.version; version++) {
      await store.delete(`t/_delta_log/${String(version).padStart(20, "0")}.json`);
    }
    const table = await DeltaTable.open(store, "t");
    assert.equal(table.snapshot.version, report.version);
    assert.deepEqual(ours(table), report.files);
    assert.equal(table.snapshot.txns.get("app"), 4);
    assert.equal(table.snapshot.tombstones.size, 1);
    assert.deepEqual(table.snapshot.metadata.partitionColumns, ["p"]);

    const add = await parquetFile(store, "t", "p=z/ours.parquet", "SELECT 99::BIGINT AS id", {
      p: "z",
    });
    await table.commit([add], { operation: "WRITE" });
    const rows = await deltaRs(
      `${PRELUDE}
print(json.dumps(sorted(pl.read_delta(path).rows())))`,
      `${folder}/t`,
    );
    assert.deepEqual(rows, [[0, "y"], [1, "x"], [3, "x"], [4, "y"], [99, "z"]]);
  });
});

const STRANGE = ["a b", "50%", "a/b", "ü=?#&+", "c:\\d", "日本", "'\"{}[]", "x%20y", "."];

test("special characters in partition values and paths survive in both directions", async () => {
  await withStore(async (store, folder) => {
    const report = await deltaRs(
      `${PRELUDE}
values = json.loads(sys.argv[2])
write_deltalake(path, pl.DataFrame({"id": list(range(len(values) + 1)), "p": values + [None]}), partition_by=["p"])
report()`,
      `${folder}/t`,
      JSON.stringify(STRANGE),
    ) as Report;
    const table = await DeltaTable.open(store, "t");
    const found = [...table.snapshot.files.values()];
    assert.deepEqual(
      found.map(({ partitionValues }) => partitionValues["p"] ?? null).sort(),
      [...STRANGE, null].sort(),
    );
    for (const file of found) {
      assert.equal((await store.head(`t/${file.key}`))?.sizeBytes, file.sizeBytes, file.key);
    }
    assert.equal(report.files.length, STRANGE.length + 1);

    // Our own paths: the same value, our folder name, our encoding.
    const { partitionFolder } = await import("../../../server/lake/delta/mod.ts");
    for (const [index, p] of STRANGE.entries()) {
      const key = `${partitionFolder(["p"], { p })}ours ${index}%41.parquet`;
      await table.commit(
        [await parquetFile(store, "t", key, `SELECT ${100 + index}::BIGINT AS id`, { p })],
        { operation: "WRITE" },
      );
    }
    const rows = await deltaRs(
      `${PRELUDE}
from deltalake import QueryBuilder
out = QueryBuilder().register("t", DeltaTable(path)).execute("select id, p from t where id >= 100 order by id").read_all()
print(json.dumps([list(r) for r in pl.DataFrame(out).rows()]))`,
      `${folder}/t`,
    );
    assert.deepEqual(rows, STRANGE.map((value, index) => [100 + index, value]));
    assert.deepEqual(
      addFile({ key: "p=a b/x%.parquet", partitionValues: {}, sizeBytes: 1, modificationTimeMs: 1 })
        .add.path,
      "p=a%20b/x%25.parquet",
    );
  });
});
