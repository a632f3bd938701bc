import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createConnectTransport } from "@connectrpc/connect-web";
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DatasetService } from "../../../sdk/gen/scouter/grpc/v1/dataset_pb.ts";
import { AdminService } from "../../../sdk/gen/scouter/v1/admin_pb.ts";
import { GraphSource, TraceService } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { startServerProcess } from "../../support/server_process.ts";
import { RECORD_SCHEMA, recordsIpc } from "./records.ts";

const NAME = { catalog: "scouter", schemaName: "service_map", table: "connections" };

const span = (
  service: string,
  name: string,
  spanId: string,
  parentSpanId: string,
  kind: number,
) => {
  const now = BigInt(Date.now()) * 1_000_000n;
  return {
    resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
    scopeSpans: [{
      spans: [{
        traceId: "ab".repeat(16),
        spanId,
        parentSpanId,
        name,
        kind,
        startTimeUnixNano: String(now),
        endTimeUnixNano: String(now + 2_000_000n),
      }],
    }],
  };
};

describe("the service map of a server", () => {
  it("takes records of existing clients, keeps them through kill -9, and joins them with spans", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "service-map-"));
    try {
      let server = await startServerProcess({ dataDir, readyTimeoutMs: 180_000 });
      const grpc = createClient(
        DatasetService,
        createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.grpcPort}` }),
      );
      const { fingerprint } = await grpc.registerDataset({ ...NAME, jsonSchema: RECORD_SCHEMA });
      const answer = await grpc.insertBatch({
        ...NAME,
        fingerprint,
        ipcData: recordsIpc([
          { source: "shop", latencyMs: 12 },
          { source: "shop", latencyMs: 14, status: 503 },
          { source: "mobile", destination: "shop", endpoint: "/checkout", method: "POST" },
        ]),
      });
      assert.equal(answer.rowsAccepted, 3n);
      const overHttp = await fetch(
        `${server.httpUrl}/scouter/datasets/scouter/service_map/connections/records`,
        {
          method: "POST",
          headers: { "x-dataset-fingerprint": fingerprint },
          body: new Uint8Array(recordsIpc([{ source: "shop" }])),
        },
      );
      assert.deepEqual(await overHttp.json(), { rows_accepted: 1 });
      const traces = await fetch(`${server.httpUrl}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          resourceSpans: [
            span("shop", "POST /checkout", "01".repeat(8), "", 2),
            span("cart", "GET /items/{id}", "02".repeat(8), "01".repeat(8), 2),
          ],
        }),
      });
      assert.equal(traces.status, 200);
      await traces.body?.cancel();
      await server.stop("SIGKILL");

      server = await startServerProcess({ dataDir, readyTimeoutMs: 180_000 });
      await using _server = server;
      const web = createConnectTransport({ baseUrl: server.httpUrl });
      const graph = await createClient(TraceService, web).getServiceGraph({});
      const edges = graph.edges.map((edge) => [
        edge.source,
        edge.destination,
        edge.operation,
        edge.calls,
        edge.middlewareCalls,
        edge.sources,
      ]);
      const { SPANS, MIDDLEWARE } = GraphSource;
      assert.deepEqual(edges, [
        ["mobile", "shop", "/checkout", 1n, 1n, [MIDDLEWARE]],
        ["shop", "cart", "GET /items/{id}", 1n, 3n, [SPANS, MIDDLEWARE]],
      ]);
      const shop = graph.nodes.find(({ name }) => name === "shop");
      assert.deepEqual(shop?.sources, [SPANS, MIDDLEWARE]);
      assert.equal(shop?.requestCount, 1n);
      assert.equal(Math.round(shop?.p95Ms ?? 0), 2);

      const rest = await fetch(`${server.httpUrl}/scouter/service/graph?service_name=shop`);
      const body = await rest.json();
      assert.equal(body.edges.length, 1);
      assert.equal(body.edges[0].source_service, "mobile");
      assert.equal(body.edges[0].endpoint, "/checkout");
      assert.equal(body.edges[0].total_calls, 1);
      assert.equal(body.edges[0].error_rate_pct, 0);

      const storage = await createClient(AdminService, web).getStorage({});
      const table = storage.tables.find(({ name }) => name === "scouter.service_map.connections");
      assert.ok((table?.version ?? -1n) >= 0n);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it("says what is wrong with rows it does not take", async () => {
    await using server = await startServerProcess({ readyTimeoutMs: 180_000 });
    const client = createClient(
      DatasetService,
      createConnectTransport({ baseUrl: server.httpUrl }),
    );
    const codeOf = (call: Promise<unknown>) =>
      call.then(() => undefined, (error) => ConnectError.from(error).code);
    const { fingerprint } = await client.registerDataset({ ...NAME, jsonSchema: RECORD_SCHEMA });
    const rows = { ...NAME, fingerprint, ipcData: recordsIpc([{ source: "a" }]) };
    assert.equal(await codeOf(client.insertBatch({ ...rows, table: "other" })), Code.NotFound);
    assert.equal(
      await codeOf(client.insertBatch({ ...rows, fingerprint: "0".repeat(32) })),
      Code.FailedPrecondition,
    );
    assert.equal(
      await codeOf(client.insertBatch({ ...rows, ipcData: new Uint8Array([1, 2]) })),
      Code.InvalidArgument,
    );
    const health = await createClient(
      AdminService,
      createConnectTransport({ baseUrl: server.httpUrl }),
    ).getIngestHealth({});
    assert.equal(health.total?.refusedRequests, 3n);
  });
});
