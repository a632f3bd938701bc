import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { HttpServiceMapSink } from "../../sdk/middleware/http/mod.ts";
import { ServiceMap, serviceMapMiddleware } from "../../sdk/middleware/mod.ts";
import { HttpTransport } from "../../sdk/queue/mod.ts";
import {
  HttpSpanExporter,
  type HttpSpanExporterOptions,
  initTracer,
  type ScouterExporter,
  shutdownTracer,
  traced,
  TransportSpanExporter,
} from "../../sdk/tracing/mod.ts";
import { GrpcSpanExporter } from "../../sdk/tracing/grpc/mod.ts";
import { bunCommand, denoCommand, nodeCommand, type RuntimeCommand } from "../support/runtimes.ts";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";

interface Span {
  span_name: string;
  span_id: string;
  parent_span_id: string | null;
  span_kind: string;
  status_code: number;
  status_message: string | null;
  service_name: string;
  depth: number;
  input: unknown;
  output: unknown;
  attributes: { key: string; value: unknown }[];
  events: { name: string }[];
  links: { trace_id: string }[];
}

describe("the SDK's tracing against a real server", () => {
  let server: ServerProcess;
  before(async () => {
    server = await startServerProcess({ readyTimeoutMs: 240_000 });
  });
  after(async () => {
    await shutdownTracer();
    await server?.[Symbol.asyncDispose]();
  });

  const http = (options: HttpSpanExporterOptions) =>
    new HttpSpanExporter({ endpoint: server.otlpHttpUrl, ...options });
  const ways: [string, () => ScouterExporter][] = [
    ["protobuf", () => http({})],
    ["JSON, compressed", () => http({ protocol: "HttpJson", compression: "gzip" })],
    [
      "messages over HTTP",
      () =>
        new TransportSpanExporter({ transport: new HttpTransport({ serverUri: server.httpUrl }) }),
    ],
    ["gRPC", () => new GrpcSpanExporter({ endpoint: `http://127.0.0.1:${server.otlpGrpcPort}` })],
  ];
  for (const [what, makeTransport] of ways) {
    it(`stores what spans carry, sent as ${what}`, async () => {
      const transport = makeTransport();
      const tracer = initTracer({
        transport,
        attributes: { "service.name": "shop", region: "eu" },
      });
      const charge = traced(function charge(amount: number): { paid: number } {
        if (amount > 100) throw new RangeError("too much");
        return { paid: amount };
      }, { argNames: ["amount"], kind: "Client" });
      const link = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 };
      const traceId = tracer.withSpan("checkout", {
        kind: "Server",
        tags: { tenant: "acme" },
        links: [{ context: link }],
        startTime: new Date(Date.now() - 250),
      }, (span) => {
        charge(12.5);
        assert.throws(() => charge(500), RangeError);
        return span.spanContext().traceId;
      });
      await shutdownTracer();

      const response = await fetch(`${server.httpUrl}/scouter/v1/traces/${traceId}/spans`);
      assert.equal(response.status, 200);
      const spans: Span[] = (await response.json()).spans;
      assert.deepEqual(spans.map((span) => [span.span_name, span.depth, span.service_name]), [
        ["checkout", 0, "shop"],
        ["charge", 1, "shop"],
        ["charge", 1, "shop"],
      ]);
      const [root, paid, refused] = spans as [Span, Span, Span];
      assert.equal(root.span_kind, "SERVER");
      assert.equal(root.links[0]?.trace_id, link.traceId);
      assert.equal(paid.span_kind, "CLIENT");
      assert.equal(paid.parent_span_id, root.span_id);
      assert.deepEqual([paid.input, paid.output], [{ amount: 12.5 }, { paid: 12.5 }]);
      assert.equal(refused.status_code, 2);
      assert.equal(refused.status_message, "RangeError: too much");
      assert.deepEqual(refused.events.map((event) => event.name), ["exception"]);
      for (const span of spans) {
        assert.equal(span.attributes.find((entry) => entry.key === "region")?.value, "eu");
      }
      assert.equal(root.attributes.find((entry) => entry.key === "tenant")?.value, "acme");
    });
  }

  it("draws the service map that middleware recorded", async () => {
    const sink = new HttpServiceMapSink({ serverUri: server.httpUrl });
    const map = new ServiceMap({ serviceName: "stock", sink, tags: { team: "shop" } });
    const statuses = [200, 200, 503];
    const handler = serviceMapMiddleware(map)(() =>
      new Response("7", { status: statuses.shift() ?? 200 })
    );
    for (const item of [7, 8, 9]) {
      const headers = { "x-scouter-service": "till" };
      const response = await handler(new Request(`http://stock/items/${item}`, { headers }));
      await response.text();
    }
    await map.shutdown();
    assert.deepEqual(map.stats, { recorded: 3, sent: 3, failed: 0, dropped: 0, pending: 0 });
    const answer = await fetch(`${server.httpUrl}/scouter/service/graph?service_name=stock`);
    assert.equal(answer.status, 200);
    const { edges } = await answer.json();
    assert.equal(edges.length, 1);
    const [edge] = edges;
    assert.deepEqual(
      [edge.source_service, edge.destination_service, edge.endpoint, edge.total_calls],
      ["till", "stock", "/items/{id}", 3],
    );
    assert.equal(edge.error_count, 1);
  });

  const runtimes: [string, () => Promise<RuntimeCommand | null>][] = [
    ["Deno", () => Promise.resolve(denoCommand())],
    ["Node", nodeCommand],
    ["Bun", bunCommand],
  ];
  for (const [runtime, commandOf] of runtimes) {
    it(`reads the traces of the examples back on ${runtime}`, async () => {
      const command = await commandOf();
      if (command === null) {
        console.log(`skipped: ${runtime} cannot be had here`);
        return;
      }
      await assertExample(command);
      await assertInstrumentor(command);
    });
  }

  async function assertInstrumentor([program, ...args]: RuntimeCommand): Promise<void> {
    const { code, stdout } = await new Deno.Command(program, {
      args: [
        ...args,
        fileURLToPath(new URL("../../examples/tracing_instrumentor.ts", import.meta.url)),
      ],
      env: { SCOUTER_SERVER_URI: server.httpUrl, OTEL_EXPORTER_OTLP_ENDPOINT: server.otlpHttpUrl },
    }).output();
    assert.equal(code, 0);
    const text = new TextDecoder().decode(stdout).trimEnd().replace(/, \d+ ms/g, "");
    assert.deepEqual(text.split("\n"), [
      "refused: this is a teapot",
      'order  [kitchen, internal] → "a cup of oolong"',
      '├─ brew  [kitchen, internal] → "a cup of oolong"',
      "├─ serve table 7  [kitchen, internal]",
      "└─ brew  [kitchen, internal]",
    ]);
  }

  async function assertExample([program, ...args]: RuntimeCommand): Promise<void> {
    const example = fileURLToPath(
      new URL("../../examples/tracing_three_services/run.ts", import.meta.url),
    );
    const { code, stdout } = await new Deno.Command(program, {
      args: [...args, example],
      env: { SCOUTER_SERVER_URI: server.httpUrl, OTEL_EXPORTER_OTLP_ENDPOINT: server.otlpHttpUrl },
    }).output();
    assert.equal(code, 0);
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    assert.equal(lines[0], "Hello, Ada! Goodbye, Ada!");
    // Ports and durations differ from run to run.
    const tree = lines.slice(3).map((line) =>
      line.replace(/127\.0\.0\.1:\d+/, "HOST").replace(/, \d+ ms/, "")
    );
    assert.deepEqual(tree, [
      "visitor  [visitor, internal]",
      "└─ GET HOST  [visitor, client]",
      "   └─ GET /visit  [orchestrator, server]",
      '      └─ visit  [orchestrator, internal] → "Hello, Ada! Goodbye, Ada!"',
      "         ├─ GET HOST  [orchestrator, client]",
      "         │  └─ GET /hello  [hello, server]",
      '         │     └─ greet  [hello, internal] → "Hello, Ada!"',
      "         └─ GET HOST  [orchestrator, client]",
      "            └─ GET /goodbye  [goodbye, server]",
      '               └─ part  [goodbye, internal] → "Goodbye, Ada!"',
    ]);
  }
});
