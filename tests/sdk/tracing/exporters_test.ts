import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterEach, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import {
  HttpSpanExporter,
  type HttpSpanExporterOptions,
  ScouterTracerProvider,
  TestSpanExporter,
} from "../../../sdk/tracing/mod.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

interface Collector {
  readonly url: string;
  readonly received: Received[];
}

const servers: Server[] = [];

/** A collector that answers with the given statuses, and with 200 after them. */
async function collector(statuses: number[] = []): Promise<Collector> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({
      path: request.url ?? "",
      headers: request.headers,
      body: new Uint8Array(Buffer.concat(chunks)),
    });
    const status = statuses.shift() ?? 200;
    response.writeHead(status, { "retry-after": "0" }).end();
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { url: `http://127.0.0.1:${address.port}`, received };
}

function providerTo(options: HttpSpanExporterOptions): ScouterTracerProvider {
  return new ScouterTracerProvider({ serviceName: "shop", transport: options });
}

describe("export over OTLP/HTTP", () => {
  afterEach(async () => {
    await Promise.all(
      servers.splice(0).map((server) => new Promise((done) => server.close(done))),
    );
  });

  it("posts protobuf to /v1/traces of the server", async () => {
    const { url, received } = await collector();
    const provider = providerTo({ endpoint: url, headers: { authorization: "Bearer x" } });
    provider.getTracer("a").startSpan("checkout").end();
    await provider.shutdown();
    assert.equal(received.length, 1);
    assert.equal(received[0]?.path, "/v1/traces");
    assert.equal(received[0]?.headers["content-type"], "application/x-protobuf");
    assert.equal(received[0]?.headers.authorization, "Bearer x");
    // Field 1 of ExportTraceServiceRequest, length-delimited.
    assert.equal(received[0]?.body[0], 0x0a);
    assert.ok(new TextDecoder().decode(received[0]?.body).includes("checkout"));
    assert.deepEqual(provider.stats.scouter, { exported: 1, failed: 0, dropped: 0, queued: 0 });
  });

  it("posts JSON with hex ids, compressed when wanted", async () => {
    const { url, received } = await collector();
    const provider = providerTo({ endpoint: url, protocol: "HttpJson", compression: "gzip" });
    const span = provider.getTracer("a").startSpan("checkout");
    span.end();
    await provider.shutdown();
    assert.equal(received[0]?.headers["content-encoding"], "gzip");
    const request = JSON.parse(new TextDecoder().decode(gunzipSync(received[0]?.body ?? "")));
    const sent = request.resourceSpans[0].scopeSpans[0].spans[0];
    assert.equal(sent.name, "checkout");
    assert.equal(sent.traceId, span.spanContext().traceId);
  });

  it("tries again after 503 and loses nothing", async () => {
    const { url, received } = await collector([503, 429]);
    const provider = providerTo({ endpoint: url });
    provider.getTracer("a").startSpan("checkout").end();
    await provider.shutdown();
    assert.equal(received.length, 3);
    assert.deepEqual(received[0]?.body, received[2]?.body);
    assert.equal(provider.stats.scouter?.exported, 1);
  });

  it("does not try again after 400, and counts the spans as failed", async () => {
    const { url, received } = await collector([400]);
    const provider = providerTo({ endpoint: url });
    provider.getTracer("a").startSpan("checkout").end();
    await provider.shutdown();
    assert.equal(received.length, 1);
    assert.deepEqual(provider.stats.scouter, { exported: 0, failed: 1, dropped: 0, queued: 0 });
  });

  it("refuses an endpoint that is no address of http", () => {
    assert.throws(() => new HttpSpanExporter({ endpoint: "localhost:4318" }), /address of http/);
  });
});

describe("batches", () => {
  it("drop what finds the queue full, and count it", async () => {
    const exporter = new TestSpanExporter();
    const provider = new ScouterTracerProvider({
      transport: exporter,
      batch: { maxQueueSize: 3, maxExportBatchSize: 3, scheduledDelayMs: 60_000 },
    });
    const tracer = provider.getTracer("a");
    // The first three start an export, which takes them; three more wait; the rest finds no room.
    for (let i = 0; i < 10; i++) tracer.startSpan(`span ${i}`).end();
    await provider.shutdown();
    const stats = provider.stats.scouter;
    assert.equal((stats?.exported ?? 0) + (stats?.dropped ?? 0), 10);
    assert.equal(exporter.spans.length, stats?.exported);
    assert.deepEqual(exporter.spans.slice(0, 3).map((span) => span.span_name), [
      "span 0",
      "span 1",
      "span 2",
    ]);
    assert.ok((stats?.dropped ?? 0) > 0);
  });

  it("are all exported before the exporter is closed, those that fill up meanwhile too", async () => {
    const log: string[] = [];
    const provider = new ScouterTracerProvider({
      transport: {
        export(spans, done) {
          setTimeout(() => {
            log.push(spans.map((span) => span.name).join(" "));
            done({ code: 0 });
          }, 2);
        },
        shutdown: () => Promise.resolve(void log.push("closed")),
      },
      batch: { maxExportBatchSize: 2, scheduledDelayMs: 60_000 },
    });
    const tracer = provider.getTracer("a");
    for (const name of ["a", "b"]) tracer.startSpan(name).end();
    // Its export is under way by now; these fill the next batch.
    for (const name of ["c", "d"]) tracer.startSpan(name).end();
    await provider.shutdown();
    assert.deepEqual(log, ["a b", "c d", "closed"]);
    assert.equal(provider.stats.scouter?.exported, 4);
  });

  it("refuse a size that is no whole number", () => {
    assert.throws(
      () =>
        new ScouterTracerProvider({
          transport: new TestSpanExporter(),
          batch: { maxQueueSize: 0 },
        }),
      /maxQueueSize/,
    );
  });
});
