import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import type { StorePoint } from "../../../server/lake/traces/store/mod.ts";
import { makeSpans, otlpBody, spanId, storedIds, World } from "../store/world.ts";
import { BATCH_SPANS, LIMITS } from "./load.ts";

/** Random rounds; more of them for a soak: `CRASH_ROUNDS=20`. */
const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 3);
const POINTS: readonly StorePoint[] = [
  "commit:encoded",
  "commit:written",
  "commit:synced",
  "commit:published",
  "commit:side-written",
  "seal:encoded",
  "seal:written",
  "seal:committed",
  "seal:cleaned",
  "compact:written",
  "compact:committed",
];

const CHILD = new URL("./child.ts", import.meta.url).pathname;

interface Run {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly ended: Promise<unknown>;
  /** Numbers of acknowledged batches. */
  readonly acknowledged: number[];
  errors: string;
}

function start(dir: string, firstBatch: number, crashAt = ""): Run {
  const child = spawn(process.execPath, [
    "run",
    "-A",
    "--no-check",
    CHILD,
    dir,
    String(firstBatch),
    crashAt,
  ], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve) => {
    lines.on("line", (line) => line === "ready" ? resolve() : acknowledged.push(Number(line)));
  });
  const run: Run = {
    child,
    ready,
    ended: Promise.all([once(child, "exit"), once(lines, "close")]),
    acknowledged,
    errors: "",
  };
  child.stderr.on("data", (chunk) => run.errors += String(chunk));
  return run;
}

/** Opens the folder as the next process would, and compares it with what was acknowledged. */
async function judge(dir: string, acknowledged: ReadonlySet<number>): Promise<void> {
  const world = await World.make(dir);
  world.codec = undefined;
  try {
    const store = await world.open(LIMITS);
    for (const moment of ["at the restart", "after sealing", "after compaction"]) {
      const ids = await storedIds(world.engine, store);
      const distinct = new Set(ids);
      assert.equal(
        distinct.size,
        ids.length,
        `${ids.length - distinct.size} spans are there twice ${moment}`,
      );
      for (const batch of acknowledged) {
        for (let i = 0; i < BATCH_SPANS; i++) {
          assert.ok(
            distinct.has(spanId(batch * BATCH_SPANS + i)),
            `batch ${batch} is not there ${moment}`,
          );
        }
      }
      if (moment === "at the restart") await store.flush();
      else await store.compact();
    }
    await store.close();
  } finally {
    await world.engine.close();
  }
}

const firstMissing = (acknowledged: ReadonlySet<number>): number => {
  let batch = 0;
  while (acknowledged.has(batch)) batch++;
  return batch;
};

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "span-crash-" });
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

describe("A killed process", () => {
  it("loses nothing that was acknowledged and doubles nothing, whenever it is killed", () =>
    inFolder(async (dir) => {
      const acknowledged = new Set<number>();
      for (let round = 0; round < ROUNDS; round++) {
        const run = start(dir, firstMissing(acknowledged));
        await Promise.race([run.ready, run.ended]);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 1200));
        run.child.kill("SIGKILL");
        await run.ended;
        assert.equal(run.child.signalCode, "SIGKILL", run.errors);
        for (const batch of run.acknowledged) acknowledged.add(batch);
        await judge(dir, acknowledged);
      }
      assert.ok(acknowledged.size > 0);
    }));

  it("loses and doubles nothing when it dies between any two steps", () =>
    inFolder(async (dir) => {
      const acknowledged = new Set<number>();
      for (const point of POINTS) {
        const run = start(dir, firstMissing(acknowledged), `${point}#2`);
        await run.ended;
        assert.equal(run.child.signalCode, "SIGKILL", `${point}: ${run.errors}`);
        for (const batch of run.acknowledged) acknowledged.add(batch);
        await judge(dir, acknowledged);
      }
    }));

  it("loses and doubles nothing when it dies while recovering from a death", () =>
    inFolder(async (dir) => {
      const acknowledged = new Set<number>();
      for (
        const point of [
          "commit:side-written#9",
          "recover:listed",
          "recover:copied",
          "seal:committed",
        ]
      ) {
        const run = start(dir, firstMissing(acknowledged), point);
        await run.ended;
        assert.equal(run.child.signalCode, "SIGKILL", `${point}: ${run.errors}`);
        for (const batch of run.acknowledged) acknowledged.add(batch);
      }
      await judge(dir, acknowledged);
    }));
});

describe("After a power loss", () => {
  it("a half-written file is moved aside and everything else is kept", () =>
    inFolder(async (dir) => {
      const run = start(dir, 0, "commit:side-written#3");
      await run.ended;
      const hot = join(dir, "spans", "hot");
      const names = (await readdir(hot)).filter((name) => name.endsWith(".parquet")).sort();
      const last = names.at(-1) ?? "";
      const match = /^(\w+)-(\d+)-(\d+)-(\d+)-/.exec(last);
      // The next file, as a disk would leave it that lost its tail, and one that has its size but not its bytes.
      const torn = `${match?.[1]}-${match?.[2]}-${match?.[4]}-999999998-00000000.parquet`;
      await Deno.copyFile(join(hot, last), join(hot, torn));
      await truncate(join(hot, torn), 100);
      const hollow = `${match?.[1]}-${match?.[2]}-999999998-999999999-12345678.parquet`;
      await writeFile(join(hot, hollow), new Uint8Array(3000));
      await judge(dir, new Set(run.acknowledged));
      const aside = await readdir(join(dir, "spans", "quarantine"));
      assert.equal(aside.filter((name) => name.endsWith(torn) || name.endsWith(hollow)).length, 2);
    }));

  it("a span sent again after the restart is recognised", () =>
    inFolder(async (dir) => {
      const run = start(dir, 0, "seal:written#2");
      await run.ended;
      const world = await World.make(dir);
      world.codec = undefined;
      try {
        const store = await world.open(LIMITS);
        for (const batch of run.acknowledged) {
          const result = await store.ingest(
            otlpBody(makeSpans(batch * BATCH_SPANS, BATCH_SPANS, batch % 2)),
            "json",
          );
          assert.deepEqual([result.accepted, result.deduplicated], [0, BATCH_SPANS]);
        }
        await store.close();
      } finally {
        await world.engine.close();
      }
    }));
});
