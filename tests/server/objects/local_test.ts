import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ScouterError } from "../../../server/errors.ts";
import { compareKeys } from "../../../server/lake/objects/keys.ts";
import { LocalObjectStore } from "../../../server/lake/objects/local.ts";

async function withStore(
  work: (store: LocalObjectStore, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "objects-test-"));
  try {
    await work(new LocalObjectStore(join(folder, "root")), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (found: Uint8Array | null): string | null =>
  found === null ? null : new TextDecoder().decode(found);
async function keysOf(
  store: LocalObjectStore,
  prefix: string,
  startAfter?: string,
): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix, startAfter)) keys.push(key);
  return keys;
}

test("an object is read back whole, in ranges, and replaced as a whole", async () => {
  await withStore(async (store) => {
    assert.equal(await store.get("a/b"), null);
    await store.put("a/b", bytes("hello"));
    assert.equal(text(await store.get("a/b")), "hello");
    assert.equal(text(await store.getRange("a/b", 1, 3)), "el");
    assert.equal(text(await store.getRange("a/b", 3, 99)), "lo");
    assert.equal(text(await store.getRange("a/b", 9, 99)), "");
    assert.equal(await store.getRange("a/c", 0, 1), null);
    const info = await store.head("a/b");
    assert.deepEqual([info?.key, info?.sizeBytes], ["a/b", 5]);
    assert.ok(Math.abs((info?.modifiedMs ?? 0) - Date.now()) < 60_000);
    await store.put("a/b", bytes(""));
    assert.equal(text(await store.get("a/b")), "");
    await store.delete("a/b");
    await store.delete("a/b");
    assert.equal(await store.head("a/b"), null);
    assert.equal(await store.head("a"), null);
    assert.equal(await store.get("a"), null);
  });
});

test("of many concurrent put-if-absent calls exactly one wins and its content stays", async () => {
  await withStore(async (store, folder) => {
    const other = new LocalObjectStore(join(folder, "root"));
    for (let round = 0; round < 10; round++) {
      const won = await Promise.all(
        Array.from(
          { length: 20 },
          (_, i) => (i % 2 ? store : other).putIfAbsent(`log/${round}`, bytes(`writer ${i}`)),
        ),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal(text(await store.get(`log/${round}`)), `writer ${won.indexOf(true)}`);
    }
    assert.deepEqual((await readdir(join(store.root, "log"))).length, 10);
  });
});

test("a local file is moved in under its key", async () => {
  await withStore(async (store, folder) => {
    const source = join(folder, "made elsewhere");
    await writeFile(source, "rows");
    await store.putFile("p=1/x.parquet", source);
    assert.equal(text(await store.get("p=1/x.parquet")), "rows");
    assert.deepEqual(await readdir(folder), ["root"]);
  });
});

for (
  const key of [
    "",
    "/etc/passwd",
    "..",
    "a/../b",
    "a//b",
    "a/",
    "./a",
    "a\0b",
    ".tmp-x",
    "a/.tmp-1/b",
    "\ud800",
    "x".repeat(1025),
  ]
) {
  test(`the key ${JSON.stringify(key.slice(0, 20))} is refused by every method`, async () => {
    await withStore(async (store, folder) => {
      const calls = [
        () => store.get(key),
        () => store.getRange(key, 0, 1),
        () => store.head(key),
        () => store.put(key, bytes("x")),
        () => store.putIfAbsent(key, bytes("x")),
        () => store.putFile(key, join(folder, "x")),
        () => store.delete(key),
      ];
      for (const call of calls) {
        await assert.rejects(
          call,
          (error) => error instanceof ScouterError && error.code === "BAD_REQUEST",
        );
      }
      assert.deepEqual(await readdir(folder), []);
    });
  });
}

test("a listing cannot be led out of the folder", async () => {
  await withStore(async (store, folder) => {
    await writeFile(join(folder, "secret"), "x");
    await store.put("a", bytes("1"));
    await symlink(folder, join(store.root, "link"));
    await assert.rejects(() => keysOf(store, "../"), /'\.\.' segment/);
    assert.deepEqual(await keysOf(store, ""), ["a"]);
  });
});

test("listing gives the keys with a prefix after a key, in the order of their UTF-8 bytes", async () => {
  const segment = fc.string({
    unit: fc.constantFrom("a", "b", "-", ".x", "0", "~", "é", "\uffee", "😀"),
    minLength: 1,
    maxLength: 3,
  })
    .filter((name) => name !== "." && name !== "..");
  const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) =>
    segments.join("/")
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 12 }),
      fc.nat(40),
      fc.option(key),
      async (all, cut, after) => {
        await withStore(async (store) => {
          const stored: string[] = [];
          for (const candidate of all) {
            // A file system cannot hold an object and a folder of the same name.
            if (
              stored.some((other) =>
                other.startsWith(`${candidate}/`) || candidate.startsWith(`${other}/`)
              )
            ) continue;
            await store.put(candidate, bytes("x"));
            stored.push(candidate);
          }
          const prefix = (all[0] ?? "").slice(0, cut % 4);
          if (!prefix.isWellFormed()) return;
          const expected = stored.filter((candidate) => candidate.startsWith(prefix))
            .filter((candidate) =>
              Buffer.compare(Buffer.from(candidate), Buffer.from(after ?? "")) > 0
            )
            .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          assert.deepEqual(await keysOf(store, prefix, after ?? undefined), expected);
        });
      },
    ),
    { numRuns: 60 },
  );
});

test("keys compare as their UTF-8 bytes do", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
    assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }));
});

test("files of writers that died are not listed, and removed when they are old", async () => {
  await withStore(async (store) => {
    await store.put("a/x", bytes("1"));
    for (const name of ["old", "new"]) {
      await writeFile(join(store.root, "a", `.tmp-${name}`), "half");
    }
    await utimes(join(store.root, "a", ".tmp-old"), 1, 1);
    assert.deepEqual(await keysOf(store, "a"), ["a/x"]);
    assert.equal(await store.removeStaleTemporaries(3_600_000), 1);
    assert.deepEqual((await readdir(join(store.root, "a"))).sort(), [".tmp-new", "x"]);
    assert.equal(await new LocalObjectStore(join(store.root, "none")).removeStaleTemporaries(0), 0);
  });
});

test("what the file system refuses is told with the path and a way out, and may be retried", async () => {
  await withStore(async (store) => {
    await store.put("file", bytes("x"));
    await assert.rejects(store.put("file/below", bytes("y")), (error) => {
      assert.ok(error instanceof ScouterError);
      assert.equal(error.code, "UNAVAILABLE");
      assert.ok(error.retry);
      assert.match(
        error.message,
        /^cannot write .*\/root\/file\/below: a file stands where a folder was expected$/,
      );
      return true;
    });
    await store.put("folder/x", bytes("x"));
    await assert.rejects(
      store.put("folder", bytes("y")),
      /a folder stands where an object was expected/,
    );
    assert.deepEqual(await readdir(store.root), ["file", "folder"]);
  });
});
