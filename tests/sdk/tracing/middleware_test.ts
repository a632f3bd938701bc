import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Hono } from "hono";
import {
  flushTracer,
  getCurrentActiveSpan,
  honoTracing,
  initTracer,
  nodeTracing,
  type ScouterTracer,
  shutdownTracer,
  type SpanRecord,
  TestSpanExporter,
  tracedFetch,
  tracingMiddleware,
} from "../../../sdk/tracing/mod.ts";

const TRACE = "12345678901234567890123456789012";
const SPAN = "1234567890123456";
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`;

let exporter: TestSpanExporter;
let tracer: ScouterTracer;

beforeEach(() => {
  exporter = new TestSpanExporter();
  tracer = initTracer({ serviceName: "test", transport: exporter });
});
afterEach(async () => {
  await shutdownTracer();
});

async function onlySpan(): Promise<SpanRecord> {
  await flushTracer();
  assert.equal(exporter.spans.length, 1);
  const [span] = exporter.spans;
  assert.ok(span);
  return span;
}

function attribute(span: SpanRecord, key: string): unknown {
  return span.attributes.find((entry) => entry.key === key)?.value;
}

function stream(chunks: string[], error?: Error): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) controller.enqueue(new TextEncoder().encode(chunk));
      else if (error !== undefined) controller.error(error);
      else controller.close();
    },
  });
}

describe("tracingMiddleware", () => {
  it("makes a server span that is the child of its caller's", async () => {
    const handler = tracingMiddleware(tracer)(() => {
      getCurrentActiveSpan()?.setTag("seen", "yes");
      return new Response(null, { status: 204 });
    });
    const headers = { traceparent: TRACEPARENT, authorization: "secret", cookie: "secret" };
    await handler(new Request("http://localhost/health?token=secret", { headers }));
    const span = await onlySpan();
    assert.equal(span.span_name, "GET /health");
    assert.equal(span.span_kind, "SERVER");
    assert.equal(span.trace_id, TRACE);
    assert.equal(span.parent_span_id, SPAN);
    assert.equal(attribute(span, "http.response.status_code"), 204);
    assert.equal(exporter.tags.length, 1);
    assert.ok(!JSON.stringify(span).includes("secret"));
  });

  it("makes a root span without traceparent, whatever older headers say", async () => {
    const handler = tracingMiddleware(tracer)(() => new Response(null));
    const headers = { trace_id: TRACE, span_id: SPAN };
    await handler(new Request("http://localhost/", { headers }));
    const span = await onlySpan();
    assert.equal(span.parent_span_id, null);
    assert.notEqual(span.trace_id, TRACE);
  });

  it("ends the span when the body has been read", async () => {
    const handler = tracingMiddleware(tracer)(() => new Response(stream(["a", "b"])));
    const response = await handler(new Request("http://localhost/"));
    await flushTracer();
    assert.equal(exporter.spans.length, 0);
    assert.equal(await response.text(), "ab");
    assert.equal((await onlySpan()).status_code, 0);
  });

  it("keeps the span of a body that breaks and of one that is left", async () => {
    const bodies = [stream(["a"], new Error("lost")), stream(["a", "b"])];
    const handler = tracingMiddleware(tracer)(() => new Response(bodies.shift() ?? null));
    const broken = await handler(new Request("http://localhost/broken"));
    await assert.rejects(() => broken.text());
    const left = await handler(new Request("http://localhost/left"));
    await left.body?.cancel();
    await flushTracer();
    const [first, second] = exporter.spans;
    assert.equal(first?.status_message, "Error: lost");
    assert.equal(second?.status_code, 0);
    assert.deepEqual(second?.events.map((event) => event.name), ["http.response.cancelled"]);
  });

  it("keeps the span of a handler that throws, and throws again", async () => {
    const handler = tracingMiddleware(tracer)(() => {
      throw new RangeError("boom");
    });
    await assert.rejects(() => handler(new Request("http://localhost/")), RangeError);
    const span = await onlySpan();
    assert.equal(span.status_message, "RangeError: boom");
  });

  it("calls an answer from 500 on an error, and one below not", async () => {
    const statuses = [404, 503];
    const handler = tracingMiddleware(tracer)(() =>
      new Response(null, { status: statuses.shift() ?? 200 })
    );
    await handler(new Request("http://localhost/a"));
    await handler(new Request("http://localhost/b"));
    await flushTracer();
    assert.deepEqual(exporter.spans.map((span) => span.status_code), [0, 2]);
  });

  it("cuts a long path", async () => {
    const handler = tracingMiddleware(tracer)(() => new Response(null));
    await handler(new Request(`http://localhost/${"x".repeat(2_000)}`));
    assert.equal((await onlySpan()).span_name.length, "GET ".length + 512);
  });
});

