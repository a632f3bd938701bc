/** Which commits may follow one another (optimistic concurrency). */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Action,
  CommitConflictError,
  type CommitOptions,
  DeltaTable,
  removeFile,
} from "../../../server/lake/delta/mod.ts";
import { ScouterError } from "../../../server/errors.ts";
import { fakeFile, withStore } from "./support.ts";

const DEFINITION = {
  columns: [{ name: "id", type: "long", nullable: true }],
  partitionColumns: [],
} as const;
const NOW = 1_800_000_000_000;

/** A table with files `a` and `b`; `theirs` wins the race against `ours`. */
async function race(
  theirs: (table: DeltaTable) => Action[],
  ours: (table: DeltaTable) => Action[],
  options: Partial<CommitOptions> = {},
): Promise<{ version: number; files: string[] } | Error> {
  let outcome: { version: number; files: string[] } | Error | undefined;
  await withStore(async (store) => {
    const winner = await DeltaTable.create(store, "t", DEFINITION);
    await winner.commit([fakeFile("a"), fakeFile("b")], { operation: "WRITE" });
    const loser = await DeltaTable.open(store, "t");
    const actions = ours(loser);
    await winner.commit(theirs(winner), { operation: "WRITE" });
    try {
      const { version, snapshot } = await loser.commit(actions, { operation: "WRITE", ...options });
      outcome = { version, files: [...snapshot.files.keys()].sort() };
    } catch (error) {
      assert.ok(error instanceof ScouterError, String(error));
      outcome = error;
    }
  });
  assert.ok(outcome);
  return outcome;
}

const remove = (key: string, dataChange = true) => (table: DeltaTable): Action[] => {
  const file = table.snapshot.files.get(key);
  assert.ok(file);
  return [removeFile(file, { deletionTimestampMs: NOW, dataChange })];
};
const add = (key: string) => (): Action[] => [fakeFile(key)];
const rename = (
  table: DeltaTable,
): Action[] => [{ metaData: { ...table.snapshot.metadata, name: "new" } }];

test("appends follow appends", async () => {
  assert.deepEqual(await race(add("c"), add("d")), { version: 3, files: ["a", "b", "c", "d"] });
});

test("an append follows a removal, and a removal an append", async () => {
  assert.deepEqual(await race(remove("a"), add("d")), { version: 3, files: ["b", "d"] });
  assert.deepEqual(await race(add("c"), remove("a")), { version: 3, files: ["b", "c"] });
});

test("removals of different files follow one another", async () => {
  assert.deepEqual(await race(remove("a"), remove("b")), { version: 3, files: [] });
});

for (
  const [what, theirs, ours, options, pattern] of [
    ["both remove a file", remove("a"), remove("a"), {}, /version 2: both remove the file "a"/],
    ["both add the same file", add("c"), add("c"), {}, /both change the file "c"/],
    ["the winner changed the metadata", rename, add("c"), {}, /changed the table's metadata/],
    [
      "the winner changed the protocol",
      () => [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }] as Action[],
      add("c"),
      {},
      /changed the protocol/,
    ],
    ["our metadata change met any other", add("c"), rename, {}, /while its metadata or protocol/],
    [
      "rows were added to a table we read",
      add("c"),
      add("d"),
      { reads: "table" },
      /added rows to what was read/,
    ],
    [
      "files were removed from a table we read",
      remove("a"),
      add("d"),
      { reads: "table" },
      /removed files that were read/,
    ],
    [
      "an application committed an older transaction meanwhile",
      () => [{ txn: { appId: "w", version: 1 } }] as Action[],
      () => [fakeFile("d"), { txn: { appId: "w", version: 2 } }],
      {},
      /application "w" committed transaction 1/,
    ],
  ] as const
) {
  test(`a commit is refused when ${what}`, async () => {
    const error = await race(theirs as () => Action[], ours as () => Action[], options);
    assert.ok(error instanceof CommitConflictError, JSON.stringify(error));
    assert.match(error.message, pattern);
    assert.equal(error.code, "CONFLICT");
  });
}

test("a decision made on an old version is checked against everything since", async () => {
  await withStore(async (store) => {
    const table = await DeltaTable.create(store, "t", DEFINITION);
    const { snapshot } = await table.commit([fakeFile("a"), fakeFile("b")], { operation: "WRITE" });
    const old = snapshot.files.get("a");
    assert.ok(old);
    await table.commit([fakeFile("c")], { operation: "WRITE" });
    const compaction = [
      removeFile(old, { deletionTimestampMs: NOW, dataChange: false }),
      fakeFile("a2"),
    ];
    const { snapshot: after } = await table.commit(compaction, {
      operation: "OPTIMIZE",
      readVersion: snapshot.version,
    });
    assert.deepEqual([...after.files.keys()].sort(), ["a2", "b", "c"]);
    await assert.rejects(
      table.commit([
        removeFile(old, { deletionTimestampMs: NOW, dataChange: false }),
        fakeFile("a3"),
      ], {
        operation: "OPTIMIZE",
        readVersion: snapshot.version,
      }),
      (error) =>
        error instanceof CommitConflictError && /both remove the file "a"/.test(error.message),
    );
    await assert.rejects(
      table.commit([removeFile(old, { deletionTimestampMs: NOW, dataChange: false })], {
        operation: "OPTIMIZE",
      }),
      /the file "a" is not in the table/,
    );
    assert.equal((await table.update()).version, 3);
  });
});

for (
  const [what, actions, pattern] of [
    ["adds a file twice", [fakeFile("x"), fakeFile("x")], /two add actions for "x"/],
    ["has a transaction twice", [{ txn: { appId: "w", version: 1 } }, {
      txn: { appId: "w", version: 2 },
    }], /two txn actions for "w"/],
    [
      "adds a file with wrong partition values",
      [fakeFile("x", { day: "2026-01-01" })],
      /partition values for \(day\); the table is partitioned by \(\)/,
    ],
  ] as const
) {
  test(`a commit that ${what} is refused before anything is written`, async () => {
    await withStore(async (store) => {
      const table = await DeltaTable.create(store, "t", DEFINITION);
      await assert.rejects(table.commit(actions, { operation: "WRITE" }), pattern);
      assert.equal((await DeltaTable.open(store, "t")).snapshot.version, 0);
    });
  });
}

test("an append-only table takes compactions and refuses deletions", async () => {
  await withStore(async (store) => {
    const table = await DeltaTable.create(store, "t", {
      ...DEFINITION,
      configuration: { "delta.appendOnly": "true" },
    });
    await table.commit([fakeFile("a"), fakeFile("b")], { operation: "WRITE" });
    await assert.rejects(table.commit(remove("a")(table), { operation: "DELETE" }), /append-only/);
    await table.commit(remove("a", false)(table), { operation: "OPTIMIZE" });
    assert.deepEqual([...table.snapshot.files.keys()], ["b"]);
  });
});
