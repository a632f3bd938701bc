import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DeltaTable } from "../../../server/lake/delta/mod.ts";
import { LocalObjectStore } from "../../../server/lake/objects/local.ts";
import type { ResourceMark } from "../../../server/lake/traces/sample_mark.ts";
import { makeSpans, otlpBody, spanIds, storedIds, World } from "./world.ts";

const MARK: ResourceMark = {
  key: "scouter.sample",
  value: "yes",
  services: ["service-0", "service-1", "service-2"],
};

/** A request whose resources say whether they are samples. */
function body(first: number, count: number, sample: string | null, day = 0): Uint8Array {
  const text = new TextDecoder().decode(otlpBody(makeSpans(first, count, day)));
  const parsed: { resourceSpans: { resource: { attributes: unknown[] } }[] } = JSON.parse(text);
  for (const { resource } of parsed.resourceSpans) {
    if (sample !== null) {
      resource.attributes.push({ key: MARK.key, value: { stringValue: sample } });
    }
  }
  return new TextEncoder().encode(JSON.stringify(parsed));
}

async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = await World.make();
  world.codec = undefined;
  try {
    await work(world);
  } finally {
    await world.end();
  }
}

/** The rows another engine finds in the table, by its log alone. */
async function tableRows(world: World): Promise<{ rows: number; marked: number }> {
  const table = await DeltaTable.open(
    new LocalObjectStore(join(world.dir, "lake")),
    "trace_spans",
  );
  const paths = [...table.snapshot.files.keys()].map((key) =>
    `'${join(world.dir, "lake", "trace_spans", key)}'`
  );
  if (paths.length === 0) return { rows: 0, marked: 0 };
  const found = await world.engine.query(
    `SELECT count(*), count(*) FILTER (contains(resource_attributes, '"scouter.sample":"yes"'))
     FROM read_parquet([${paths.join(", ")}], hive_partitioning = false)`,
  );
  return { rows: Number(found.columns[0]?.[0]), marked: Number(found.columns[1]?.[0]) };
}

describe("Removing marked spans", () => {
  it("leaves none behind, hot or in the table, and every other one where it was", () =>
    inWorld(async (world) => {
      const store = await world.open();
      await store.ingest(body(0, 20, null), "json");
      await store.ingest(body(100, 20, "yes"), "json");
      await store.ingest(body(200, 10, "yes", 1), "json");
      await store.flush();
      // Hot: some marked, some that look like it.
      await store.ingest(body(300, 10, "yes"), "json");
      await store.ingest(body(400, 10, "no"), "json");
      assert.equal((await storedIds(world.engine, store)).length, 70);

      assert.equal(await store.removeMarked(MARK), 40);
      const kept = [...spanIds(0, 20), ...spanIds(400, 10)].sort();
      assert.deepEqual(await storedIds(world.engine, store), kept);
      assert.deepEqual(await tableRows(world), { rows: 30, marked: 0 });
      using lease = store.acquire();
      assert.ok(lease.snapshot.files.every(({ tier }) => tier === "table"));

      assert.equal(await store.removeMarked(MARK), 0);
      await store.close();
      const again = await world.open();
      assert.deepEqual(await storedIds(world.engine, again), kept);
    }));

  it("is told to readers of the table as a deletion", () =>
    inWorld(async (world) => {
      const store = await world.open();
      await store.ingest(body(0, 5, "yes"), "json");
      await store.removeMarked(MARK);
      const log = join(world.dir, "lake", "trace_spans", "_delta_log");
      const last = (await readdir(log)).filter((name) => name.endsWith(".json")).sort().at(-1);
      const actions = (await Deno.readTextFile(join(log, String(last)))).trim().split("\n")
        .map((line): Record<string, Record<string, unknown>> => JSON.parse(line));
      const info = actions.find((action) => "commitInfo" in action)?.["commitInfo"];
      assert.equal(info?.["operation"], "DELETE");
      const removes = actions.filter((action) => "remove" in action);
      assert.deepEqual(removes.map((action) => action["remove"]?.["dataChange"]), [true]);
      assert.equal(actions.some((action) => "add" in action), false);
    }));

  it("reads no file whose services cannot be marked", () =>
    inWorld(async (world) => {
      const store = await world.open();
      await store.ingest(body(0, 20, "yes"), "json");
      assert.equal(await store.removeMarked({ ...MARK, services: ["another"] }), 0);
      assert.equal((await storedIds(world.engine, store)).length, 20);
    }));
});
