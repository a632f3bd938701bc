import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { afterEach, describe, it } from "node:test";
import { Hono } from "hono";
import {
  extractTraceId,
  honoServiceMap,
  inferSchema,
  nodeServiceMap,
  normalizeEndpoint,
  type ServiceConnectionRecord,
  ServiceMap,
  serviceMapMiddleware,
  type ServiceMapOptions,
  tracingMiddleware,
} from "../../../sdk/middleware/mod.ts";
import { TransportError } from "../../../sdk/queue/mod.ts";
import { ScouterTracerProvider, TestSpanExporter } from "../../../sdk/tracing/mod.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

interface Recorded {
  readonly map: ServiceMap;
  readonly batches: ServiceConnectionRecord[][];
  records(): Promise<ServiceConnectionRecord[]>;
}

function recorded(options: Partial<ServiceMapOptions> = {}): Recorded {
  const batches: ServiceConnectionRecord[][] = [];
  const sink = {
    name: "list",
    write: (records: readonly ServiceConnectionRecord[]) => {
      batches.push([...records]);
      return Promise.resolve();
    },
  };
  const map = new ServiceMap({ serviceName: "cart", sink, ...options });
  return {
    map,
    batches,
    async records() {
      await map.flush();
      return batches.flat();
    },
  };
}

describe("a record's parts", () => {
  it("have {id} for numbers and UUIDs, and nothing else", () => {
    assert.equal(normalizeEndpoint("/users/12345/orders"), "/users/{id}/orders");
    assert.equal(
      normalizeEndpoint("/users/01890a5d-ac96-774b-bcce-b302099a8057"),
      "/users/{id}",
    );
    assert.equal(normalizeEndpoint("/api/abc-123def/data"), "/api/abc-123def/data");
    assert.equal(normalizeEndpoint("/"), "/");
    assert.equal(normalizeEndpoint(`/${"x".repeat(299)}`).length, 256);
    // 255 characters and one of two units: cutting through it would leave half a character.
    assert.equal(normalizeEndpoint(`/${"x".repeat(254)}\u{1f600}`).length, 255);
  });

  it("have the trace id of a valid traceparent only", () => {
    assert.equal(extractTraceId(TRACEPARENT), "4bf92f3577b34da6a3ce929d0e0e4736");
    for (const header of ["invalid", "", null, undefined]) {
      assert.equal(extractTraceId(header), null);
    }
  });

  it("have names and types of a body's fields, never values", () => {
    assert.deepEqual(
      inferSchema('{"user_id":"abc","score":0.9,"active":true,"a":{},"b":[1],"c":null}'),
      { user_id: "string", score: "number", active: "boolean", a: "object", b: "array", c: "null" },
    );
    for (const body of ["[1]", "7", "null", "no json", ""]) assert.equal(inferSchema(body), null);
  });
});

