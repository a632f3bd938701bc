import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createHash } from "node:crypto";
import { ScouterError } from "../../../server/errors.ts";
import { openQueryEngine } from "../../../server/lake/query/engine.ts";
import type { QueryEngine } from "../../../server/lake/query/contract.ts";
import type { Metrics } from "../../../server/telemetry/contract.ts";

const series = { add() {}, set() {}, observe() {} };
const metrics: Metrics = {
  counter: () => series,
  gauge: () => series,
  histogram: () => series,
};

/** Enough work to run for minutes; cancelled long before. */
const ENDLESS =
  "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE hash(a.range, b.range) = 1";

describe("query engine", () => {
  let dir: string;
  let engine: QueryEngine;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "query-engine-"));
    engine = await openQueryEngine({
      memoryLimitBytes: 256 * 2 ** 20,
      threads: 2,
      tempDir: join(dir, "spill"),
      maxTempDirBytes: 2 ** 20,
      connections: 2,
      defaultTimeoutMs: 20_000,
      metrics,
    });
  });
  after(async () => {
    await engine.close();
    await rm(dir, { recursive: true, force: true });
  });

  const code = (promise: Promise<unknown>) =>
    promise.then(() => "no error", (error) => error instanceof ScouterError ? error.code : error);

  it("returns plain JavaScript values by column", async () => {
    const result = await engine.query(
      `SELECT 9007199254740993::BIGINT AS big, 7::INTEGER AS small, 1.5::DOUBLE AS real, 'é' AS text,
        true AS yes, NULL AS nothing, unhex('00ff') AS bytes, TIMESTAMPTZ '1970-01-01 00:00:01.000002Z' AS at,
        map {'k': 'v'} AS m, ['a', NULL] AS l, {'x': 1, 'y': ['z']} AS s, DATE '2024-02-29' AS d`,
    );
    assert.equal(result.rowCount, 1);
    assert.deepEqual(
      Object.fromEntries(result.columnNames.map((name, i) => [name, result.columns[i]?.[0]])),
      {
        big: 9007199254740993n,
        small: 7,
        real: 1.5,
        text: "é",
        yes: true,
        nothing: null,
        bytes: new Uint8Array([0, 255]),
        at: 1000002n,
        m: new Map([["k", "v"]]),
        l: ["a", null],
        s: { x: 1, y: ["z"] },
        d: "2024-02-29",
      },
    );
  });

  it("binds every kind of parameter without splicing it into the SQL", async () => {
    const evil = "'; DROP TABLE x; --";
    const result = await engine.query(
      "SELECT $1::VARCHAR, $2::BIGINT, $3::DOUBLE, $4::BOOLEAN, $5::BLOB, len($6), $6[1], $7::BIGINT, $8::VARCHAR",
      [evil, 12, 0.5, true, new Uint8Array([1, 2]), [evil, "b"], 9007199254740993n, null],
    );
    assert.deepEqual(result.columns.map((column) => column[0]), [
      evil,
      12n,
      0.5,
      true,
      new Uint8Array([1, 2]),
      2n,
      evil,
      9007199254740993n,
      null,
    ]);
  });

  it("reads results of several chunks completely and in order", async () => {
    const { rowCount, columns } = await engine.query(
      "SELECT range AS n FROM range(10000) ORDER BY n",
    );
    assert.equal(rowCount, 10_000);
    assert.equal(columns[0]?.[0], 0n);
    assert.equal(columns[0]?.[9_999], 9_999n);
  });

  it("works in UTC", async () => {
    const { columns } = await engine.query("SELECT (TIMESTAMPTZ '2024-01-01 23:59:59Z')::DATE");
    assert.equal(columns[0]?.[0], "2024-01-01");
  });

  it("ends a query at its time limit, and the connection is good afterwards", async () => {
    assert.equal(await code(engine.query(ENDLESS, [], { timeoutMs: 50 })), "DEADLINE_EXCEEDED");
    assert.equal((await engine.query("SELECT 1")).rowCount, 1);
  });

  it("ends a query when its signal aborts, before or while it runs", async () => {
    const soon = new AbortController();
    setTimeout(() => soon.abort(), 50);
    assert.equal(await code(engine.query(ENDLESS, [], { signal: soon.signal })), "CANCELLED");
    assert.equal(
      await code(engine.query("SELECT 1", [], { signal: AbortSignal.abort() })),
      "CANCELLED",
    );
  });

  it("lets queries wait for a connection and counts the wait against their limit", async () => {
    const stop = new AbortController();
    const busy = [0, 1].map(() => code(engine.query(ENDLESS, [], { signal: stop.signal })));
    assert.equal(await code(engine.query("SELECT 1", [], { timeoutMs: 30 })), "DEADLINE_EXCEEDED");
    const waiting = engine.query("SELECT 42");
    stop.abort();
    assert.deepEqual(await Promise.all(busy), ["CANCELLED", "CANCELLED"]);
    assert.equal((await waiting).columns[0]?.[0], 42);
  });

  it("refuses a query that needs more memory and spill than allowed", async () => {
    assert.equal(
      await code(engine.query("SELECT list(md5(range::VARCHAR)) FROM range(6000000)")),
      "RESOURCE_EXHAUSTED",
    );
  });

  it("keeps the engine's own words out of the message", async () => {
    await assert.rejects(engine.query("SELECT * FROM secret_table"), (error: ScouterError) => {
      assert.equal(error.code, "QUERY_ERROR");
      assert.doesNotMatch(error.message, /secret_table/);
      assert.match(String(error.cause), /secret_table/);
      return true;
    });
  });

  it("finds every id by BETWEEN and by semi-join in a Parquet file that carries a bloom filter", async () => {
    const path = join(dir, "bloom.parquet");
    await engine.query(
      `COPY (SELECT unhex(md5((i % 60)::VARCHAR)) AS trace_id, i FROM range(600) t(i)) TO '${path}' (FORMAT parquet)`,
    );
    const blooms = await engine.query(
      "SELECT count(*) FROM parquet_metadata($1) WHERE bloom_filter_offset IS NOT NULL AND path_in_schema = 'trace_id'",
      [path],
    );
    assert.ok(
      Number(blooms.columns[0]?.[0]) > 0,
      "the file must carry a bloom filter for this test to mean anything",
    );
    for (let i = 0; i < 60; i++) {
      const id = createHash("md5").update(String(i)).digest();
      const found = await engine.query(
        "SELECT count(*), min(i) FROM read_parquet($1) WHERE trace_id BETWEEN $2 AND $2",
        [[path], id],
      );
      assert.deepEqual(found.columns, [[10n], [BigInt(i)]]);
      const joined = await engine.query(
        `SELECT count(*), min(i) FROM read_parquet($1)
         WHERE trace_id IN (SELECT unhex(id) FROM unnest($2::VARCHAR[]) wanted(id))`,
        [[path], [id.toString("hex")]],
      );
      assert.deepEqual(joined.columns, found.columns);
    }
  });

  it("cancels what runs when it is closed", async () => {
    const other = await openQueryEngine({
      memoryLimitBytes: 64 * 2 ** 20,
      threads: 1,
      tempDir: join(dir, "spill2"),
      defaultTimeoutMs: 20_000,
      metrics,
    });
    const running = code(other.query(ENDLESS));
    await other.close();
    assert.equal(await running, "CANCELLED");
  });
});
