import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fakeBody } from "./fake_codec.ts";
import { makeSpans, spanIds, storedIds, World } from "./world.ts";

async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = await World.make();
  try {
    await work(world);
  } finally {
    await world.end();
  }
}

describe("A span store", () => {
  it("shows a request's spans to the next snapshot once it is acknowledged", () =>
    inWorld(async (world) => {
      const store = await world.open();
      assert.deepEqual(await storedIds(world.engine, store), []);
      const result = await store.ingest(fakeBody(makeSpans(0, 10)), "json");
      assert.deepEqual(result, {
        accepted: 10,
        deduplicated: 0,
        rejected: 0,
        rejectedMessage: "",
        // Made-up spans of long ago.
        late: 10,
      });
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 10));
    }));

  it("keeps a snapshot as it was taken, files included, until it is released", () =>
    inWorld(async (world) => {
      const store = await world.open();
      await store.ingest(fakeBody(makeSpans(0, 10)), "json");
      const lease = store.acquire();
      await store.ingest(fakeBody(makeSpans(10, 10)), "json");
      await store.flush();
      const [path = ""] = lease.snapshot.files.map((file) => file.path);
      assert.equal((await Deno.stat(path)).isFile, true);
      assert.equal(lease.snapshot.files.reduce((sum, { rows }) => sum + rows, 0), 10);
      lease.release();
      for (let i = 0; i < 100 && (await readdir(join(world.dir, "spans", "hot"))).length > 0; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.deepEqual(await readdir(join(world.dir, "spans", "hot")), []);
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 20));
    }));

  it("moves spans into the table on flush, one file a day, exactly once", () =>
    inWorld(async (world) => {
      const store = await world.open();
      await store.ingest(fakeBody([...makeSpans(0, 10), ...makeSpans(10, 10, 1)]), "json");
      await store.flush();
      using lease = store.acquire();
      assert.deepEqual(lease.snapshot.files.map(({ tier, rows }) => [tier, rows]), [["table", 10], [
        "table",
        10,
      ]]);
      assert.deepEqual(
        (await readdir(join(world.dir, "lake", "trace_spans"))).sort(),
        ["_delta_log", "partition_date=2026-05-10", "partition_date=2026-05-11"],
      );
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 20));
    }));

  it("finds everything again after a clean stop", () =>
    inWorld(async (world) => {
      const first = await world.open();
      await first.ingest(fakeBody(makeSpans(0, 10)), "json");
      await first.close();
      await first.close();
      const second = await world.open();
      assert.deepEqual(await storedIds(world.engine, second), spanIds(0, 10));
      await second.ingest(fakeBody(makeSpans(10, 5)), "json");
      await second.flush();
      assert.deepEqual(await storedIds(world.engine, second), spanIds(0, 15));
    }));

  it("refuses requests after it was closed, with a hint to retry", () =>
    inWorld(async (world) => {
      const store = await world.open();
      await store.close();
      await assert.rejects(store.ingest(fakeBody(makeSpans(0, 1)), "json"), {
        code: "UNAVAILABLE",
        retry: true,
      });
    }));

  it("refuses a second opener of the same folder", () =>
    inWorld(async (world) => {
      await world.open();
      await assert.rejects(world.open(), {
        code: "PRECONDITION_FAILED",
        message: /in use by another process/,
      });
    }));

  it("stores a span that is sent again once, also after sealing and after a restart", () =>
    inWorld(async (world) => {
      const first = await world.open();
      await first.ingest(fakeBody(makeSpans(0, 10)), "json");
      assert.equal((await first.ingest(fakeBody(makeSpans(5, 10)), "json")).deduplicated, 5);
      await first.flush();
      assert.equal((await first.ingest(fakeBody(makeSpans(0, 15)), "json")).deduplicated, 15);
      await first.ingest(fakeBody(makeSpans(15, 5)), "json");
      await first.close();
      const second = await world.open();
      assert.equal((await second.ingest(fakeBody(makeSpans(0, 20)), "json")).deduplicated, 20);
      assert.deepEqual(await storedIds(world.engine, second), spanIds(0, 20));
    }));

  it("takes the spans of a malformed request when they come again in a good one", () =>
    inWorld(async (world) => {
      const store = await world.open();
      const spans = makeSpans(0, 10);
      const broken = [...spans, { t: "", s: "", us: 0, svc: "" }];
      await assert.rejects(store.ingest(fakeBody(broken), "json"), { code: "BAD_REQUEST" });
      assert.equal((await store.ingest(fakeBody(spans), "json")).accepted, 10);
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 10));
    }));

  it("seals by itself when a segment is full, and never gathers many hot files", () =>
    inWorld(async (world) => {
      const store = await world.open({ sealRows: 200, maxFilesPerSegment: 4, maxSealing: 3 });
      let most = 0;
      for (let i = 0; i < 60; i++) {
        await store.ingest(fakeBody(makeSpans(i * 7, 7)), "json");
        using lease = store.acquire();
        most = Math.max(most, lease.snapshot.files.filter(({ tier }) => tier === "hot").length);
      }
      assert.ok(most <= 4 * 4, `${most} hot files`);
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 420));
      await store.flush();
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 420));
    }));

  it("writes side rows before it acknowledges", () =>
    inWorld(async (world) => {
      const store = await world.open();
      const [span] = makeSpans(0, 1);
      if (span === undefined) throw new Error("no span");
      await store.ingest(fakeBody([{ ...span, tag: "blue" }]), "json");
      assert.deepEqual(world.side.flatMap(({ tags }) => tags), [
        { entityType: "span", entityId: spanIds(0, 1)[0], key: "tag", value: "blue" },
      ]);
    }));
});

describe("A data folder", () => {
  it("whose writer id was lost takes it from its hot files, and keeps their spans", () =>
    inWorld(async (world) => {
      const first = await world.open({ closeSealMs: 0 });
      world.hook = (point) => {
        if (point === "seal:encoded" || point === "recover:copied") throw new Error("not now");
      };
      await first.ingest(fakeBody(makeSpans(0, 10)), "json");
      await first.close();
      world.hook = () => {};
      await rm(join(world.dir, "spans", "writer-id"));
      const second = await world.open();
      assert.deepEqual(await storedIds(world.engine, second), spanIds(0, 10));
      assert.equal(world.metrics.get("scouter_span_files_quarantined_total"), 0);
    }));
});