describe("serviceMapMiddleware", () => {
  it("records who called, what, how it went, and in which trace", async () => {
    const { map, records } = recorded({ tags: { team: "shop" } });
    const handler = serviceMapMiddleware(map)(() => new Response("ok", { status: 201 }));
    const headers = { "x-scouter-service": "shop", traceparent: TRACEPARENT };
    const before = Date.now();
    const request = new Request("http://localhost/items/7?token=secret", {
      method: "POST",
      headers,
    });
    assert.equal(await (await handler(request)).text(), "ok");
    const [record, ...more] = await records();
    assert.ok(record);
    assert.equal(more.length, 0);
    const { latency_ms, timestamp, ...rest } = record;
    assert.deepEqual(rest, {
      source_service: "shop",
      destination_service: "cart",
      endpoint: "/items/{id}",
      method: "POST",
      status_code: 201,
      trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      error: false,
      source_verified: false,
      tags: '{"team":"shop"}',
      request_schema: null,
    });
    assert.ok(latency_ms >= 0 && Math.round(latency_ms * 1e3) / 1e3 === latency_ms);
    assert.ok(Date.parse(timestamp) >= before);
    await map.shutdown();
  });

  it("calls the caller unknown when it does not say who it is, and cuts long names", async () => {
    const { map, records } = recorded();
    const handler = serviceMapMiddleware(map)(() => new Response(null));
    await handler(new Request("http://localhost/"));
    const headers = { "x-scouter-service": "s".repeat(300) };
    await handler(new Request("http://localhost/", { headers }));
    const [first, second] = await records();
    assert.equal(first?.source_service, "unknown");
    assert.equal(first?.trace_id, null);
    assert.equal(second?.source_service, "s".repeat(256));
    await map.shutdown();
  });

  it("prefers the trace of the active span", async () => {
    const { map, records } = recorded();
    const exporter = new TestSpanExporter();
    const provider = new ScouterTracerProvider({ transport: exporter });
    const tracing = tracingMiddleware(provider.getTracer("a"));
    const handler = tracing(serviceMapMiddleware(map)(() => new Response("ok")));
    await (await handler(new Request("http://localhost/"))).text();
    await provider.shutdown();
    const [record] = await records();
    assert.equal(record?.trace_id, exporter.spans[0]?.trace_id);
    await map.shutdown();
  });

  it("keeps the record of a handler that throws, and of a body that breaks or is left", async () => {
    const { map, records } = recorded();
    const wrap = serviceMapMiddleware(map);
    const thrower = wrap(() => {
      throw new RangeError("boom");
    });
    await assert.rejects(() => thrower(new Request("http://localhost/thrown")), RangeError);
    const broken = wrap(() =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.error(new Error("lost"));
          },
        }),
      )
    );
    const response = await broken(new Request("http://localhost/broken"));
    await assert.rejects(() => response.text());
    const left = wrap(() => new Response("much"));
    await (await left(new Request("http://localhost/left"))).body?.cancel();
    const made = (await records()).map(({ endpoint, status_code, error }) =>
      [endpoint, status_code, error] as const
    );
    assert.deepEqual(made, [["/thrown", 500, true], ["/broken", 500, true], ["/left", 200, false]]);
    await map.shutdown();
  });

  it("tells the fields of JSON bodies when asked to, and hands the body on as it is", async () => {
    const { map, records } = recorded({ captureSchema: true, maxBodyBytes: 64 });
    const seen: unknown[] = [];
    const handler = serviceMapMiddleware(map)(async (request) => {
      seen.push(await request.text());
      return new Response(null);
    });
    const post = (body: string, type: string) =>
      handler(
        new Request("http://localhost/", {
          method: "POST",
          body,
          headers: { "content-type": type },
        }),
      );
    const long = JSON.stringify({ text: "x".repeat(100) });
    await post('{"name":"Zoë"}', "application/json; charset=utf-8");
    await post('{"name":"Zoë"}', "text/plain");
    await post(long, "application/json");
    await post("[1]", "application/json");
    assert.deepEqual(seen, ['{"name":"Zoë"}', '{"name":"Zoë"}', long, "[1]"]);
    assert.deepEqual((await records()).map((record) => record.request_schema), [
      '{"name":"string"}',
      null,
      null,
      null,
    ]);
    await map.shutdown();
  });
});

describe("honoServiceMap", () => {
  it("records what Hono answers, errors too", async () => {
    const { map, records } = recorded({ captureSchema: true });
    const app = new Hono();
    app.use(honoServiceMap(map));
    app.post("/orders/:id", async (c) => c.json(await c.req.json()));
    app.get("/broken", () => {
      throw new Error("boom");
    });
    const response = await app.request("/orders/7", {
      method: "POST",
      body: '{"tea":2}',
      headers: { "content-type": "application/json" },
    });
    assert.deepEqual(await response.json(), { tea: 2 });
    await (await app.request("/broken")).text();
    const made = (await records()).map(({ endpoint, status_code, request_schema }) =>
      [endpoint, status_code, request_schema] as const
    );
    assert.deepEqual(made, [["/orders/{id}", 200, '{"tea":"number"}'], ["/broken", 500, null]]);
    await map.shutdown();
  });
});

