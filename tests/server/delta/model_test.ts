/** Random histories against a simple model. */

import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { test } from "node:test";
import fc from "fast-check";
import { type Action, DeltaTable, removeFile } from "../../../server/lake/delta/mod.ts";
import { deltaRs, fakeFile, withStore } from "./support.ts";

interface Step {
  readonly add: readonly number[];
  readonly remove: readonly number[];
  readonly txn: readonly [string, number] | null;
  readonly reopen: boolean;
  readonly checkpoint: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  add: fc.uniqueArray(fc.nat(8), { maxLength: 3 }),
  remove: fc.uniqueArray(fc.nat(8), { maxLength: 2 }),
  txn: fc.option(fc.tuple(fc.constantFrom("a", "b"), fc.nat(5))),
  reopen: fc.boolean(),
  checkpoint: fc.boolean(),
});

test("after any history a fresh handle, an old handle and the model agree", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, interval) => {
        await withStore(async (store) => {
          let table = await DeltaTable.create(store, "t", {
            columns: [{ name: "id", type: "long", nullable: true }],
            partitionColumns: [],
            configuration: { "delta.checkpointInterval": String(interval) },
          });
          const follower = await DeltaTable.open(store, "t");
          const files = new Set<string>();
          const txns = new Map<string, number>();
          let version = 0;
          for (const { add, remove, txn, reopen, checkpoint } of steps) {
            const added = add.map((n) => `f ${n}%`);
            const removed = remove.map((n) => `f ${n}%`).filter((key) =>
              files.has(key) && !added.includes(key)
            );
            const actions: Action[] = added.map((key) => fakeFile(key));
            for (const key of removed) {
              const file = table.snapshot.files.get(key);
              assert.ok(file, key);
              actions.push(removeFile(file, { deletionTimestampMs: Date.now(), dataChange: true }));
            }
            if (txn !== null) actions.push({ txn: { appId: txn[0], version: txn[1] } });
            const isRepeated = txn !== null && (txns.get(txn[0]) ?? -1) >= txn[1];
            const { status } = await table.commit(actions, { operation: "WRITE" });
            assert.equal(status, isRepeated ? "already" : "committed");
            if (!isRepeated) {
              version++;
              added.forEach((key) => files.add(key));
              removed.forEach((key) => files.delete(key));
              if (txn !== null) txns.set(...txn);
            }
            if (checkpoint) await table.checkpoint();
            if (reopen) table = await DeltaTable.open(store, "t");
          }
          for (const handle of [table, follower, await DeltaTable.open(store, "t")]) {
            const snapshot = await handle.update();
            assert.equal(snapshot.version, version);
            assert.deepEqual(new Set(snapshot.files.keys()), files);
            assert.deepEqual(new Map(snapshot.txns), txns);
            for (const key of snapshot.tombstones.keys()) assert.ok(!files.has(key));
          }
        });
      },
    ),
    { numRuns: 40 },
  );
});

test("a checkpoint in several parts is read when it is complete and passed over when it is not", async () => {
  await withStore(async (store, folder) => {
    const files = await deltaRs(
      `
import sys, json
import polars as pl
from deltalake import DeltaTable, write_deltalake
for i in range(6):
    write_deltalake(sys.argv[1], pl.DataFrame({"id": [i]}), mode="append")
DeltaTable(sys.argv[1]).create_checkpoint()
print(json.dumps(sorted(DeltaTable(sys.argv[1]).file_uris())))`,
      `${folder}/t`,
    ) as string[];
    const log = `${folder}/t/_delta_log/00000000000000000005`;
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    for (const part of [1, 2]) {
      await connection.run(
        `COPY (SELECT * EXCLUDE file_row_number FROM read_parquet('${log}.checkpoint.parquet', file_row_number = true)
           WHERE file_row_number % 2 = ${part - 1})
         TO '${log}.checkpoint.000000000${part}.0000000002.parquet' (FORMAT parquet)`,
      );
    }
    connection.closeSync();
    const name = (version: number, rest: string) =>
      `t/_delta_log/${String(version).padStart(20, "0")}.${rest}`;
    await store.delete(name(5, "checkpoint.parquet"));
    const fromParts = async () =>
      [...(await DeltaTable.open(store, "t")).snapshot.files.keys()].map((key) =>
        `${folder}/t/${key}`
      ).sort();

    const hidden = await store.get(name(5, "checkpoint.0000000002.0000000002.parquet"));
    assert.ok(hidden);
    await store.delete(name(5, "checkpoint.0000000002.0000000002.parquet"));
    assert.deepEqual(await fromParts(), files);
    for (let version = 0; version <= 5; version++) await store.delete(name(version, "json"));
    await assert.rejects(DeltaTable.open(store, "t"), /damaged: there are log files, but neither/);
    await store.put(name(5, "checkpoint.0000000002.0000000002.parquet"), hidden);
    assert.deepEqual(await fromParts(), files);
  });
});
