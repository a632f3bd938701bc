/** Another engine, delta-rs, reads what we write. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ColumnDefinition, DeltaTable, removeFile } from "../../../server/lake/delta/mod.ts";
import { deltaRs, parquetFile, withStore } from "./support.ts";

const COLUMNS: readonly ColumnDefinition[] = [
  { name: "id", type: "long", nullable: false, doc: "Row number." },
  { name: "raw", type: "binary", nullable: false },
  { name: "name", type: "string", nullable: true },
  { name: "small", type: "integer", nullable: true },
  { name: "ratio", type: "double", nullable: true },
  { name: "at", type: "timestamp", nullable: false },
  { name: "labels", type: "map<string,string>", nullable: false },
  { name: "tags", type: "array<string>", nullable: true },
  { name: "day", type: "date", nullable: false },
];
const DEFINITION = { columns: COLUMNS, partitionColumns: ["day"], name: "things" };

const rows = (from: number, to: number) =>
  `SELECT i::BIGINT AS id, unhex('00ff' || lpad(to_hex(i), 4, '0')) AS raw,
     CASE WHEN i % 2 = 0 THEN 'náme ' || i END AS name, (i * 10)::INTEGER AS small, i / 4.0::DOUBLE AS ratio,
     make_timestamptz(1760000000123456 + i) AS at, MAP {'k': i::VARCHAR, 'ü': '"x"'} AS labels,
     CASE WHEN i > 1 THEN ['a', NULL, 'b'] END AS tags
   FROM range(${from}, ${to}) t(i)`;

const READ = `
import sys, json
import polars as pl
from deltalake import DeltaTable, QueryBuilder
t = DeltaTable(sys.argv[1])
table = QueryBuilder().register("t", t).execute("select * from t order by id").read_all()
frame = pl.DataFrame(table)
def plain(v):
    if isinstance(v, bytes): return v.hex()
    if isinstance(v, list): return [plain(x) for x in v]
    if isinstance(v, dict): return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (int, float, str)) or v is None: return v
    return v.isoformat()
print(json.dumps({
    "version": t.version(),
    "files": len(t.file_uris()),
    "name": t.metadata().name,
    "partitions": t.metadata().partition_columns,
    "protocol": [t.protocol().min_reader_version, t.protocol().min_writer_version],
    "types": {f.name: f.type.type if hasattr(f.type, "type") and isinstance(f.type.type, str) else str(f.type) for f in t.schema().fields},
    "rows": [{k: plain(v) for k, v in r.items()} for r in frame.to_dicts()],
    "transactions": t.transaction_version("writer-1"),
}))
`;

interface Read {
  version: number;
  files: number;
  name: string;
  partitions: string[];
  protocol: number[];
  types: Record<string, string>;
  rows: Record<string, unknown>[];
  transactions: number | null;
}
const read = async (folder: string): Promise<Read> => await deltaRs(READ, `${folder}/t`) as Read;

test("delta-rs sees counts, types and values, also after a checkpoint, a removal and a vacuum", async () => {
  await withStore(async (store, folder) => {
    const table = await DeltaTable.create(store, "t", DEFINITION);
    const first = await parquetFile(store, "t", "day=2026-01-01/a.parquet", rows(0, 3), {
      day: "2026-01-01",
    });
    await table.commit([first, { txn: { appId: "writer-1", version: 41 } }], {
      operation: "WRITE",
    });

    const one = await read(folder);
    assert.deepEqual(
      { ...one, rows: undefined },
      {
        version: 1,
        files: 1,
        name: "things",
        partitions: ["day"],
        protocol: [1, 2],
        types: {
          id: "long",
          raw: "binary",
          name: "string",
          small: "integer",
          ratio: "double",
          at: "timestamp",
          labels: "map",
          tags: "array",
          day: "date",
        },
        rows: undefined,
        transactions: 41,
      },
    );
    assert.deepEqual(one.rows[2], {
      id: 2,
      raw: "00ff0002",
      name: "náme 2",
      small: 20,
      ratio: 0.5,
      at: "2025-10-09T08:53:20.123458+00:00",
      labels: { k: "2", ü: '"x"' },
      tags: ["a", null, "b"],
      day: "2026-01-01",
    });
    assert.deepEqual([one.rows[1]?.["name"], one.rows[1]?.["tags"]], [null, null]);

    for (let i = 0; i < 11; i++) {
      const day = `2026-01-${String(2 + i).padStart(2, "0")}`;
      const add = await parquetFile(
        store,
        "t",
        `day=${day}/b.parquet`,
        rows(10 * i + 10, 10 * i + 20),
        { day },
      );
      const { maintenanceError } = await table.commit(
        [add, { txn: { appId: "writer-1", version: 42 + i } }],
        { operation: "WRITE" },
      );
      assert.equal(maintenanceError, undefined);
    }
    // The commits before the checkpoint are gone: delta-rs has to use it.
    assert.notEqual(await store.head("t/_delta_log/00000000000000000010.checkpoint.parquet"), null);
    for (let version = 0; version < 10; version++) {
      await store.delete(`t/_delta_log/${String(version).padStart(20, "0")}.json`);
    }
    const many = await read(folder);
    assert.deepEqual([many.version, many.files, many.rows.length, many.transactions], [
      12,
      12,
      113,
      52,
    ]);
    assert.deepEqual(many.rows.map(({ id }) => id), [
      0,
      1,
      2,
      ...Array.from({ length: 110 }, (_, i) => i + 10),
    ]);

    const gone = table.snapshot.files.get("day=2026-01-01/a.parquet");
    assert.ok(gone);
    await table.commit([removeFile(gone, { deletionTimestampMs: Date.now(), dataChange: true })], {
      operation: "DELETE",
    });
    assert.deepEqual((await read(folder)).rows.length, 110);

    const { deleted } = await table.vacuum({ retentionMs: 0 });
    assert.deepEqual(deleted, ["day=2026-01-01/a.parquet"]);
    await table.checkpoint();
    const last = await read(folder);
    assert.deepEqual([last.version, last.files, last.rows.length], [13, 11, 110]);
  });
});

test("delta-rs deletes from, compacts and vacuums our table, and we follow", async () => {
  await withStore(async (store, folder) => {
    const table = await DeltaTable.create(store, "t", DEFINITION);
    for (let i = 0; i < 4; i++) {
      const day = i < 3 ? "2026-01-01" : "2026-01-02";
      const add = await parquetFile(
        store,
        "t",
        `day=${day}/${i}.parquet`,
        rows(10 * i, 10 * i + 10),
        { day },
      );
      await table.commit([add], { operation: "WRITE" });
    }
    const before = [...table.snapshot.files.keys()];
    const version = await deltaRs(
      `
import sys
from deltalake import DeltaTable
t = DeltaTable(sys.argv[1])
t.delete("id >= 35")
t.optimize.compact()
t.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
t.create_checkpoint()
print(DeltaTable(sys.argv[1]).version())`,
      `${folder}/t`,
    );
    for (const handle of [table, await DeltaTable.open(store, "t")]) {
      const { files, version: ours } = await handle.update();
      assert.equal(ours, version);
      assert.deepEqual(
        [...files.values()].map((
          { partitionValues, stats },
        ) => [partitionValues["day"], stats.numRecords]).sort(),
        [
          ["2026-01-01", 30],
          ["2026-01-02", 5],
        ],
      );
      for (const key of files.keys()) assert.notEqual(await store.head(`t/${key}`), null);
    }
    for (const key of before) assert.equal(await store.head(`t/${key}`), null, key);
    const after = await parquetFile(store, "t", "day=2026-01-02/z.parquet", rows(50, 52), {
      day: "2026-01-02",
    });
    await table.commit([after], { operation: "WRITE" });
    assert.equal((await read(folder)).rows.length, 37);
  });
});
