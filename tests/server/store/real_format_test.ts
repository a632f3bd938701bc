import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { exportRequest, traceIdsOf } from "../../../bench/otlp_generator.ts";
import { traceIdHashFromHex } from "../../../server/lake/traces/segment/mod.ts";
import { openSpanStore, type SpanStoreLimits } from "../../../server/lake/traces/store/mod.ts";
import { CountingMetrics, storedIds, World } from "./world.ts";

const LIMITS: Partial<SpanStoreLimits> = {
  sealRows: 600,
  maxFilesPerSegment: 4,
  compactMinFiles: 2,
  vacuumAfterMs: 0,
};

describe("With the real segment format", () => {
  it("spans survive sealing, merging and a restart, and their traces are found by file", async () => {
    const world = await World.make();
    const open = () =>
      openSpanStore({
        dir: join(world.dir, "spans"),
        tableDir: join(world.dir, "lake", "trace_spans"),
        engine: world.engine,
        sideRows: { write: () => Promise.resolve() },
        metrics: new CountingMetrics(),
        limits: LIMITS,
      });
    try {
      const first = await open();
      const requests = Array.from({ length: 12 }, (_, seed) => ({
        shape: seed % 2 === 0 ? "plain" as const : "genai" as const,
        spans: 100,
        seed,
        baseTimeMs: Date.UTC(2026, 0, 5 + seed % 3, 23, 59, 59),
      }));
      for (const request of requests) {
        const result = await first.ingest(exportRequest(request), "protobuf");
        assert.deepEqual([result.accepted, result.deduplicated, result.rejected], [100, 0, 0]);
      }
      const expected = await storedIds(world.engine, first);
      assert.equal(new Set(expected).size, 1200);
      await first.flush();
      assert.deepEqual(await storedIds(world.engine, first), expected);
      await first.compact();
      await first.retain();
      assert.deepEqual(await storedIds(world.engine, first), expected);
      await first.close();

      const second = await open();
      assert.deepEqual(await storedIds(world.engine, second), expected);
      for (const request of requests) {
        assert.equal((await second.ingest(exportRequest(request), "protobuf")).deduplicated, 100);
        using lease = second.acquire();
        for (const traceId of traceIdsOf(request)) {
          const candidates = lease.snapshot.files.filter((file) =>
            file.mayContainTrace(traceIdHashFromHex(traceId))
          );
          assert.ok(candidates.length > 0, `no file may contain ${traceId}`);
          const found = await world.engine.query(
            `SELECT count(*) FROM read_parquet([${
              candidates.map(({ path }) => `'${path}'`).join(", ")
            }]) ` +
              `WHERE hex(trace_id) = upper($1)`,
            [traceId],
          );
          assert.ok(
            Number(found.columns[0]?.[0]) > 0,
            `${traceId} is not in the files that were chosen`,
          );
          break;
        }
      }
      await second.close();
    } finally {
      await world.engine.close();
      await rm(world.dir, { recursive: true, force: true });
    }
  });
});
