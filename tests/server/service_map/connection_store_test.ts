import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { QueryEngine } from "../../../server/lake/query/contract.ts";
import { openQueryEngine } from "../../../server/lake/query/engine.ts";
import { ConnectionQueries } from "../../../server/service_map/connection_edges.ts";
import { decodeConnections } from "../../../server/service_map/connection_rows.ts";
import { ConnectionStore } from "../../../server/service_map/connection_store.ts";
import { deltaRs } from "../delta/support.ts";
import { NO_METRICS } from "../traces/fixture.ts";
import { recordsIpc, type TestRecord } from "./records.ts";

const rows = (records: readonly TestRecord[], createdUs?: bigint) =>
  decodeConnections(recordsIpc(records, createdUs));

async function inWorld(
  work: (open: () => Promise<ConnectionStore>, engine: QueryEngine, dir: string) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "connections-"));
  const engine = await openQueryEngine({
    memoryLimitBytes: 256 << 20,
    threads: 2,
    tempDir: join(dir, "spill"),
    defaultTimeoutMs: 60_000,
    metrics: NO_METRICS,
  });
  try {
    await work(
      () =>
        ConnectionStore.open({
          dir: join(dir, "data"),
          tableDir: join(dir, "lake", "connections"),
          tempDir: join(dir, "tmp"),
          engine,
          retentionDays: 0,
        }),
      engine,
      dir,
    );
  } finally {
    await engine.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function calls(store: ConnectionStore, engine: QueryEngine): Promise<number> {
  const edges = await new ConnectionQueries(store, engine).edges({});
  return edges.reduce((sum, edge) => sum + edge.calls, 0);
}

describe("the store of connection records", () => {
  it("answers with records as soon as they are stored, and after they moved into the table", () =>
    inWorld(async (open, engine) => {
      const store = await open();
      await store.insert(rows([
        { source: "shop", latencyMs: 10 },
        { source: "shop", latencyMs: 20, status: 500 },
        { source: "shop", endpoint: "/", method: "POST", latencyMs: 5 },
      ], 1_767_600_000_000_001n));
      const queries = new ConnectionQueries(store, engine);
      const hot = await queries.edges({});
      assert.deepEqual(hot, [
        {
          source: "shop",
          destination: "cart",
          endpoint: "/items/{id}",
          methods: ["GET"],
          calls: 2,
          errors: 1,
          avgMs: 15,
          p50Ms: 15,
          p95Ms: 19.5,
          p99Ms: 19.900000000000002,
          firstSeenUs: 1_767_600_000_000_001,
          lastSeenUs: 1_767_600_000_000_001,
        },
        {
          source: "shop",
          destination: "cart",
          endpoint: "/",
          methods: ["POST"],
          calls: 1,
          errors: 0,
          avgMs: 5,
          p50Ms: 5,
          p95Ms: 5,
          p99Ms: 5,
          firstSeenUs: 1_767_600_000_000_001,
          lastSeenUs: 1_767_600_000_000_001,
        },
      ]);
      await store.flush();
      assert.equal(store.hotFileCount, 0);
      assert.deepEqual(await queries.edges({}), hot);
      assert.deepEqual(await queries.edges({ startUs: 1_767_600_000_000_002 }), []);
      assert.equal((await queries.edges({ endUs: 1_767_600_000_000_002 })).length, 2);
      assert.equal(store.status.rows, 3);
      await store.close();
    }));

  it("never shows a record twice or not at all while they move", () =>
    inWorld(async (open, engine) => {
      const store = await open();
      let stored = 0;
      let done = false;
      const writing = (async () => {
        for (let i = 0; i < 10; i++) {
          await store.insert(rows([{ source: "a" }, { source: "b" }]));
          stored += 2;
          if (i % 3 === 0) void store.flush();
        }
        await store.flush();
      })().finally(() => done = true);
      while (!done) {
        await new Promise((wake) => setTimeout(wake, 1));
        const before = stored;
        const seen = await calls(store, engine);
        assert.ok(seen >= before && seen <= 20, `${seen} seen, ${before} stored before`);
      }
      await writing;
      assert.equal(await calls(store, engine), 20);
      await store.compact(new AbortController().signal);
      assert.equal(await calls(store, engine), 20);
      await store.close();
    }));

  it("has everything acknowledged after an end without warning, once", () =>
    inWorld(async (open, engine, dir) => {
      const first = await open();
      await first.insert(rows([{ source: "a" }]));
      await first.flush();
      await first.insert(rows([{ source: "b" }, { source: "c" }]));
      // No close: what is on disk is all there is. A file cut off by the end of power was never acknowledged.
      const hotDir = join(dir, "data", "hot");
      const [name = ""] = await readdir(hotDir);
      await writeFile(join(hotDir, name.replace(/-(\d{10})-/, "-0000000099-")), "PAR1 half");
      const second = await open();
      assert.equal(await calls(second, engine), 3);
      await second.insert(rows([{ source: "d" }]));
      await second.flush();
      assert.equal(await calls(second, engine), 4);
      await second.close();
      const third = await open();
      assert.equal(await calls(third, engine), 4);
      await third.close();
    }));

  it("merges small files of a day and keeps the rows", () =>
    inWorld(async (open, engine) => {
      const store = await open();
      for (let i = 0; i < 9; i++) {
        await store.insert(rows([{ source: "a" }], 1_767_600_000_000_000n + BigInt(i)));
        await store.flush();
      }
      assert.equal(store.status.files, 9);
      await store.compact(new AbortController().signal);
      assert.equal(store.status.files, 1);
      assert.equal(store.status.lastCompaction?.files, 9);
      assert.equal(await calls(store, engine), 9);
      await store.close();
    }));

  it("is a Delta table that other engines read", () =>
    inWorld(async (open, _engine, dir) => {
      const store = await open();
      await store.insert(rows([{ source: "a" }], 1_767_600_000_123_456n));
      await store.insert(rows([{ source: "b", status: 500 }], 1_767_700_000_000_000n));
      await store.close();
      const read = await deltaRs(
        `
import json, sys, polars as pl
frame = pl.read_delta(sys.argv[1]).sort("scouter_created_at")
print(json.dumps({
  "columns": frame.columns,
  "sources": frame["source_service"].to_list(),
  "dates": [str(d) for d in frame["scouter_partition_date"]],
  "times": frame["scouter_created_at"].dt.epoch("us").to_list(),
  "errors": frame["error"].to_list(),
}))`,
        join(dir, "lake", "connections"),
      );
      assert.deepEqual(read, {
        columns: [
          "destination_service",
          "endpoint",
          "error",
          "latency_ms",
          "method",
          "request_schema",
          "source_service",
          "source_verified",
          "status_code",
          "tags",
          "timestamp",
          "trace_id",
          "scouter_created_at",
          "scouter_batch_id",
          "scouter_partition_date",
        ],
        sources: ["a", "b"],
        dates: ["2026-01-05", "2026-01-06"],
        times: [1_767_600_000_123_456, 1_767_700_000_000_000],
        errors: [false, true],
      });
    }));
});
