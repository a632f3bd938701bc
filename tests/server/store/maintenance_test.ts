import assert from "node:assert/strict";
import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { addFile, DeltaTable, removeFile } from "../../../server/lake/delta/mod.ts";
import { LocalObjectStore } from "../../../server/lake/objects/local.ts";
import { fakeBody, fakeCodec } from "./fake_codec.ts";
import { makeSpans, spanId, spanIds, storedIds, World } from "./world.ts";

async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = await World.make();
  try {
    await work(world);
  } finally {
    await world.end();
  }
}

/** The table as another engine's process sees it. */
const otherHandle = (world: World): Promise<DeltaTable> =>
  DeltaTable.open(new LocalObjectStore(join(world.dir, "lake")), "trace_spans");

/** Commits spans as another writer would, without any index of ours. */
async function writeFromOutside(
  world: World,
  first: number,
  count: number,
  day: number,
): Promise<void> {
  const builder = fakeCodec.createBuilder();
  builder.append(fakeBody(makeSpans(first, count, day)), "json", () => true);
  const key = `partition_date=2026-05-${10 + day}/other-${first}.parquet`;
  const { bytes } = builder.encode(0, count);
  await new LocalObjectStore(join(world.dir, "lake")).put(`trace_spans/${key}`, bytes);
  const table = await otherHandle(world);
  await table.commit([
    addFile({
      key,
      partitionValues: { partition_date: `2026-05-${10 + day}` },
      sizeBytes: bytes.length,
      modificationTimeMs: Date.now(),
    }),
  ], { operation: "WRITE" });
}

describe("Compaction", () => {
  it("keeps one of the spans that were sent again after the deduplication window", () =>
    inWorld(async (world) => {
      const store = await world.open({ compactMinFiles: 2, dedupSpans: 1 });
      for (const first of [0, 20, 0, 10]) {
        await store.ingest(fakeBody(makeSpans(first, 20)), "json");
        await store.flush();
      }
      // Spans 0-19 came twice, 10-29 once more, 20-39 once: more than the window of one span remembers.
      assert.ok((await storedIds(world.engine, store)).length > 40);
      await store.compact();
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 40));
      assert.ok(world.metrics.get("scouter_spans_late_duplicates_total") >= 20);
    }));

  it("merges the small files of each date into one sorted file, changing no rows", () =>
    inWorld(async (world) => {
      const store = await world.open({ compactMinFiles: 2 });
      for (let i = 5; i >= 0; i--) {
        await store.ingest(
          fakeBody([...makeSpans(i * 20, 10, 0), ...makeSpans(i * 20 + 10, 10, 1)]),
          "json",
        );
        await store.flush();
      }
      using before = store.acquire();
      assert.equal(before.snapshot.files.length, 12);
      await store.compact();
      using after = store.acquire();
      assert.equal(after.snapshot.files.length, 2);
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 120));
      for (const { path } of after.snapshot.files) {
        const starts = await world.engine.query(
          `SELECT epoch_us(start_time) FROM read_parquet($1, file_row_number = true) ORDER BY file_row_number`,
          [path],
        );
        const values = (starts.columns[0] ?? []).map(Number);
        assert.deepEqual(values, values.toSorted((x, y) => x - y));
      }
      // DuckDB before 2.0 misses BLOBs behind Bloom filters.
      const blooms = await world.engine.query(
        `SELECT count(bloom_filter_offset) FROM parquet_metadata([${
          after.snapshot.files.map(({ path }) => `'${path}'`).join(", ")
        }])`,
      );
      assert.equal(Number(blooms.columns[0]?.[0]), 0);
      const history = await otherHandle(world);
      const totals = [...history.snapshot.files.values()].map(({ stats }) => stats.numRecords);
      assert.deepEqual(totals, [60, 60]);
      // What was merged stays on disk for those who read it.
      for (const { path } of before.snapshot.files) assert.ok((await Deno.stat(path)).isFile);
    }));

  it("leaves files alone whose rows another writer removed meanwhile", () =>
    inWorld(async (world) => {
      const store = await world.open({ compactMinFiles: 2 });
      for (let i = 0; i < 3; i++) {
        await store.ingest(fakeBody(makeSpans(i * 10, 10)), "json");
        await store.flush();
      }
      world.hook = async (point) => {
        if (point !== "compact:written") return;
        world.hook = () => {};
        const other = await otherHandle(world);
        const [file] = other.snapshot.files.values();
        if (file === undefined) throw new Error("no file");
        await other.commit([
          removeFile(file, { deletionTimestampMs: Date.now(), dataChange: true }),
        ], {
          operation: "DELETE",
        });
      };
      await store.compact();
      await store.compact();
      assert.equal((await storedIds(world.engine, store)).length, 20);
    }));
});

