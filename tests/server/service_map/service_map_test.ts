import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ScouterError } from "../../../server/errors.ts";
import {
  checkConnectionFingerprint,
  registerConnectionSchema,
} from "../../../server/service_map/connection_columns.ts";
import type { ConnectionEdge } from "../../../server/service_map/connection_edges.ts";
import { decodeConnections } from "../../../server/service_map/connection_rows.ts";
import { mergeServiceMap } from "../../../server/service_map/service_map.ts";
import { deltaRs } from "../delta/support.ts";
import { RECORD_SCHEMA, recordsIpc } from "./records.ts";

const badRequest = (pattern: RegExp) => (error: unknown) =>
  error instanceof ScouterError && error.code === "BAD_REQUEST" && pattern.test(error.message);

/** What a client in another language writes: strings as views, as the reference implementation does. */
const POLARS = `
import base64, datetime, io, json, polars as pl
at = datetime.datetime(2026, 1, 5, 8, 0, 0, 123456, tzinfo=datetime.timezone.utc)
frame = pl.DataFrame({
  "destination_service": ["cart", "a service with a long name"], "endpoint": ["/items/{id}", "/"],
  "error": [False, True], "latency_ms": [1.25, 250.0], "method": ["GET", "POST"],
  "request_schema": [None, "{}"], "source_service": ["shop", "unknown"],
  "source_verified": [False, False], "status_code": [200, 503], "tags": [None, None],
  "timestamp": [at, at], "trace_id": [None, "ab" * 16],
  "scouter_created_at": [at, at], "scouter_partition_date": [at.date(), at.date()],
  "scouter_batch_id": ["b", "b"],
}, schema_overrides={"tags": pl.String, "status_code": pl.Int64})
buffer = io.BytesIO()
frame.write_ipc_stream(buffer, compat_level=pl.CompatLevel.newest())
print(json.dumps(base64.b64encode(buffer.getvalue()).decode()))
`;

describe("connection records on the wire", () => {
  it("are read from Arrow with every microsecond", () => {
    const rows = decodeConnections(recordsIpc([
      { source: "shop", atUs: 1_767_600_000_123_456n },
      { source: "shop", status: 503, latencyMs: 7.5, traceId: "ab".repeat(16) },
    ], 1_767_600_001_000_001n));
    assert.equal(rows.count, 2);
    assert.deepEqual(rows.columns.map((column) => column[0]).slice(0, -1), [
      "cart",
      "/items/{id}",
      false,
      1.5,
      "GET",
      null,
      "shop",
      false,
      200n,
      '{"team":"shop"}',
      1_767_600_000_123_456n,
      null,
      1_767_600_001_000_001n,
    ]);
    assert.equal(rows.columns[2]?.[1], true);
    assert.equal(rows.columns[11]?.[1], "ab".repeat(16));
  });

  it("are read from a client that writes strings as views", async () => {
    const text = await deltaRs(POLARS);
    assert.ok(typeof text === "string");
    const rows = decodeConnections(new Uint8Array(Buffer.from(text, "base64")));
    assert.equal(rows.count, 2);
    assert.deepEqual(rows.columns[0], ["cart", "a service with a long name"]);
    assert.deepEqual(rows.columns[8], [200n, 503n]);
    assert.deepEqual(rows.columns[10], [1_767_600_000_123_456n, 1_767_600_000_123_456n]);
  });

  it("may be none", () => {
    assert.equal(decodeConnections(new Uint8Array(0)).count, 0);
  });

  it("are refused when they are no Arrow, cut short, or lack a column", () => {
    const whole = recordsIpc([{ source: "shop" }]);
    assert.throws(() => decodeConnections(new Uint8Array([1, 2, 3])), badRequest(/IPC/));
    assert.throws(() => decodeConnections(whole.subarray(0, whole.length / 2)), badRequest(/IPC/));
  });

  it("are taken from models that differ only in which optional fields may be null", async () => {
    const fingerprint = await registerConnectionSchema(RECORD_SCHEMA);
    assert.match(fingerprint, /^[0-9a-f]{32}$/);
    await checkConnectionFingerprint(fingerprint);
    const required = JSON.parse(RECORD_SCHEMA);
    required.required.push("source_verified");
    assert.notEqual(await registerConnectionSchema(JSON.stringify(required)), fingerprint);
    const other = JSON.parse(RECORD_SCHEMA);
    other.properties.status_code = { type: "string" };
    await assert.rejects(
      registerConnectionSchema(JSON.stringify(other)),
      (error) => error instanceof ScouterError && error.code === "PRECONDITION_FAILED",
    );
    await assert.rejects(registerConnectionSchema("[1]"), badRequest(/Invalid JSON schema/));
  });
});

