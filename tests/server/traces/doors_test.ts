import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { TraceService } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { openTraceDoors, type TraceDoors } from "./doors.ts";
import { spanId, traceId, TraceWorld } from "./fixture.ts";

/** 2026-01-05T08:00:00Z */
const T0 = 1_767_600_000_000_000;
const MINUTE = 60_000_000;

describe("reading traces through the doors", () => {
  let world: TraceWorld;
  let doors: TraceDoors;
  const order = traceId("order");
  const lonely = traceId("lonely");
  before(async () => {
    world = await TraceWorld.open();
    doors = await openTraceDoors(
      world.queries,
      (type, tags, all) =>
        Promise.resolve(type === "trace" && tags.length === 1 && all ? [order, "not an id"] : []),
    );
    await world.write([
      {
        traceId: order,
        spanId: spanId("root"),
        service: "shop",
        name: "POST /order",
        kind: "SERVER",
        startUs: T0,
        endUs: T0 + 250_000,
        attributes: {
          big: "9223372036854775807",
          double: "1.0",
          list: '["a",2]',
          text: '"hé \\"x\\""',
        },
        events: [{
          timestamp: "2026-01-05T08:00:00.000001Z",
          name: "cache miss",
          attributes: [{ key: "n", value: 1 }],
          dropped_attributes_count: 2,
        }],
        links: [{
          trace_id: lonely,
          span_id: spanId("lonely"),
          trace_state: "v=1",
          attributes: [],
          dropped_attributes_count: 0,
        }],
        columns: {
          input: '{"cart":[1.0]}',
          output: '"plain words"',
          input_messages: '[{"role":"user"}]',
          operation_name: "chat",
          request_model: "m-1",
          input_tokens: 12,
        },
      },
      {
        traceId: order,
        spanId: spanId("pay"),
        parentSpanId: spanId("root"),
        service: "shop",
        name: "pay",
        kind: "CLIENT",
        startUs: T0 + 1000,
        endUs: T0 + 201_000,
      },
    ]);
    await world.write([
      {
        traceId: order,
        spanId: spanId("bank"),
        parentSpanId: spanId("pay"),
        service: "bank",
        name: "POST /charge",
        kind: "SERVER",
        startUs: T0 + 2000,
        endUs: T0 + 152_000,
        status: 2,
        statusMessage: "declined",
      },
      {
        traceId: order,
        spanId: spanId("orphan"),
        parentSpanId: spanId("gone"),
        service: "bank",
        name: "audit",
        startUs: T0 + 3000,
        endUs: T0 + 4000,
      },
      {
        traceId: lonely,
        spanId: spanId("lonely"),
        service: "cron",
        name: "tick",
        startUs: T0 + 7 * MINUTE,
        endUs: T0 + 7 * MINUTE + 10_000,
      },
    ]);
  });
  after(async () => {
    await doors[Symbol.asyncDispose]();
    await world.close();
    assert.equal(world.leases, 0);
  });

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${doors.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  it("lists traces in the shape clients know, with cursors", async () => {
    const response = await post("/scouter/trace/paginated", { limit: 1, service_name: null });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("server-timing") ?? "", /^query;dur=[\d.]+/);
    const first = await response.json();
    assert.deepEqual(first, {
      items: [{
        trace_id: lonely,
        service_name: "cron",
        scope_name: "scope",
        scope_version: "",
        root_operation: "tick",
        start_time: "2026-01-05T08:07:00Z",
        end_time: "2026-01-05T08:07:00.010Z",
        duration_ms: 10,
        status_code: 0,
        status_message: null,
        span_count: 1,
        has_errors: false,
        error_count: 0,
        resource_attributes: [{ key: "service.name", value: "cron" }],
        entity_ids: [],
        queue_ids: [],
      }],
      has_next: true,
      next_cursor: { start_time: "2026-01-05T08:07:00Z", trace_id: lonely },
      has_previous: false,
      previous_cursor: { start_time: "2026-01-05T08:07:00Z", trace_id: lonely },
    });
    const second = await (await post("/scouter/trace/paginated", {
      limit: 1,
      cursor_start_time: first.next_cursor.start_time,
      cursor_trace_id: first.next_cursor.trace_id,
      direction: "next",
    })).json();
    assert.deepEqual(
      [second.items[0].trace_id, second.has_next, second.has_previous, second.next_cursor],
      [order, false, true, null],
    );
    assert.deepEqual(
      [second.items[0].has_errors, second.items[0].status_message, second.items[0].span_count],
      [true, "declined", 4],
    );
    const back = await (await post("/scouter/trace/paginated", {
      cursor_start_time: second.previous_cursor.start_time,
      cursor_trace_id: second.previous_cursor.trace_id,
      direction: "previous",
    })).json();
    assert.deepEqual(back.items.map((item: { trace_id: string }) => item.trace_id), [lonely]);
    assert.deepEqual([back.has_next, back.has_previous], [true, false]);
  });

  it("returns the spans of a trace as a tree, payloads and exact numbers included", async () => {
    for (
      const path of [
        `/scouter/v1/traces/${order}/spans`,
        `/scouter/trace/spans?trace_id=${order.toUpperCase()}`,
      ]
    ) {
      const response = await fetch(`${doors.url}${path}`);
      assert.equal(response.status, 200);
      const text = await response.text();
      assert.match(text, /"key":"big","value":9223372036854775807/);
      assert.match(text, /"key":"double","value":1\.0\}/);
      assert.match(text, /"input":\{"cart":\[1\.0\]\}/);
      const { spans } = JSON.parse(text);
      assert.deepEqual(
        spans.map((span: Record<string, unknown>) => [
          span["span_name"],
          span["depth"],
          span["span_order"],
          span["root_span_id"],
        ]),
        [
          ["POST /order", 0, 0, spanId("root")],
          ["pay", 1, 1, spanId("root")],
          ["POST /charge", 2, 2, spanId("root")],
          ["audit", 0, 3, spanId("root")],
        ],
      );
      const [root] = spans;
      assert.equal(root.parent_span_id, null);
      assert.equal(root.duration_ms, 250);
      assert.equal(root.output, "plain words");
      assert.deepEqual(spans[2].path, [spanId("root"), spanId("pay"), spanId("bank")]);
      assert.deepEqual(
        root.attributes.slice(2),
        [
          { key: "list", value: ["a", 2] },
          { key: "text", value: 'hé "x"' },
          { key: "scouter.tracing.input", value: '{"cart":[1.0]}' },
          { key: "scouter.tracing.output", value: "plain words" },
          { key: "gen_ai.input.messages", value: '[{"role":"user"}]' },
        ],
      );
      assert.deepEqual(root.events, [{
        timestamp: "2026-01-05T08:00:00.000001Z",
        name: "cache miss",
        attributes: [{ key: "n", value: 1 }],
        dropped_attributes_count: 2,
      }]);
      assert.equal(root.links[0].trace_id, lonely);
    }
  });

  it("answers an unknown id with no spans, and finds it once it has arrived", async () => {
    const late = traceId("late");
    const ask = async () =>
      (await (await fetch(`${doors.url}/scouter/v1/traces/${late}/spans`)).json()).spans.length;
    assert.equal(await ask(), 0);
    await world.write([{ traceId: late, spanId: spanId("late"), startUs: T0 - MINUTE }]);
    assert.equal(await ask(), 1);
    world.files.pop();
  });

  it("returns the newest match's spans, and spans by tag", async () => {
    const newest = await (await post("/scouter/trace/spans/filters", {
      attribute_filters: ["double=1.0"],
    })).json();
    assert.equal(newest.spans.length, 4);
    const tagged = await (await post("/scouter/trace/spans/tags", {
      entity_type: "trace",
      tag_filters: [{ key: "env", value: "prod" }],
      match_all: true,
    })).json();
    assert.equal(tagged.spans.length, 4);
    const ofBank = await (await post("/scouter/trace/spans/tags", {
      entity_type: "trace",
      tag_filters: [{ key: "env", value: "prod" }],
      match_all: true,
      service_name: "bank",
    })).json();
    assert.deepEqual(ofBank.spans.map((span: { span_name: string }) => span.span_name), [
      "POST /charge",
      "audit",
    ]);
  });

  it("honours every interval of the metrics", async () => {
    const metrics = async (bucket_interval: string) =>
      (await (await post("/scouter/trace/metrics", {
        start_time: "2026-01-05T00:00:00Z",
        end_time: "2026-01-06T00:00:00+00:00",
        bucket_interval,
      })).json()).metrics;
    const order = {
      trace_count: 1,
      avg_duration_ms: 250,
      p50_duration_ms: 250,
      p95_duration_ms: 250,
      p99_duration_ms: 250,
      error_rate: 1,
    };
    const tick = {
      trace_count: 1,
      avg_duration_ms: 10,
      p50_duration_ms: 10,
      p95_duration_ms: 10,
      p99_duration_ms: 10,
      error_rate: 0,
    };
    assert.deepEqual(await metrics("5 minutes"), [
      { bucket_start: "2026-01-05T08:00:00Z", ...order },
      { bucket_start: "2026-01-05T08:05:00Z", ...tick },
    ]);
    assert.deepEqual(
      (await metrics("1 minutes")).map((bucket: { bucket_start: string }) => bucket.bucket_start),
      ["2026-01-05T08:00:00Z", "2026-01-05T08:07:00Z"],
    );
    const [day, ...none] = await metrics("day");
    assert.deepEqual(none, []);
    assert.deepEqual(day, {
      bucket_start: "2026-01-05T00:00:00Z",
      trace_count: 2,
      avg_duration_ms: 130,
      p50_duration_ms: 130,
      p95_duration_ms: 238,
      p99_duration_ms: 247.6,
      error_rate: 0.5,
    });
    assert.equal((await metrics("month"))[0].bucket_start, "2026-01-01T00:00:00Z");
    assert.equal((await metrics("week"))[0].bucket_start, "2026-01-05T00:00:00Z");
    assert.equal((await metrics("year"))[0].bucket_start, "2026-01-01T00:00:00Z");
  });

  it("computes the service graph from spans", async () => {
    const { edges } = await (await fetch(`${doors.url}/scouter/service/graph?service_name=bank`))
      .json();
    assert.deepEqual(edges, [{
      source_service: "shop",
      destination_service: "bank",
      endpoint: "POST /charge",
      total_calls: 1,
      first_seen: "2026-01-05T08:00:00.002+00:00",
      last_seen: "2026-01-05T08:00:00.002+00:00",
      avg_latency_ms: 200,
      error_count: 1,
      error_rate_pct: 100,
      sources: ["spans"],
    }]);
  });

  it("refuses what it cannot read, saying which field and why", async () => {
    const cases: [string, unknown, RegExp][] = [
      ["/scouter/trace/paginated", { limit: 0 }, /limit/],
      ["/scouter/trace/paginated", { limit: 1001 }, /limit/],
      ["/scouter/trace/paginated", { direction: "sideways" }, /direction/],
      ["/scouter/trace/paginated", { trace_ids: ["xyz"] }, /trace_ids is "xyz"/],
      ["/scouter/trace/paginated", { start_time: "yesterday" }, /start_time is "yesterday"/],
      ["/scouter/trace/paginated", {
        start_time: "2026-01-02T00:00:00Z",
        end_time: "2026-01-01T00:00:00Z",
      }, /after end_time/],
      ["/scouter/trace/paginated", { cursor_trace_id: order }, /cursor_start_time/],
      ["/scouter/trace/paginated", { query: "duration>fast" }, /number with ms, s or m after >/],
      ["/scouter/trace/metrics", {
        start_time: "2026-01-01T00:00:00Z",
        end_time: "2026-01-02T00:00:00Z",
        bucket_interval: "fortnight",
      }, /bucket_interval is "fortnight"/],
    ];
    for (const [path, body, message] of cases) {
      const response = await post(path, body);
      assert.equal(response.status, 400, JSON.stringify(body));
      const error = await response.json();
      assert.equal(error.code, "BAD_REQUEST");
      assert.match(error.error, message);
    }
    for (
      const path of [
        "/scouter/trace/spans?trace_id=12",
        "/scouter/v1/traces/zz/spans",
        "/scouter/service/graph?since=not-a-date",
        "/scouter/service/graph?service_name=svc%20b",
      ]
    ) {
      const response = await fetch(`${doors.url}${path}`);
      assert.equal(response.status, 400, path);
      await response.body?.cancel();
    }
    const forbidden = await post("/scouter/trace/paginated", {}, { authorization: "ingester" });
    assert.equal(forbidden.status, 403);
    await forbidden.body?.cancel();
  });

  it("is called with curl's means over Connect", async () => {
    const response = await post("/scouter.v1.TraceService/ListTraces", {
      filter: { query: "service:bank status:error" },
    });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("server-timing") ?? "", /query;dur=/);
    const { traces } = await response.json();
    assert.equal(traces.length, 1);
    assert.equal(traces[0].traceId, order);
    assert.deepEqual(traces[0].services, ["bank", "shop"]);
    const wrong = await post("/scouter.v1.TraceService/ListTraces", { limit: 5000 });
    assert.equal(wrong.status, 400);
    assert.equal((await wrong.json()).code, "invalid_argument");
  });

  for (
    const [name, transport] of [
      ["Connect", () => createConnectTransport({ baseUrl: doors.url, httpVersion: "1.1" })],
      ["gRPC-Web", () => createGrpcWebTransport({ baseUrl: doors.url, httpVersion: "1.1" })],
      ["gRPC", () => createGrpcTransport({ baseUrl: doors.grpcUrl })],
    ] as const
  ) {
    it(`answers every call over ${name}`, async () => {
      const client = createClient(TraceService, transport());
      const window = { startTimeUs: BigInt(T0 - MINUTE), endTimeUs: BigInt(T0 + 10 * MINUTE) };

      const page = await client.listTraces({ limit: 1 });
      assert.deepEqual(page.traces.map((trace) => trace.traceId), [lonely]);
      assert.equal(page.hasOlder, true);
      assert.ok(page.oldest !== undefined);
      const older = await client.listTraces({ cursor: page.oldest });
      assert.deepEqual(older.traces.map((trace) => trace.traceId), [order]);
      assert.ok(older.newest !== undefined);
      const newer = await client.listTraces({ cursor: older.newest, newer: true });
      assert.deepEqual(newer.traces.map((trace) => trace.traceId), [lonely]);

      const outline = await client.getTrace({ traceId: order });
      const whole = await client.getTrace({ traceId: order, includeAttributes: true });
      assert.equal(outline.rootSpanId, spanId("root"));
      assert.deepEqual(outline.missingParentIds, [spanId("gone")]);
      assert.deepEqual(
        outline.spans.map((span) => [span.spanName, span.depth, span.parentMissing]),
        [["POST /order", 0, false], ["pay", 1, false], ["POST /charge", 2, false], [
          "audit",
          0,
          true,
        ]],
      );
      assert.equal(outline.spans[0]?.attributes.length, 0);
      assert.equal(outline.spans[0]?.genAi?.requestModel, "m-1");
      assert.equal(outline.spans[0]?.genAi?.inputTokens, 12n);
      assert.equal(outline.spans[1]?.genAi, undefined);

      const { span } = await client.getSpan({ traceId: order, spanId: spanId("root") });
      assert.equal(span?.inputJson, '{"cart":[1.0]}');
      assert.deepEqual(
        span?.attributes.slice(0, 2).map(({ key, valueJson }) => [key, valueJson]),
        [["big", "9223372036854775807"], ["double", "1.0"]],
      );
      await assert.rejects(client.getSpan({ traceId: order, spanId: spanId("none") }), /no span/);

      const cut = await client.getSpan({
        traceId: order,
        spanId: spanId("root"),
        maxValueChars: 5,
      });
      assert.equal(cut.span?.inputJson, '{"car');
      assert.equal(cut.span?.inputFullLength, 14n);
      const big = cut.span?.attributes.find(({ key }) => key === "big");
      assert.deepEqual([big?.valueJson, big?.fullLength], ["92233", 19n]);
      const double = cut.span?.attributes.find(({ key }) => key === "double");
      assert.deepEqual([double?.valueJson, double?.fullLength], ["1.0", 0n]);

      const marked = await client.getTrace({ traceId: order, includeEvents: true });
      assert.deepEqual(
        marked.spans.map((span) => span.events.map((event) => [event.name, event.attributes])),
        whole.spans.map((span) => span.events.map((event) => [event.name, []])),
      );
      assert.ok(marked.spans.some((span) => span.events.length > 0));
      assert.ok(marked.spans.every((span) => span.attributes.length === 0));

      const linking = await client.listLinkingSpans({ traceId: lonely, startTimeUs: BigInt(T0) });
      assert.deepEqual(
        linking.spans.map((span) => [span.traceId, span.spanName, span.linkedSpanIds]),
        [[order, "POST /order", [spanId("lonely")]]],
      );
      const found = await client.findSpans({ traceId: order, query: 'declined or "v=1"' });
      assert.deepEqual(found.spanIds, [spanId("root"), spanId("bank")]);

      const facets = await client.getFacets({ filter: window });
      const services = facets.fields.find((facet) => facet.key === "service");
      assert.deepEqual(
        services?.values.map((value) => [value.valueJson, value.spanCount, value.traceCount]),
        [['"bank"', 2n, 1n], ['"shop"', 2n, 1n], ['"cron"', 1n, 1n]],
      );
      assert.deepEqual(facets.attributes.map((facet) => facet.key), [
        "big",
        "double",
        "list",
        "text",
      ]);

      const histogram = await client.getHistogram({ filter: window, buckets: 11 });
      assert.equal(histogram.bucketUs, BigInt(MINUTE));
      assert.deepEqual(
        histogram.times.map((time) => [time.startTimeUs, time.okCount, time.errorCount]),
        [[BigInt(T0), 0n, 1n], [BigInt(T0 + 7 * MINUTE), 1n, 0n]],
      );
      // Five classes a decade: 10 ms begins one; 250 ms lies between 10^5.2 and 10^5.4 µs.
      assert.deepEqual(histogram.durations.map((bucket) => [bucket.fromUs, bucket.toUs]), [
        [10_000n, 15_849n],
        [158_490n, 251_189n],
      ]);
      assert.equal(histogram.p50DurationUs, 130_000);

      const metrics = await client.getMetrics({ filter: window, bucketInterval: "hour" });
      assert.deepEqual(metrics.buckets.map((bucket) => [bucket.traceCount, bucket.errorCount]), [
        [2n, 1n],
      ]);

      const graph = await client.getServiceGraph(window);
      assert.deepEqual(graph.nodes.map((node) => [node.name, node.spanCount]), [
        ["bank", 2n],
        ["cron", 1n],
        ["shop", 2n],
      ]);
      assert.deepEqual(graph.edges.map((edge) => [edge.source, edge.destination, edge.p95Ms]), [
        ["shop", "bank", 200],
      ]);

      assert.equal((await client.validateSearch({ query: "a:b -c" })).problem, undefined);
      const { problem } = await client.validateSearch({ query: "duration>fast" });
      assert.deepEqual([problem?.position, problem?.length], [9, 4]);
      const keys = await client.completeSearch({ query: "status:error ser", position: 16 });
      assert.deepEqual([keys.from, keys.to, keys.suggestions[0]?.text], [13, 16, "service:"]);
      const values = await client.completeSearch({
        query: "service:b",
        position: 9,
        filter: window,
      });
      assert.deepEqual([values.from, values.suggestions.map((value) => value.text)], [8, ["bank"]]);
    });
  }
});
