import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { SpanStore } from "../../../server/lake/traces/contract.ts";
import { ScouterError } from "../../../server/errors.ts";
import type { StorePoint } from "../../../server/lake/traces/store/mod.ts";
import { fakeBody, type FakeSpan } from "./fake_codec.ts";
import { idsOf, makeSpans, spanIds, storedIds, World } from "./world.ts";

async function inWorld(work: (world: World) => Promise<void>, dir?: string): Promise<void> {
  const world = await World.make(dir);
  try {
    await work(world);
  } finally {
    await world.end();
  }
}

/** Sends as a client does: again, while the server asks for it. */
async function send(store: SpanStore, spans: readonly FakeSpan[]): Promise<number> {
  for (let attempts = 1;; attempts++) {
    try {
      await store.ingest(fakeBody(spans), "json");
      return attempts;
    } catch (error) {
      if (!(error instanceof ScouterError && error.retry) || attempts > 2000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

describe("A failing step", () => {
  const points: readonly StorePoint[] = [
    "commit:encoded",
    "commit:written",
    "commit:synced",
    "commit:published",
    "commit:side-written",
    "seal:encoded",
    "seal:written",
    "seal:committed",
    "seal:cleaned",
  ];
  for (const point of points) {
    it(`at ${point} loses and doubles nothing, and the store goes on by itself`, () =>
      inWorld(async (world) => {
        const store = await world.open({ sealRows: 50, maxFilesPerSegment: 3, maxSealing: 2 });
        let failures = 0;
        world.hook = (reached) => {
          if (reached !== point || ++failures > 3) return;
          throw Object.assign(new Error("input/output error"), { code: "EIO" });
        };
        await Promise.all([0, 1, 2].map(async (client) => {
          for (let i = 0; i < 12; i++) await send(store, makeSpans((client * 12 + i) * 7, 7));
        }));
        assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 252));
        await store.flush();
        assert.ok(failures >= 3, `${point} was reached ${failures} times`);
        assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 252));
        await store.close();
        const again = await world.open();
        assert.deepEqual(await storedIds(world.engine, again), spanIds(0, 252));
      }));
  }

  it("rejects every request of a failed commit and says when to retry", () =>
    inWorld(async (world) => {
      const store = await world.open();
      world.hook = (point) => {
        if (point === "commit:written") {
          throw Object.assign(new Error("no space"), { code: "ENOSPC" });
        }
      };
      const results = await Promise.allSettled(
        [0, 1].map((i) => store.ingest(fakeBody(makeSpans(i * 5, 5)), "json")),
      );
      for (const result of results) {
        assert.equal(result.status, "rejected");
        const { reason } = result as PromiseRejectedResult;
        assert.equal(reason.code, "UNAVAILABLE");
        assert.match(reason.message, /disk is full/);
        assert.ok(reason.retryAfterSeconds > 0);
      }
      assert.deepEqual(await readdir(join(world.dir, "spans", "hot")), []);
      assert.deepEqual(await storedIds(world.engine, store), []);
    }));

  it("does not acknowledge a repeated span before the original is durable", () =>
    inWorld(async (world) => {
      const store = await world.open();
      const spans = makeSpans(0, 5);
      world.hook = (point) => {
        if (point === "commit:written") throw new Error("disk");
      };
      await assert.rejects(store.ingest(fakeBody(spans), "json"), { code: "UNAVAILABLE" });
      await assert.rejects(store.ingest(fakeBody(spans), "json"), { code: "UNAVAILABLE" });
      world.hook = () => {};
      assert.deepEqual((await store.ingest(fakeBody(spans), "json")).deduplicated, 5);
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 5));
    }));
});

describe("The relational store being down", () => {
  const tagged = (first: number): FakeSpan[] =>
    makeSpans(first, 1).map((span) => ({ ...span, tag: `tag-${first}` }));

  it("holds acknowledgements back, and side rows are written when it is back", () =>
    inWorld(async (world) => {
      const store = await world.open();
      world.sideDown = true;
      await assert.rejects(store.ingest(fakeBody(tagged(0)), "json"), {
        code: "UNAVAILABLE",
        retry: true,
      });
      world.sideDown = false;
      assert.equal((await store.ingest(fakeBody(tagged(0)), "json")).deduplicated, 1);
      assert.deepEqual(world.side.flatMap(({ tags }) => tags.map(({ value }) => value)), ["tag-0"]);
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 1));
    }));

  it("does not concern requests without side rows", () =>
    inWorld(async (world) => {
      const store = await world.open();
      world.sideDown = true;
      await assert.rejects(store.ingest(fakeBody(tagged(0)), "json"), { code: "UNAVAILABLE" });
      assert.equal((await store.ingest(fakeBody(makeSpans(1, 4)), "json")).accepted, 4);
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 5));
      world.sideDown = false;
    }));

  it("does not lose side rows when the process ends meanwhile", () =>
    inWorld(async (world) => {
      const first = await world.open();
      world.sideDown = true;
      await assert.rejects(first.ingest(fakeBody(tagged(0)), "json"), { code: "UNAVAILABLE" });
      await assert.rejects(first.close());
      world.sideDown = false;
      const second = await world.open();
      // The client sends again; its span is known, so only the journal can bring the tag.
      assert.equal((await second.ingest(fakeBody(tagged(0)), "json")).deduplicated, 1);
      assert.deepEqual(world.side.flatMap(({ tags }) => tags.map(({ value }) => value)), ["tag-0"]);
      assert.deepEqual(
        await readdir(join(world.dir, "spans", "hot")).then((names) =>
          names.filter((name) => name.endsWith(".json"))
        ),
        [],
      );
    }));
});

