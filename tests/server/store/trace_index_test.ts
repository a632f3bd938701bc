import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { sortedHas, TraceFilter } from "../../../server/lake/traces/store/trace_filter.ts";
import { TraceIndex } from "../../../server/lake/traces/store/trace_index.ts";

const hash = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const hashes = fc.uniqueArray(hash, { maxLength: 300 }).map((list) =>
  new BigUint64Array(list).sort()
);
const bounds = (traceHashes: BigUint64Array) => ({
  rows: 7,
  minStartUs: 1,
  maxStartUs: 2,
  maxEndUs: 3,
  services: ["a", "ü"],
  traceHashes,
});

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

describe("A trace filter", () => {
  it("never denies a trace that was put in", () => {
    fc.assert(fc.property(hashes, (list) => {
      const filter = TraceFilter.of(list);
      assert.ok([...list].every((each) => filter.has(each)));
    }));
  });

  it("lets fewer than one foreign trace in a hundred pass", () => {
    const random = (): bigint =>
      new BigUint64Array(crypto.getRandomValues(new Uint8Array(8)).buffer)[0] ?? 0n;
    const filter = TraceFilter.of(BigUint64Array.from({ length: 20_000 }, random));
    let passed = 0;
    for (let i = 0; i < 20_000; i++) if (filter.has(random())) passed++;
    assert.ok(passed < 200, `${passed} of 20000 passed`);
  });
});

describe("A sorted list of hashes", () => {
  it("holds what is in it and nothing else", () => {
    fc.assert(fc.property(hashes, hash, (list, other) => {
      assert.ok([...list].every((each) => sortedHas(list, each)));
      assert.equal(sortedHas(list, other), list.includes(other));
    }));
  });
});

describe("A trace index", () => {
  it("is read back by another process", () =>
    inFolder(async (dir) => {
      const list = new BigUint64Array([1n, 2n ** 40n, 2n ** 64n - 1n]);
      await new TraceIndex(dir, 1 << 20).write("partition_date=2026-01-01/a.parquet", bounds(list));
      const other = new TraceIndex(dir, 1 << 20);
      assert.deepEqual(await other.readHeader("partition_date=2026-01-01/a.parquet"), {
        rows: 7,
        minStartUs: 1,
        maxStartUs: 2,
        maxEndUs: 3,
        services: ["a", "ü"],
      });
      for (const each of list) {
        assert.ok(other.mayContain("partition_date=2026-01-01/a.parquet", each));
      }
      assert.equal(other.mayContain("partition_date=2026-01-01/a.parquet", 77n), false);
    }));

  it("says maybe when there is no index, and when it is damaged anywhere", () =>
    inFolder(async (dir) => {
      await new TraceIndex(dir, 1 << 20).write("a", bounds(new BigUint64Array([5n])));
      assert.equal(new TraceIndex(dir, 1 << 20).mayContain("b", 5n), true);
      const [name = ""] = await readdir(dir);
      const good = await readFile(join(dir, name));
      for (let at = 0; at < good.length; at += 7) {
        const bad = new Uint8Array(good);
        bad[at] = (bad[at] ?? 0) ^ 0xff;
        await writeFile(join(dir, name), bad);
        assert.equal(new TraceIndex(dir, 1 << 20).mayContain("a", 5n), true, `byte ${at}`);
      }
      for (const length of [0, 3, 19, 40, good.length - 1]) {
        await writeFile(join(dir, name), good.subarray(0, length));
        assert.equal(new TraceIndex(dir, 1 << 20).mayContain("a", 5n), true, `${length} bytes`);
        await new TraceIndex(dir, 1 << 20).readHeader("a");
      }
    }));

  it("answers the same with a cache too small to hold anything", () =>
    inFolder(async (dir) => {
      const index = new TraceIndex(dir, 1);
      for (let i = 0; i < 5; i++) {
        await index.write(`file-${i}`, bounds(new BigUint64Array([BigInt(i)])));
      }
      for (let i = 0; i < 5; i++) {
        assert.equal(index.mayContain(`file-${i}`, BigInt(i)), true);
        assert.equal(index.mayContain(`file-${i}`, 1000n), false);
      }
    }));

  it("forgets files that are not in the table any more", () =>
    inFolder(async (dir) => {
      const index = new TraceIndex(dir, 1 << 20);
      await index.write("a", bounds(new BigUint64Array([1n])));
      await index.write("b", bounds(new BigUint64Array([1n])));
      assert.equal(await index.prune(["b"]), 1);
      assert.equal(await index.readHeader("a"), undefined);
      assert.notEqual(await index.readHeader("b"), undefined);
    }));
});