describe("nodeServiceMap", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    await Promise.all(
      servers.splice(0).map((server) => {
        server.closeAllConnections();
        return new Promise((done) => server.close(done));
      }),
    );
  });

  it("records what Node's http answers, and sees the body as it is read", async () => {
    const { map, records } = recorded({ captureSchema: true });
    const middleware = nodeServiceMap(map);
    const server = createServer((request, response) => {
      middleware(request, response, async () => {
        let text = "";
        for await (const chunk of request) text += chunk;
        response.writeHead(request.url === "/bad" ? 503 : 200).end(text);
      });
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const url = `http://127.0.0.1:${address.port}`;
    const answer = await fetch(`${url}/items/7?q=1`, {
      method: "POST",
      body: '{"tea":2}',
      headers: { "content-type": "application/json", "x-scouter-service": "shop" },
    });
    assert.equal(await answer.text(), '{"tea":2}');
    await (await fetch(`${url}/bad`)).text();
    let made: ServiceConnectionRecord[] = [];
    // The server's side ends after the client has its answer.
    for (let i = 0; i < 500 && made.length < 2; i++) {
      await new Promise((done) => setTimeout(done, 2));
      made = await records();
    }
    assert.deepEqual(
      made.map((record) => [
        record.source_service,
        record.endpoint,
        record.method,
        record.status_code,
        record.request_schema,
      ]),
      [
        ["shop", "/items/{id}", "POST", 200, '{"tea":"number"}'],
        ["unknown", "/bad", "GET", 503, null],
      ],
    );
    await map.shutdown();
  });

  it("keeps the record of a handler that throws", async () => {
    const { map, records } = recorded();
    const middleware = nodeServiceMap(map);
    const request = { method: "GET", url: "/x", headers: {} };
    const response = { statusCode: 200, writableFinished: false, once: () => {} };
    assert.throws(() =>
      middleware(request, response, () => {
        throw new RangeError("boom");
      }), RangeError);
    assert.deepEqual((await records()).map((record) => record.status_code), [500]);
    await map.shutdown();
  });
});

describe("the service map's records", () => {
  const answered = async (map: ServiceMap, count: number) => {
    const handler = serviceMapMiddleware(map)(() => new Response(null));
    for (let i = 0; i < count; i++) await handler(new Request("http://localhost/"));
  };

  it("go in batches of the size that was set", async () => {
    const { map, batches } = recorded({ batchSize: 2, flushIntervalMs: 60_000 });
    await answered(map, 5);
    await map.flush();
    assert.deepEqual(batches.map((batch) => batch.length), [2, 2, 1]);
    assert.deepEqual(map.stats, { recorded: 5, sent: 5, failed: 0, dropped: 0, pending: 0 });
    await map.shutdown();
  });

  it("are sent again while the sink says so, and counted when it refuses them", async () => {
    const problems = [
      new TransportError("away", { retryAfterMs: 1 }),
      new TransportError("no such table", { retry: false }),
    ];
    let closed = false;
    const sink = {
      name: "test",
      write: () => {
        const problem = problems.shift();
        return problem === undefined ? Promise.resolve() : Promise.reject(problem);
      },
      close: () => {
        closed = true;
        return Promise.resolve();
      },
    };
    const { map } = recorded({ sink, batchSize: 1 });
    await answered(map, 2);
    await map.shutdown();
    assert.deepEqual(map.stats, { recorded: 2, sent: 1, failed: 1, dropped: 0, pending: 0 });
    assert.equal(closed, true);
    await answered(map, 1);
    assert.equal(map.stats.dropped, 1);
  });

  it("are given up, and counted, when the sink hangs at the end", async () => {
    const sink = {
      name: "test",
      write: (_: unknown, signal: AbortSignal) =>
        new Promise<void>((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    };
    const { map } = recorded({ sink });
    await answered(map, 3);
    await map.shutdown({ deadlineMs: 10 });
    await new Promise((done) => setTimeout(done, 5));
    assert.equal(map.stats.dropped, 3);
  });

  it("need sizes that make sense", () => {
    assert.throws(() => recorded({ batchSize: 0 }), RangeError);
  });
});
