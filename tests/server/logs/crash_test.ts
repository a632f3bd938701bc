import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { LOG_CODEC } from "../../../server/lake/logs/log_builder.ts";
import { LOG_TABLE } from "../../../server/lake/logs/schema.ts";
import type { SpanStore } from "../../../server/lake/traces/contract.ts";
import type { StorePoint } from "../../../server/lake/traces/store/mod.ts";
import { LIMITS } from "../crash/load.ts";
import { World } from "../store/world.ts";
import { BATCH_RECORDS, batchBody } from "./log_batches.ts";

const POINTS: readonly StorePoint[] = [
  "commit:written",
  "commit:side-written",
  "seal:committed",
  "compact:committed",
];
const CHILD = new URL("./crash_child.ts", import.meta.url).pathname;

/** Runs a child until it kills itself; returns the batches it acknowledged. */
async function runUntilKilled(dir: string, first: number, crashAt: string): Promise<number[]> {
  const child = spawn(
    process.execPath,
    ["run", "-A", "--no-check", CHILD, dir, String(first), crashAt],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const acknowledged: number[] = [];
  let errors = "";
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => acknowledged.push(Number(line)));
  child.stderr.on("data", (chunk) => errors += String(chunk));
  await Promise.all([once(child, "exit"), once(lines, "close")]);
  assert.equal(child.signalCode, "SIGKILL", `${crashAt}: ${errors}`);
  return acknowledged;
}

async function numbersIn(world: World, store: SpanStore): Promise<number[]> {
  using lease = store.acquire();
  const { files } = lease.snapshot;
  if (files.length === 0) return [];
  const paths = files.map(({ path }) => `'${path}'`).join(", ");
  const result = await world.engine.query(
    `SELECT body FROM read_parquet([${paths}], union_by_name = true, hive_partitioning = false)`,
  );
  return (result.columns[0] ?? []).map(Number);
}

describe("A killed process that stores log records", () => {
  it("loses nothing that was acknowledged and doubles nothing", async () => {
    const dir = await Deno.makeTempDir({ prefix: "log-crash-" });
    const acknowledged = new Set<number>();
    try {
      for (const point of POINTS) {
        let first = 0;
        while (acknowledged.has(first)) first++;
        for (const batch of await runUntilKilled(dir, first, `${point}#2`)) acknowledged.add(batch);
        const world = await World.make(dir);
        world.codec = LOG_CODEC;
        world.table = LOG_TABLE;
        try {
          const store = await world.open(LIMITS);
          for (const moment of ["at the restart", "after sealing", "after compaction"]) {
            const numbers = await numbersIn(world, store);
            const distinct = new Set(numbers);
            assert.equal(distinct.size, numbers.length, `${point}: doubled ${moment}`);
            for (const batch of acknowledged) {
              for (let i = 0; i < BATCH_RECORDS; i++) {
                const number = batch * BATCH_RECORDS + i;
                assert.ok(distinct.has(number), `${point}: batch ${batch} is not there ${moment}`);
              }
            }
            if (moment === "at the restart") await store.flush();
            else await store.compact();
          }
          // A batch sent again is recognised across the restart.
          const [batch] = acknowledged;
          if (batch !== undefined) {
            const again = await store.ingest(batchBody(batch), "protobuf");
            assert.deepEqual([again.accepted, again.deduplicated], [0, BATCH_RECORDS]);
          }
          await store.close();
        } finally {
          await world.engine.close();
        }
      }
      assert.ok(acknowledged.size > 0);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
