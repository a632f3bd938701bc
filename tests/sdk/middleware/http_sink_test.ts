import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterEach, describe, it } from "node:test";
import { tableFromIPC } from "apache-arrow";
import { HttpServiceMapSink } from "../../../sdk/middleware/http/mod.ts";
import type { ServiceConnectionRecord } from "../../../sdk/middleware/mod.ts";
import { TransportError } from "../../../sdk/queue/mod.ts";

const RECORD: ServiceConnectionRecord = {
  source_service: "shop",
  destination_service: "cart",
  endpoint: "/items/{id}",
  method: "GET",
  status_code: 503,
  latency_ms: 1.25,
  timestamp: "2026-01-05T10:00:00.123Z",
  trace_id: null,
  error: true,
  source_verified: false,
  tags: '{"team":"shop"}',
  request_schema: null,
};
const BARE: ServiceConnectionRecord = {
  ...RECORD,
  status_code: 200,
  error: false,
  tags: null,
  trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
};

interface Request {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe("HttpServiceMapSink", () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((done) => server?.close(done) ?? done(null));
  });

  /** A server that answers records with these statuses, then 200. */
  async function start(statuses: number[]): Promise<{ uri: string; requests: Request[] }> {
    const requests: Request[] = [];
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      requests.push({
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks),
      });
      const registers = request.url === "/scouter/datasets/register";
      const status = registers ? 200 : statuses.shift() ?? 200;
      response.writeHead(status, { "content-type": "application/json", "retry-after": "7" }).end(
        JSON.stringify(
          registers ? { status: "created", fingerprint: "f".repeat(32) } : { rows_accepted: 2 },
        ),
      );
    });
    await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    return { uri: `http://127.0.0.1:${address.port}`, requests };
  }

  it("registers once and posts rows as an Arrow stream with the columns of the table", async () => {
    const { uri, requests } = await start([]);
    const sink = new HttpServiceMapSink({ serverUri: uri, apiKey: "sk_test" });
    const { signal } = new AbortController();
    const before = Date.now();
    await sink.write([RECORD, BARE], signal);
    await sink.write([BARE], signal);
    assert.deepEqual(requests.map(({ path }) => path), [
      "/scouter/datasets/register",
      "/scouter/datasets/scouter/service_map/connections/records",
      "/scouter/datasets/scouter/service_map/connections/records",
    ]);
    const [register, first, second] = requests;
    const registered = JSON.parse(register?.body.toString() ?? "");
    assert.deepEqual(
      [registered.catalog, registered.schema_name, registered.table],
      ["scouter", "service_map", "connections"],
    );
    const columns = Object.keys(JSON.parse(registered.json_schema).properties).sort();
    assert.deepEqual(columns, Object.keys(RECORD).sort());
    assert.equal(first?.headers["x-dataset-fingerprint"], "f".repeat(32));
    assert.equal(first?.headers.authorization, "Bearer sk_test");

    const table = tableFromIPC(first?.body ?? new Uint8Array());
    assert.equal(table.numRows, 2);
    const rows = table.toArray().map((row) => row.toJSON());
    for (const [at, record] of [RECORD, BARE].entries()) {
      const { timestamp, status_code, ...rest } = record;
      for (const [key, value] of Object.entries(rest)) assert.equal(rows[at][key], value, key);
      assert.equal(rows[at].status_code, BigInt(status_code));
      assert.equal(Number(rows[at].timestamp), Date.parse(timestamp));
      assert.ok(Number(rows[at].scouter_created_at) >= before);
    }
    assert.equal(
      String(table.schema.fields.find(({ name }) => name === "timestamp")?.type),
      "Timestamp<MICROSECOND, UTC>",
    );
    assert.equal(rows[0].scouter_batch_id, rows[1].scouter_batch_id);
    const later = tableFromIPC(second?.body ?? new Uint8Array()).toArray().map((row) =>
      row.toJSON()
    );
    assert.notEqual(later[0].scouter_batch_id, rows[0].scouter_batch_id);
  });

  it("says whether the same rows may be sent again, and sends them as the same batch", async () => {
    const { uri, requests } = await start([503, 400]);
    const sink = new HttpServiceMapSink({ serverUri: uri });
    const { signal } = new AbortController();
    await assert.rejects(
      () => sink.write([RECORD], signal),
      (error) => error instanceof TransportError && error.retry && error.retryAfterMs === 7_000,
    );
    await assert.rejects(
      () => sink.write([RECORD], signal),
      (error) => error instanceof TransportError && !error.retry,
    );
    await sink.write([RECORD], signal);
    const bodies = requests.slice(1).map(({ body }) => body.toString("base64"));
    assert.equal(new Set(bodies).size, 1);
  });

  it("may be tried again when nobody answers", async () => {
    const sink = new HttpServiceMapSink({
      serverUri: "http://127.0.0.1:9",
      fetch: () => Promise.reject(new TypeError("connection refused")),
    });
    await assert.rejects(
      () => sink.write([RECORD], new AbortController().signal),
      (error) => error instanceof TransportError && error.retry,
    );
  });
});