describe("Retention", () => {
  it("drops dates that are too old and deletes their files when nobody reads them", () =>
    inWorld(async (world) => {
      const today = Math.floor((Date.now() - Date.UTC(2026, 4, 10)) / 86_400_000);
      const store = await world.open({ retentionDays: 3, vacuumAfterMs: 0 });
      await store.ingest(
        fakeBody([...makeSpans(0, 10, today - 10), ...makeSpans(10, 10, today)]),
        "json",
      );
      await store.flush();
      const lease = store.acquire();
      const old = lease.snapshot.files.find(({ maxStartUs }) =>
        maxStartUs < (Date.now() - 5 * 86_400_000) * 1000
      );
      assert.ok(old !== undefined);
      await utimes(old.path, 1000, 1000);
      await store.retain();
      assert.deepEqual(await storedIds(world.engine, store), spanIds(10, 10));
      assert.ok((await Deno.stat(old.path)).isFile, "a file was deleted under its reader");
      lease.release();
      await new Promise((resolve) => setTimeout(resolve, 5));
      await store.retain();
      await assert.rejects(Deno.stat(old.path), Deno.errors.NotFound);
    }));

  it("deletes nothing younger than the age floor", () =>
    inWorld(async (world) => {
      const store = await world.open({ compactMinFiles: 2, vacuumAfterMs: 3_600_000 });
      for (let i = 0; i < 3; i++) {
        await store.ingest(fakeBody(makeSpans(i * 10, 10)), "json");
        await store.flush();
      }
      await store.compact();
      await store.retain();
      assert.equal(
        (await readdir(join(world.dir, "lake", "trace_spans", "partition_date=2026-05-10"))).length,
        4,
      );
    }));
});

describe("Another writer's commit", () => {
  it("is shown after the next look at the table, searchable by trace once indexed", () =>
    inWorld(async (world) => {
      const store = await world.open({ refreshMs: 1 });
      await store.ingest(fakeBody(makeSpans(0, 10)), "json");
      await writeFromOutside(world, 100, 10, 2);
      const expected = [...spanIds(0, 10), ...spanIds(100, 10)].sort();
      const foreign = () => {
        using lease = store.acquire();
        return lease.snapshot.files.find(({ path }) => path.includes("other-"));
      };
      for (let i = 0; i < 400 && foreign()?.rows !== 10; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.deepEqual(await storedIds(world.engine, store), expected);
      const file = foreign();
      const [span] = makeSpans(100, 1);
      assert.ok(file !== undefined && span !== undefined);
      assert.equal(file.minStartUs, span.us + 2 * 86_400_000_000);
      assert.deepEqual(file.services, ["service-0", "service-1", "service-2"]);
      const id = new Uint8Array((span.t.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
      assert.equal(file.mayContainTrace(fakeCodec.traceIdHash(id, 0)), true);
      assert.equal(file.mayContainTrace(12345n), false);
    }));
});

describe("A quiet store", () => {
  it("seals by age", () =>
    inWorld(async (world) => {
      const store = await world.open({ sealAfterMs: 10 });
      await store.ingest(fakeBody(makeSpans(0, 1)), "json");
      const tiers = () => {
        using lease = store.acquire();
        return lease.snapshot.files.map(({ tier }) => tier);
      };
      for (let i = 0; i < 500 && tiers()[0] !== "table"; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.deepEqual(tiers(), ["table"]);
      assert.deepEqual(await storedIds(world.engine, store), [spanId(0)]);
    }));

  it("keeps the number of hot files bounded over hundreds of single spans", () =>
    inWorld(async (world) => {
      const store = await world.open({ commitQuietMs: 0 });
      let most = 0;
      for (let i = 0; i < 300; i++) {
        await store.ingest(fakeBody(makeSpans(i, 1)), "json");
        using lease = store.acquire();
        most = Math.max(most, lease.snapshot.files.length);
      }
      assert.ok(most <= 13, `${most} hot files`);
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 300));
    }));
});
