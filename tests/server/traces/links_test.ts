import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { TraceService } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { traceIdHash } from "../../../server/lake/traces/segment/mod.ts";
import type { DurableSpanStore } from "../../../server/lake/traces/store/mod.ts";
import { TraceQueries } from "../../../server/lake/traces/trace_queries.ts";
import { World } from "../store/world.ts";
import { openTraceDoors, type TraceDoors } from "./doors.ts";
import { spanId, traceId, TraceWorld } from "./fixture.ts";

/** 2026-01-05T08:00:00Z */
const T0 = 1_767_600_000_000_000;
const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

const ORDER = traceId("order");
const OTHER = traceId("other");

interface Link {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** An export request of one span that starts so long after the order. */
function request(
  name: string,
  afterUs: number,
  links: readonly Link[],
  more: { readonly traceId?: string; readonly attributes?: Readonly<Record<string, string>> } = {},
): Uint8Array {
  const pairs = (values: Readonly<Record<string, string>> = {}) =>
    Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const nanos = (us: number) => `${BigInt(us) * 1000n}`;
  return new TextEncoder().encode(JSON.stringify({
    resourceSpans: [{
      resource: { attributes: pairs({ "service.name": "worker" }) },
      scopeSpans: [{
        spans: [{
          traceId: more.traceId ?? traceId(name),
          spanId: spanId(name),
          name,
          kind: 5,
          startTimeUnixNano: nanos(T0 + afterUs),
          endTimeUnixNano: nanos(T0 + afterUs + SECOND),
          attributes: pairs(more.attributes),
          links: links.map((link) => ({ ...link, attributes: pairs(link.attributes) })),
          ...(name === "ship" ? { status: { code: 2, message: "no stock" } } : {}),
        }],
      }],
    }],
  }));
}

const toOrder = (span: string): Link => ({ traceId: ORDER, spanId: spanId(span) });

describe("spans that link to a trace", () => {
  let world: World;
  let store: DurableSpanStore;
  let doors: TraceDoors;
  const client = () =>
    createClient(
      TraceService,
      createConnectTransport({ baseUrl: doors.url, httpVersion: "1.1" }),
    );
  before(async () => {
    world = await World.make();
    world.codec = undefined;
    store = await world.open();
    const send = async (bodies: readonly Uint8Array[]) => {
      for (const body of bodies) assert.equal((await store.ingest(body, "json")).accepted, 1);
    };
    // The order lasts from 0 to 2 s.
    await send([
      request("root", 0, [], { traceId: ORDER }),
      request("pay", SECOND, [], { traceId: ORDER }),
      request("ship", 2 * HOUR, [toOrder("root")]),
      request("early", -SECOND, [toOrder("root")]),
      request("elsewhere", HOUR, [{ traceId: OTHER, spanId: spanId("root") }]),
      request("none", HOUR, [], { attributes: { order: ORDER, span: spanId("root") } }),
      request("told", HOUR, [{
        traceId: OTHER,
        spanId: spanId("x"),
        attributes: { trace_id: ORDER, span_id: spanId("root"), note: `"trace_id":"${ORDER}"` },
      }]),
    ]);
    await store.flush();
    await send([
      request("mail", HOUR, [toOrder("pay"), toOrder("root"), toOrder("pay")]),
      // The trace of one link and the span of another do not make a link to both.
      request("crossed", 3 * HOUR, [
        { traceId: OTHER, spanId: spanId("root") },
        toOrder("pay"),
      ]),
      request("next day", DAY + 2 * SECOND, [toOrder("root")]),
      request("just in time", DAY + 2 * SECOND - 1, [toOrder("pay")]),
    ]);
    using lease = store.acquire();
    assert.deepEqual(
      new Set(lease.snapshot.files.map(({ tier }) => tier)),
      new Set(["hot", "table"]),
    );
    doors = await openTraceDoors(
      new TraceQueries({ store, engine: world.engine, traceIdHash }),
      () => Promise.resolve([]),
    );
  });
  after(async () => {
    await doors?.[Symbol.asyncDispose]();
    await store?.close();
    await world?.engine.close();
    await rm(world.dir, { recursive: true, force: true });
  });

  it("are found in sealed and hot files, from its start to a day after its end, and ids elsewhere do not count", async () => {
    const found = await client().listLinkingSpans({ traceId: ORDER.toUpperCase() });
    assert.deepEqual(
      found.spans.map((span) => [span.spanName, span.linkedSpanIds]),
      [
        ["mail", [spanId("pay"), spanId("root")]],
        ["ship", [spanId("root")]],
        ["crossed", [spanId("pay")]],
        ["just in time", [spanId("pay")]],
      ],
    );
    assert.equal(found.truncated, false);
    assert.deepEqual([found.startTimeUs, found.endTimeUs], [
      BigInt(T0),
      BigInt(T0 + 2 * SECOND + DAY),
    ]);
    const { $typeName: _, ...ship } = found.spans[1] ?? assert.fail();
    assert.deepEqual(ship, {
      traceId: traceId("ship"),
      spanId: spanId("ship"),
      spanName: "ship",
      spanKind: "CONSUMER",
      serviceName: "worker",
      startTimeUs: BigInt(T0 + 2 * HOUR),
      endTimeUs: BigInt(T0 + 2 * HOUR + SECOND),
      statusCode: 2,
      statusMessage: "no stock",
      linkedSpanIds: [spanId("root")],
    });
  });

  it("are narrowed to one span, whatever the case of its id", async () => {
    const { spans } = await client().listLinkingSpans({
      traceId: ORDER,
      spanId: spanId("root").toUpperCase(),
    });
    assert.deepEqual(spans.map((span) => [span.spanName, span.linkedSpanIds]), [
      ["mail", [spanId("root")]],
      ["ship", [spanId("root")]],
    ]);
  });

  it("are looked for in the window that is given, its end left out", async () => {
    const names = async (startUs: number, endUs: number) => {
      const { spans } = await client().listLinkingSpans({
        traceId: ORDER,
        startTimeUs: BigInt(T0 + startUs),
        endTimeUs: BigInt(T0 + endUs),
      });
      return spans.map(({ spanName }) => spanName);
    };
    assert.deepEqual(await names(-HOUR, HOUR), ["early"]);
    assert.deepEqual(await names(DAY, 2 * DAY), ["just in time", "next day"]);
    assert.deepEqual(await names(5 * DAY, 6 * DAY), []);
  });

  it("are cut at the limit, the earliest kept, and the cut is said", async () => {
    const found = await client().listLinkingSpans({ traceId: ORDER, limit: 2 });
    assert.deepEqual(found.spans.map(({ spanName }) => spanName), ["mail", "ship"]);
    assert.equal(found.truncated, true);
    assert.equal((await client().listLinkingSpans({ traceId: ORDER, limit: 4 })).truncated, false);
  });

  it("of a trace that is not stored are found when a window is given", async () => {
    const found = await client().listLinkingSpans({
      traceId: OTHER,
      startTimeUs: BigInt(T0),
      endTimeUs: BigInt(T0 + DAY),
    });
    assert.deepEqual(found.spans.map(({ spanName }) => spanName).sort(), [
      "crossed",
      "elsewhere",
      "told",
    ]);
    await assert.rejects(
      client().listLinkingSpans({ traceId: OTHER }),
      (error) =>
        ConnectError.from(error).code === Code.NotFound && /start_time_us/.test(String(error)),
    );
  });

  it("are refused to those who may not read, and for requests that say nonsense", async () => {
    await assert.rejects(
      client().listLinkingSpans({ traceId: ORDER }, { headers: { authorization: "ingester" } }),
      (error) => ConnectError.from(error).code === Code.PermissionDenied,
    );
    for (
      const wrong of [
        { traceId: "12" },
        { traceId: ORDER, spanId: "zz" },
        { traceId: ORDER, limit: 1001 },
        { traceId: ORDER, startTimeUs: 2n, endTimeUs: 1n },
      ]
    ) {
      await assert.rejects(
        client().listLinkingSpans(wrong),
        (error) => ConnectError.from(error).code === Code.InvalidArgument,
      );
    }
  });
});

it("links that another writer wrote in capitals or without ids are read too", async () => {
  const world = await TraceWorld.open();
  try {
    const link = (trace_id?: string, span_id?: string) => ({
      ...(trace_id === undefined ? {} : { trace_id }),
      ...(span_id === undefined ? {} : { span_id }),
      trace_state: "",
      attributes: [],
    });
    const at = (name: string, second: number, links: unknown[]) => ({
      traceId: traceId(name),
      spanId: spanId(name),
      name,
      startUs: T0 + second * SECOND,
      links,
    });
    await world.write([
      at("capitals", 1, [link(ORDER.toUpperCase(), spanId("root").toUpperCase())]),
      at("no ids first", 2, [link(), link(ORDER, spanId("root"))]),
      at("no span", 3, [link(ORDER), link(OTHER, spanId("root"))]),
      at("numbers", 4, [{ trace_id: 7, span_id: {} }, ORDER, null]),
    ]);
    const find = async (span?: string) => {
      const { spans } = await world.queries.linkingSpans({
        traceId: ORDER,
        ...(span === undefined ? {} : { spanId: span }),
        startUs: T0,
        endUs: T0 + HOUR,
        limit: 10,
      });
      return spans.map(({ span, linkedSpanIds }) => [span.spanName, linkedSpanIds]);
    };
    assert.deepEqual(await find(spanId("root")), [
      ["capitals", [spanId("root")]],
      ["no ids first", [spanId("root")]],
    ]);
    assert.deepEqual(await find(), [
      ["capitals", [spanId("root")]],
      ["no ids first", [spanId("root")]],
      ["no span", []],
    ]);
  } finally {
    await world.close();
  }
});
