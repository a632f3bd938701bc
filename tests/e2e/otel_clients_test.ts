import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, otelJs, otelPython, telemetrygen } from "../support/clients.ts";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";

interface Span {
  span_name: string;
  span_id: string;
  parent_span_id: string | null;
  status_code: number;
  status_message: string | null;
  service_name: string;
  depth: number;
  attributes: { key: string; value: unknown }[];
  events: { name: string; attributes: { key: string; value: unknown }[] }[];
}

describe("real OpenTelemetry clients", () => {
  let server: ServerProcess;
  before(async () => {
    server = await startServerProcess();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  async function spansOf(traceId: string): Promise<Span[]> {
    const response = await fetch(`${server.httpUrl}/scouter/v1/traces/${traceId}/spans`);
    assert.equal(response.status, 200);
    return (await response.json()).spans;
  }

  function assertCheckoutTrace(spans: Span[], service: string) {
    assert.deepEqual(spans.map((span) => span.span_name), [
      "POST /checkout",
      "charge card",
      "send mail",
    ]);
    const [root, pay, mail] = spans as [Span, Span, Span];
    assert.equal(root.parent_span_id, null);
    assert.equal(pay.parent_span_id, root.span_id);
    assert.equal(mail.parent_span_id, root.span_id);
    assert.deepEqual(spans.map((span) => span.depth), [0, 1, 1]);
    assert.equal(pay.status_code, 2);
    assert.equal(pay.status_message, "card declined");
    assert.equal(root.service_name, service);
    const attribute = (key: string) => root.attributes.find((entry) => entry.key === key)?.value;
    assert.equal(attribute("cart.total"), 12.5);
    assert.deepEqual(attribute("cart.items"), ["tea", "mug"]);
    assert.equal(pay.events[0]?.name, "retry");
    assert.deepEqual(pay.events[0]?.attributes, [{ key: "attempt", value: 2 }]);
  }

  async function assertSends(client: Client | null, protocol: string, grpc: boolean) {
    if (client === null) return;
    const traceId = await client.send([protocol], {
      OTEL_SERVICE_NAME: `shop-${protocol}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: grpc
        ? `http://127.0.0.1:${server.otlpGrpcPort}`
        : server.otlpHttpUrl,
    });
    assert.match(traceId, /^[0-9a-f]{32}$/);
    assertCheckoutTrace(await spansOf(traceId), `shop-${protocol}`);
  }

  it("take a trace from the JS SDK over HTTP protobuf", async () => {
    await assertSends(await otelJs(), "proto", false);
  });
  it("take a trace from the JS SDK over HTTP JSON", async () => {
    await assertSends(await otelJs(), "http", false);
  });
  it("take a trace from the JS SDK over gRPC", async () => {
    await assertSends(await otelJs(), "grpc", true);
  });
  it("take a trace from the Python SDK over HTTP protobuf", async () => {
    await assertSends(await otelPython(), "http", false);
  });
  it("take a trace from the Python SDK over gRPC", async () => {
    await assertSends(await otelPython(), "grpc", true);
  });

  for (const transport of ["grpc", "http"] as const) {
    it(`store every span that telemetrygen sends over ${transport}`, async () => {
      const generator = await telemetrygen();
      if (generator === null) return;
      const service = `load-${transport}`;
      const endpoint = transport === "grpc"
        ? `127.0.0.1:${server.otlpGrpcPort}`
        : server.otlpHttpUrl.slice("http://".length);
      await generator.send([
        "traces",
        "--otlp-insecure",
        ...(transport === "http" ? ["--otlp-http"] : []),
        "--otlp-endpoint",
        endpoint,
        "--rate",
        "0",
        "--batch=false",
        "--traces",
        "100",
        "--child-spans",
        "9",
        "--service",
        service,
      ], {});
      let cursor: { start_time: string; trace_id: string } | null = null;
      let traces = 0;
      let spans = 0;
      do {
        const response: Response = await fetch(`${server.httpUrl}/scouter/trace/paginated`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            service_name: service,
            limit: 40,
            direction: "next",
            ...(cursor && {
              cursor_start_time: cursor.start_time,
              cursor_trace_id: cursor.trace_id,
            }),
          }),
        });
        assert.equal(response.status, 200);
        const page = await response.json();
        traces += page.items.length;
        for (const item of page.items) spans += item.span_count;
        cursor = page.has_next ? page.next_cursor : null;
      } while (cursor !== null);
      assert.deepEqual({ traces, spans }, { traces: 100, spans: 1000 });
    });
  }
});