const spanEdge = (source: string, destination: string, operation: string, calls = 10) => ({
  source,
  destination,
  operation,
  external: false,
  calls,
  errors: 1,
  avgMs: 5,
  p50Ms: 4,
  p95Ms: 9,
  p99Ms: 10,
  firstSeenUs: 100,
  lastSeenUs: 200,
});
const node = (name: string) => ({
  name,
  spanCount: 3,
  errorCount: 0,
  requestCount: 2,
  requestErrorCount: 0,
  p50Ms: 1,
  p95Ms: 1,
  p99Ms: 1,
});
const connection = (
  source: string,
  destination: string,
  endpoint: string,
  calls = 7,
): ConnectionEdge => ({
  source,
  destination,
  endpoint,
  methods: ["GET"],
  calls,
  errors: 2,
  avgMs: 3,
  p50Ms: 3,
  p95Ms: 4,
  p99Ms: 5,
  firstSeenUs: 50,
  lastSeenUs: 150,
});

describe("the merged service map", () => {
  it("marks an edge that both know and counts it once, by spans", () => {
    const map = mergeServiceMap(
      { nodes: [node("cart"), node("shop")], edges: [spanEdge("shop", "cart", "GET /items/{id}")] },
      [connection("shop", "cart", "/items/{id}"), connection("shop", "pay", "/pay", 3)],
    );
    const [both, own] = map.edges;
    assert.deepEqual(both?.sources, ["spans", "middleware"]);
    assert.deepEqual([both?.calls, both?.middlewareCalls, both?.middlewareErrors], [10, 7, 2]);
    assert.deepEqual([both?.firstSeenUs, both?.lastSeenUs], [50, 200]);
    assert.deepEqual(own?.sources, ["middleware"]);
    assert.deepEqual([own?.operation, own?.calls, own?.errors], ["/pay", 3, 2]);
    assert.deepEqual(
      map.nodes.map(({ name, sources }) => [name, sources]),
      [["cart", ["spans", "middleware"]], ["pay", ["middleware"]], [
        "shop",
        ["spans", "middleware"],
      ]],
    );
    const pay = map.nodes.find(({ name }) => name === "pay");
    assert.deepEqual([pay?.requestCount, pay?.requestErrorCount, pay?.p95Ms], [3, 2, 4]);
  });

  it("shows peers without telemetry as external nodes", () => {
    const map = mergeServiceMap(
      { nodes: [node("shop")], edges: [{ ...spanEdge("shop", "redis", "GET"), external: true }] },
      [],
    );
    assert.deepEqual(map.nodes.map(({ name, external }) => [name, external]), [
      ["redis", true],
      ["shop", false],
    ]);
  });

  it("loses no call and invents none, whatever the two sources know", () => {
    const name = fc.constantFrom("a", "b", "c");
    const endpoint = fc.constantFrom("/x", "/y");
    fc.assert(fc.property(
      fc.uniqueArray(
        fc.tuple(name, name, fc.constantFrom("GET /x", "/y", "GET", "other"), fc.nat(9)),
        { selector: ([s, d, o]) => `${s} ${d} ${o}` },
      ),
      fc.uniqueArray(fc.tuple(name, name, endpoint, fc.nat(9)), {
        selector: ([s, d, e]) => `${s} ${d} ${e}`,
      }),
      (spans, records) => {
        const edges = spans.map(([s, d, o, calls]) => spanEdge(s, d, o, calls));
        const map = mergeServiceMap(
          { nodes: [], edges },
          records.map(([s, d, e, calls]) => connection(s, d, e, calls)),
        );
        const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
        assert.equal(
          sum(map.edges.map(({ middlewareCalls }) => middlewareCalls)),
          sum(records.map(([, , , calls]) => calls)),
        );
        assert.equal(
          sum(
            map.edges.filter(({ sources }) => sources.includes("spans")).map(({ calls }) => calls),
          ),
          sum(spans.map(([, , , calls]) => calls)),
        );
        const names = new Set(map.nodes.map(({ name }) => name));
        for (const [source, destination] of records) {
          assert.ok(names.has(source) && names.has(destination));
        }
      },
    ));
  });
});