describe("Back-pressure", () => {
  it("refuses with a retry hint when sealing falls behind, and takes requests again afterwards", () =>
    inWorld(async (world) => {
      const store = await world.open({ sealRows: 20, maxSealing: 2 });
      let open = (): void => {};
      const gate = new Promise<void>((resolve) => open = resolve);
      world.hook = (point) => point === "seal:written" ? gate : undefined;
      let accepted = 0;
      let refusal: unknown;
      while (refusal === undefined && accepted < 50) {
        await store.ingest(fakeBody(makeSpans(accepted * 10, 10)), "json")
          .then(() => accepted++, (error: unknown) => refusal = error);
      }
      assert.ok(refusal instanceof ScouterError);
      assert.equal(refusal.code, "RESOURCE_EXHAUSTED");
      assert.ok((refusal.retryAfterSeconds ?? 0) > 0);
      // Two segments on their way and one full: three times twenty rows.
      assert.equal(accepted, 6);
      open();
      await send(store, makeSpans(accepted * 10, 10));
      await store.flush();
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, accepted * 10 + 10));
    }));
});

/** A small file system of its own, or null where we may not mount one. */
async function smallDisk(megabytes: number): Promise<string | null> {
  const dir = await Deno.makeTempDir({ prefix: "span-disk-" });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", dir], {
      stdio: "ignore",
    });
    return dir;
  } catch {
    await rm(dir, { recursive: true });
    return null;
  }
}

describe("A full disk", () => {
  it("is told to clients, costs nothing that was acknowledged, and is over when there is space", async (t) => {
    const disk = await smallDisk(4);
    if (disk === null) return t.skip("needs the right to mount a tmpfs");
    try {
      await inWorld(async (world) => {
        await mkdir(join(disk, "spans"), { recursive: true });
        const store = await world.open({ sealRows: 500 });
        await store.ingest(fakeBody(makeSpans(0, 100)), "json");
        const filler = join(disk, "filler");
        await assert.rejects(writeFile(filler, new Uint8Array(8 * 1024 * 1024)), {
          code: "ENOSPC",
        });
        await assert.rejects(store.ingest(fakeBody(makeSpans(100, 100)), "json"), {
          code: "UNAVAILABLE",
          message: /disk is full/,
        });
        assert.equal(world.metrics.get("scouter_span_store_degraded"), 1);
        assert.match(store.trouble(), /disk is full/);
        assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 100));
        await rm(filler);
        await send(store, makeSpans(100, 100));
        assert.equal(world.metrics.get("scouter_span_store_degraded"), 0);
        assert.equal(store.trouble(), "");
        assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 200));
        await store.flush();
        assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 200));
      }, disk).catch((error: unknown) => {
        // The mount point itself cannot be removed while mounted.
        if (!(error instanceof Error && "code" in error && error.code === "EBUSY")) throw error;
      });
    } finally {
      execFileSync("umount", [disk]);
      await rm(disk, { recursive: true });
    }
  });
});

describe("Readers", () => {
  it("never see a span twice, a span gone or a file missing while segments are sealed and merged", () =>
    inWorld(async (world) => {
      const store = await world.open({
        sealRows: 100,
        maxFilesPerSegment: 4,
        compactMinFiles: 2,
        vacuumAfterMs: 0,
      });
      let stored = 0;
      let writing = true;
      let looks = 0;
      const reader = async (): Promise<void> => {
        while (writing) {
          const before = stored;
          using lease = store.acquire();
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
          const ids = await idsOf(world.engine, lease.snapshot);
          assert.equal(new Set(ids).size, ids.length, "a span is there twice");
          assert.ok(
            ids.length >= before,
            `${ids.length} spans, ${before} were acknowledged before`,
          );
          assert.equal(ids.length, lease.snapshot.files.reduce((sum, { rows }) => sum + rows, 0));
          looks++;
        }
      };
      const upkeep = async (): Promise<void> => {
        while (writing) {
          await store.compact();
          await store.retain();
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      };
      const writer = async (): Promise<void> => {
        for (let i = 0; i < 150; i++) {
          await send(store, makeSpans(i * 10, 10));
          stored += 10;
        }
        writing = false;
      };
      await Promise.all([reader(), reader(), upkeep(), writer()]);
      assert.ok(looks > 10);
      assert.ok(
        world.metrics.get("scouter_span_maintenance_total{kind=compact}") > 0,
        "nothing was merged",
      );
      assert.ok(
        world.metrics.get("scouter_span_files_deleted_total{kind=table}") > 0,
        "nothing was vacuumed",
      );
      await store.flush();
      assert.deepEqual(await storedIds(world.engine, store), spanIds(0, 1500));
    }));
});
