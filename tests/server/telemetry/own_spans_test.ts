import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AdminService } from "../../../sdk/gen/scouter/v1/admin_pb.ts";
import { TraceService } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { freePorts, startServerProcess } from "../../support/server_process.ts";

const SLOW_MACHINE = { readyTimeoutMs: 180_000 };
const pause = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

/** Value of a series without labels. */
async function counted(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

const exportRequest = () => ({
  resourceSpans: [{
    scopeSpans: [{
      spans: [{
        traceId: crypto.randomUUID().replaceAll("-", ""),
        spanId: "0123456789abcdef",
        name: "work",
        startTimeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
        endTimeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
      }],
    }],
  }],
});

/** Asks until the number of spans sent stands still, and gives it. */
async function settled(url: string): Promise<number> {
  let last = -1;
  for (let tries = 0; tries < 20; tries++) {
    const sent = await counted(url, "scouter_own_spans_sent_total");
    if (sent === last) return sent;
    last = sent;
    await pause(4500);
  }
  return assert.fail(`spans about the server never end: ${last} and more`);
}

describe("a server that traces itself", () => {
  for (const target of ["self", "http"] as const) {
    it(`into itself (${target}) shows its requests as traces, and what that causes settles`, async () => {
      const [port = 0] = await freePorts(1);
      await using server = await startServerProcess({
        ...SLOW_MACHINE,
        env: target === "self" ? { SCOUTER_TELEMETRY_ENDPOINT: "self" } : {
          SCOUTER_OTLP_HTTP_PORT: String(port),
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        },
      });
      const transport = createConnectTransport({ baseUrl: server.httpUrl });
      const traces = createClient(TraceService, transport);
      const sent = await fetch(`${server.httpUrl}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(exportRequest()),
      });
      await sent.body?.cancel();
      await traces.getServiceGraph({});
      await traces.getTrace({ traceId: "ab".repeat(16) });
      const after = await settled(server.httpUrl);
      assert.ok(after >= 3, `${after} spans sent`);
      await pause(5000);
      assert.equal(await counted(server.httpUrl, "scouter_own_spans_sent_total"), after);

      const found = await traces.listTraces({
        filter: { query: "service:scouter-server" },
        limit: 100,
      });
      const names = new Set(found.traces.map(({ rootOperation }) => rootOperation));
      assert.ok(names.has("scouter.v1.TraceService/GetServiceGraph"), [...names].join());
      assert.ok(names.has("POST /v1/traces"), [...names].join());
      const graphTrace = found.traces.find(({ rootOperation }) =>
        rootOperation.endsWith("GetServiceGraph")
      );
      const { spans } = await traces.getTrace({
        traceId: graphTrace?.traceId ?? "",
        includeAttributes: true,
      });
      const inner = spans.map(({ spanName }) => spanName);
      for (const name of ["df.table.resolve", "df.physical.plan", "df.collect", "arrow.convert"]) {
        assert.ok(inner.includes(name), `${name} is not among ${inner.join()}`);
      }
      const health = await createClient(AdminService, transport).getIngestHealth({});
      if (target === "self") {
        const own = health.rows.find(({ source }) => source === "self");
        assert.equal(own?.sender?.kind, "server");
        assert.ok((own?.counts?.accepted ?? 0n) >= 3n);
      } else assert.ok((health.total?.accepted ?? 0n) >= 4n);
    });
  }

  it("lists nothing in the object store to answer queries", async () => {
    await using server = await startServerProcess(SLOW_MACHINE);
    const traces = createClient(
      TraceService,
      createConnectTransport({ baseUrl: server.httpUrl }),
    );
    const lists = async () => {
      const text = await (await fetch(`${server.httpUrl}/metrics`)).text();
      return text.split("\n").filter((line) =>
        line.startsWith("scouter_trace_object_store_requests_total") &&
        line.includes('operation="list"')
      ).join();
    };
    const before = await lists();
    assert.notEqual(before, "", "opening the tables listed their logs");
    const window = { startTimeUs: 0n, endTimeUs: BigInt(Date.now()) * 1000n };
    await traces.listTraces({});
    await traces.getFacets({ filter: window });
    await traces.getServiceGraph({});
    await traces.listServices(window);
    await traces.getTrace({ traceId: "ab".repeat(16) });
    assert.equal(await lists(), before);
  });
});