describe("honoTracing", () => {
  it("names the span after the route and keeps what handlers throw", async () => {
    const app = new Hono();
    app.use(honoTracing(tracer));
    app.get("/orders/:id", (c) => c.text(c.req.param("id"), 200, { "x-kept": "1" }));
    app.get("/broken", () => {
      throw new Error("boom");
    });
    const response = await app.request("/orders/7", { headers: { traceparent: TRACEPARENT } });
    assert.equal(response.headers.get("x-kept"), "1");
    assert.equal(await response.text(), "7");
    const broken = await app.request("/broken");
    assert.equal(broken.status, 500);
    await broken.text();
    await flushTracer();
    const [order, failed] = exporter.spans;
    assert.equal(order?.span_name, "GET /orders/:id");
    assert.equal(order?.parent_span_id, SPAN);
    assert.equal(failed?.status_message, "Error: boom");
    assert.ok(failed && attribute(failed, "http.response.status_code") === 500);
  });
});

describe("over real sockets", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    await Promise.all(
      servers.splice(0).map((server) => {
        server.closeAllConnections();
        return new Promise((done) => server.close(done));
      }),
    );
  });

  async function serve(handler: Parameters<typeof createServer>[1]): Promise<string> {
    const server = createServer(handler);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    return `http://127.0.0.1:${address.port}`;
  }

  /** The server's side ends after the client has its answer. */
  async function spansOf(count: number): Promise<readonly SpanRecord[]> {
    for (let i = 0; i < 500 && exporter.spans.length < count; i++) {
      await new Promise((done) => setTimeout(done, 2));
      await flushTracer();
    }
    assert.equal(exporter.spans.length, count);
    return exporter.spans;
  }

  it("one trace goes through fetch and Node's http", async () => {
    const middleware = nodeTracing(tracer);
    const url = await serve((request, response) =>
      middleware(request, response, async () => {
        await new Promise((done) => setTimeout(done, 1));
        getCurrentActiveSpan()?.setTag("caller", String(request.headers["x-scouter-service"]));
        response.end("hello");
      })
    );
    const call = tracedFetch({ tracer, serviceName: "shop" });
    await tracer.withSpan("order", async () => {
      assert.equal(await (await call(`${url}/hello?q=1`)).text(), "hello");
    });
    const spans = await spansOf(3);
    const byKind = new Map(spans.map((span) => [span.span_kind, span]));
    const server = byKind.get("SERVER");
    const client = byKind.get("CLIENT");
    const order = byKind.get("INTERNAL");
    assert.equal(server?.span_name, "GET /hello");
    assert.equal(server?.parent_span_id, client?.span_id);
    assert.equal(client?.parent_span_id, order?.span_id);
    assert.ok(client && attribute(client, "url.full") === `${url}/hello`);
    assert.ok(server && attribute(server, "http.response.status_code") === 200);
    assert.deepEqual(exporter.tags.map((tag) => tag.value), ["shop"]);
  });

  it("a call that cannot connect is an error span", async () => {
    const call = tracedFetch({
      tracer,
      fetch: () => Promise.reject(new TypeError("connection refused")),
    });
    await assert.rejects(() => call("http://localhost/"), TypeError);
    const [span] = await spansOf(1);
    assert.equal(span?.status_message, "TypeError: connection refused");
  });

  it("a handler of Node's http that throws keeps its span", async () => {
    const middleware = nodeTracing(tracer);
    const url = await serve((request, response) => {
      try {
        middleware(request, response, () => {
          throw new RangeError("boom");
        });
      } catch {
        response.writeHead(500).end();
      }
    });
    assert.equal((await fetch(url)).status, 500);
    const [span] = await spansOf(1);
    assert.equal(span?.status_message, "RangeError: boom");
  });
});
