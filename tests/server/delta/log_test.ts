/** Reading the log: cost, damage, refusals, checkpoints. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Action, DeltaTable } from "../../../server/lake/delta/mod.ts";
import { parseStats } from "../../../server/lake/delta/stats.ts";
import type { LocalObjectStore } from "../../../server/lake/objects/local.ts";
import { ScouterError } from "../../../server/errors.ts";
import { CountingStore, fakeFile, withStore } from "./support.ts";

const DEFINITION = {
  columns: [{ name: "id", type: "long", nullable: true }],
  partitionColumns: [],
} as const;
const METADATA = {
  id: "8ba7b810-9dad-41d1-80b4-00c04fd430c8",
  format: { provider: "parquet", options: {} },
  schemaString:
    '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]}',
  partitionColumns: [],
  configuration: {},
};
const ADD = { path: "a", partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };

const commitName = (version: number) => `t/_delta_log/${String(version).padStart(20, "0")}.json`;
const putCommit = (store: LocalObjectStore, version: number, ...actions: unknown[]) =>
  store.put(
    commitName(version),
    new TextEncoder().encode(actions.map((a) => JSON.stringify(a) + "\n").join("")),
  );

async function refusal(work: Promise<unknown>): Promise<ScouterError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ScouterError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "expected an error" });
}

for (const commits of [20, 200]) {
  test(`following a table with ${commits} commits costs one GET a commit, one more, and no LIST`, async () => {
    await withStore(async (store) => {
      const writer = await DeltaTable.create(store, "t", DEFINITION);
      for (let i = 0; i < commits; i++) {
        await writer.commit([fakeFile(`f${i}`)], { operation: "WRITE" });
      }
      const counting = new CountingStore(store);
      const reader = await DeltaTable.open(counting, "t");
      // Pointer, one LIST from it, the checkpoint (the last commit wrote one): whatever the length of the history.
      assert.deepEqual(counting.take(), { get: 2, list: 1 });
      await reader.update();
      assert.deepEqual(counting.take(), { get: 1 });
      for (let i = 0; i < 3; i++) await writer.commit([fakeFile(`g${i}`)], { operation: "WRITE" });
      await reader.update();
      assert.deepEqual(counting.take(), { get: 4 });
      assert.equal(reader.snapshot.files.size, commits + 3);
      await reader.commit([fakeFile("h")], { operation: "WRITE" });
      assert.deepEqual(counting.take(), { putIfAbsent: 1 });
    });
  });
}

test("a snapshot is never changed by later commits", async () => {
  await withStore(async (store) => {
    const table = await DeltaTable.create(store, "t", DEFINITION);
    const { snapshot } = await table.commit([fakeFile("a")], { operation: "WRITE" });
    await table.commit([fakeFile("b"), { txn: { appId: "x", version: 1 } }], {
      operation: "WRITE",
    });
    assert.deepEqual([snapshot.version, [...snapshot.files.keys()], snapshot.txns.size], [
      1,
      ["a"],
      0,
    ]);
  });
});

for (
  const [what, content, pattern] of [
    ["a cut-off line", '{"add":{"path":"a","partitionVal', /line 1 .*is not JSON \(cut off\?\)/],
    ["no lines at all", "", /commit file is empty/],
    ["a line that is no action", '["add"]', /line 1 .*is not an action/],
    [
      "an add without size",
      '{"add":{"path":"a","partitionValues":{},"modificationTime":1,"dataChange":true}}',
      /malformed add action.*size/,
    ],
    [
      "a path out of the table",
      JSON.stringify({ add: { ...ADD, path: "../../etc/passwd" } }),
      /"\.\.\/\.\.\/etc\/passwd", which is not a relative URI/,
    ],
    [
      "an encoded path out of the table",
      JSON.stringify({ add: { ...ADD, path: "%2E%2E/x" } }),
      /not a relative URI/,
    ],
    [
      "a checkpoint's sidecar",
      '{"sidecar":{"path":"x","sizeInBytes":1,"modificationTime":1}}',
      /sidecar action/,
    ],
  ] as const
) {
  test(`a commit with ${what} is an error that names table and version`, async () => {
    await withStore(async (store, folder) => {
      await DeltaTable.create(store, "t", DEFINITION);
      await store.put(commitName(1), new TextEncoder().encode(content));
      const error = await refusal(DeltaTable.open(store, "t"));
      assert.match(error.message, pattern);
      assert.ok(error.message.includes(`file://${folder}/t`), error.message);
      if (!what.includes("path")) {
        assert.match(error.message, /version 1 /);
        assert.match(error.suggestedAction ?? "", /Restore/);
      }
    });
  });
}

test("a missing version in the middle of the log is an error that names it", async () => {
  await withStore(async (store) => {
    const table = await DeltaTable.create(store, "t", DEFINITION);
    for (const name of ["a", "b", "c"]) {
      await table.commit([fakeFile(name)], { operation: "WRITE" });
    }
    await store.delete(commitName(2));
    const error = await refusal(DeltaTable.open(store, "t"));
    assert.match(
      error.message,
      /version 2 of the log is damaged: .*0002\.json is missing, though version 3 is there/,
    );
  });
});

test("unknown actions, fields and blank lines are skipped, as the protocol demands", async () => {
  await withStore(async (store) => {
    await putCommit(
      store,
      0,
      { protocol: { minReaderVersion: 1, minWriterVersion: 2, later: 1 } },
      { metaData: { ...METADATA, later: {} } },
      { somethingNew: { a: 1 } },
      { add: { ...ADD, baseRowId: 3, clusteringProvider: "x" } },
      { cdc: { path: "_change_data/x", partitionValues: {}, size: 1, dataChange: false } },
    );
    const { snapshot } = await DeltaTable.open(store, "t");
    assert.deepEqual([...snapshot.files.keys()], ["a"]);
  });
});

for (
  const [feature, protocol] of [
    ["deletionVectors", {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ["deletionVectors"],
      writerFeatures: ["deletionVectors"],
    }],
    ["v2Checkpoint", {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ["v2Checkpoint", "timestampNtz"],
      writerFeatures: ["v2Checkpoint", "timestampNtz"],
    }],
    ["someDay", {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ["someDay"],
      writerFeatures: ["someDay"],
    }],
    ["reader version 4", { minReaderVersion: 4, minWriterVersion: 7 }],
  ] as const
) {
  test(`a table that needs ${feature} to be read is refused by name`, async () => {
    await withStore(async (store) => {
      await putCommit(store, 0, { protocol }, { metaData: METADATA });
      const error = await refusal(DeltaTable.open(store, "t"));
      assert.equal(error.code, "NOT_IMPLEMENTED");
      assert.ok(error.message.includes(feature), error.message);
    });
  });
}

for (
  const [feature, protocol, metadata] of [
    ["rowTracking", {
      minReaderVersion: 1,
      minWriterVersion: 7,
      writerFeatures: ["rowTracking", "appendOnly"],
    }, {}],
    ["checkConstraints", { minReaderVersion: 1, minWriterVersion: 3 }, {
      configuration: { "delta.constraints.a": "id > 0" },
    }],
    ["changeDataFeed", { minReaderVersion: 1, minWriterVersion: 4 }, {
      configuration: { "delta.enableChangeDataFeed": "true" },
    }],
    ["invariants", { minReaderVersion: 1, minWriterVersion: 2 }, {
      schemaString:
        '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{"delta.invariants":"{}"}}]}',
    }],
  ] as const
) {
  test(`a table that uses ${feature} can be read, and writing it is refused by name`, async () => {
    await withStore(async (store) => {
      await putCommit(store, 0, { protocol }, { metaData: { ...METADATA, ...metadata } });
      const table = await DeltaTable.open(store, "t");
      const error = await refusal(table.commit([fakeFile("a")], { operation: "WRITE" }));
      assert.equal(error.code, "NOT_IMPLEMENTED");
      assert.ok(error.message.includes(feature), error.message);
      assert.equal(await store.head(commitName(1)), null);
    });
  });
}

test("features that a table merely lists do not stand in the way", async () => {
  await withStore(async (store) => {
    const features = [
      "appendOnly",
      "invariants",
      "checkConstraints",
      "changeDataFeed",
      "generatedColumns",
      "domainMetadata",
      "timestampNtz",
      "vacuumProtocolCheck",
    ];
    await putCommit(
      store,
      0,
      {
        protocol: {
          minReaderVersion: 3,
          minWriterVersion: 7,
          readerFeatures: ["timestampNtz", "vacuumProtocolCheck"],
          writerFeatures: features,
        },
      },
      { metaData: METADATA },
      { domainMetadata: { domain: "d", configuration: "{}", removed: false } },
    );
    const table = await DeltaTable.open(store, "t");
    await table.commit([fakeFile("a")], { operation: "WRITE" });
    await table.checkpoint();
    await store.delete(commitName(0));
    const { snapshot } = await DeltaTable.open(store, "t");
    assert.deepEqual(snapshot.protocol.writerFeatures, features);
    assert.deepEqual(snapshot.domains.get("d"), {
      domain: "d",
      configuration: "{}",
      removed: false,
    });
  });
});

test("a file with a deletion vector is refused", async () => {
  await withStore(async (store) => {
    const deletionVector = {
      storageType: "u",
      pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^",
      sizeInBytes: 40,
      cardinality: 6,
    };
    await putCommit(
      store,
      0,
      { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
      { metaData: METADATA },
      { add: { ...ADD, deletionVector } },
    );
    assert.match(
      (await refusal(DeltaTable.open(store, "t"))).message,
      /deletionVectors is not supported/,
    );
  });
});

test("a checkpoint keeps everything a snapshot has, and a damaged or stale pointer to it does no harm", async () => {
  await withStore(async (store) => {
    const table = await DeltaTable.create(store, "t", {
      ...DEFINITION,
      name: "näme",
      configuration: {
        "delta.checkpointInterval": "3",
        "delta.logRetentionDuration": "interval 2 weeks",
      },
    });
    const now = Date.now();
    const commit = (...actions: Action[]) => table.commit(actions, { operation: "WRITE" });
    await commit(fakeFile("old"), fakeFile("kept é/%"), {
      txn: { appId: "w", version: 2 ** 40, lastUpdated: now },
    });
    await commit({ remove: { path: "old", dataChange: true, deletionTimestamp: now } });
    await commit(fakeFile("x"));
    await commit(fakeFile("y"));
    const expected = await DeltaTable.open(store, "t");
    for (const version of [0, 1, 2]) await store.delete(commitName(version));
    for (
      const pointer of [
        undefined,
        "{",
        '{"version":1,"size":3}',
        '{"version":3,"size":6,"checksum":"00"}',
      ]
    ) {
      if (pointer === undefined) await store.delete("t/_delta_log/_last_checkpoint");
      else await store.put("t/_delta_log/_last_checkpoint", new TextEncoder().encode(pointer));
      const { snapshot } = await DeltaTable.open(store, "t");
      assert.equal(snapshot.version, 4);
      assert.deepEqual([...snapshot.files.keys()].sort(), ["kept é/%", "x", "y"]);
      assert.deepEqual(snapshot.txnActions.get("w"), {
        appId: "w",
        version: 2 ** 40,
        lastUpdated: now,
      });
      assert.equal(snapshot.tombstones.get("old")?.deletionTimestamp, now);
      assert.deepEqual(snapshot.metadata, expected.snapshot.metadata);
      assert.deepEqual(snapshot.protocol, expected.snapshot.protocol);
    }
  });
});

test("a handle that slept while the log was cleaned up commits behind the newest version, not into the gap", async () => {
  await withStore(async (store) => {
    let nowMs = Date.now();
    const sleeper = await DeltaTable.create(store, "t", DEFINITION, { now: () => nowMs });
    const busy = await DeltaTable.open(store, "t");
    for (let i = 0; i < 10; i++) await busy.commit([fakeFile(`f${i}`)], { operation: "WRITE" });
    for (let version = 0; version < 10; version++) await store.delete(commitName(version));
    nowMs += 3_600_000;
    const { version } = await sleeper.commit([fakeFile("late")], {
      operation: "WRITE",
      readVersion: 10,
    });
    assert.equal(version, 11);
    assert.equal(await store.head(commitName(1)), null);
  });
});

test("longs in statistics beyond 2^53 stay exact, and malformed statistics count as unknown", () => {
  const stats = parseStats(
    '{"numRecords":2,"minValues":{"a":-9223372036854775807,"s":{"b":1.5}},"maxValues":{"a":9007199254740993}}',
  );
  assert.deepEqual(stats.minValues, { a: -9223372036854775807n, s: { b: 1.5 } });
  assert.deepEqual(stats.maxValues, { a: 9007199254740993n });
  assert.deepEqual([stats.numRecords, stats.nullCount], [2, {}]);
  assert.deepEqual(parseStats("{").minValues, {});
});
