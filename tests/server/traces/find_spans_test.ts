import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { TraceService } from "../../../sdk/gen/scouter/v1/trace_pb.ts";
import { openTraceDoors, type TraceDoors } from "./doors.ts";
import { spanId, type TestSpan, traceId, TraceWorld } from "./fixture.ts";

/** 2026-01-05T08:00:00Z */
const T0 = 1_767_600_000_000_000;
const TRACE = traceId("looked through");

const span = (name: string, second: number, more: Partial<TestSpan> = {}): TestSpan => ({
  traceId: TRACE,
  spanId: spanId(name),
  name,
  service: "shop",
  startUs: T0 + second * 1_000_000,
  ...more,
});

describe("finding spans within a trace", () => {
  let world: TraceWorld;
  let doors: TraceDoors;
  const find = async (query: string): Promise<string[]> => {
    const client = createClient(
      TraceService,
      createConnectTransport({ baseUrl: doors.url, httpVersion: "1.1" }),
    );
    const { spanIds } = await client.findSpans({ traceId: TRACE.toUpperCase(), query });
    return spanIds.map((id) => NAMES.get(id) ?? id);
  };
  const NAMES = new Map(["root", "pay", "mail"].map((name) => [spanId(name), name]));
  before(async () => {
    world = await TraceWorld.open();
    doors = await openTraceDoors(world.queries, () => Promise.resolve([]));
    await world.write([
      span("root", 0, {
        endUs: T0 + 9_000_000,
        attributes: { "cart.size": "3", said: '"C:\\\\tea \\"green\\", 2 Boxes"' },
        resource: { "service.name": "shop", "host.name": "North-7" },
      }),
      span("pay", 1, {
        service: "bank",
        status: 2,
        statusMessage: "Card declined",
        attributes: { "card.brand": '"Visa"' },
        columns: { input: '{"iban":"NL00"}', error_type: "DeclinedError" },
      }),
      // The same words in another trace are not found.
      span("other", 1, { traceId: traceId("other"), attributes: { "card.brand": '"Visa"' } }),
    ]);
    await world.write([
      span("mail", 2, {
        events: [{
          timestamp: "2026-01-05T08:00:00Z",
          name: "bounced",
          attributes: [{ key: "smtp.code", value: 550 }],
        }],
        links: [{ trace_id: traceId("other"), span_id: spanId("other"), attributes: [] }],
      }),
    ]);
  });
  after(async () => {
    await doors?.[Symbol.asyncDispose]();
    await world?.close();
  });

  it("looks through names, keys and values of all they carry, whatever the case", async () => {
    const expected: Record<string, string[]> = {
      "PAY": ["pay"],
      "bank": ["pay"],
      "declined": ["pay"],
      "declinederror": ["pay"],
      "cart.size": ["root"],
      "card.brand": ["pay"],
      "visa": ["pay"],
      "nl00": ["pay"],
      "host.name": ["root"],
      "north-7": ["root"],
      "bounced": ["mail"],
      "smtp.code": ["mail"],
      [traceId("other")]: ["mail"],
      [spanId("mail")]: ["mail"],
      '"C:\\\\tea"': ["root"],
      '"tea \\"green\\", 2 boxes"': ["root"],
      "nothing-of-this": [],
    };
    const found: Record<string, string[]> = {};
    for (const query of Object.keys(expected)) found[query] = await find(query);
    assert.deepEqual(found, expected);
  });

  it("asks each condition of each span by itself, by the grammar of the Traces page", async () => {
    assert.deepEqual(await find("service:shop"), ["root", "mail"]);
    assert.deepEqual(await find("status:error visa"), ["pay"]);
    // Both hold for the trace, for no span.
    assert.deepEqual(await find("status:error cart.size"), []);
    assert.deepEqual(await find("visa or bounced"), ["pay", "mail"]);
    assert.deepEqual(await find("-status:error"), ["root", "mail"]);
    assert.deepEqual(await find("-visa"), ["root", "mail"]);
    assert.deepEqual(await find("cart.size>2"), ["root"]);
    assert.deepEqual(await find("duration>1s"), ["root"]);
  });

  it("says what cannot be read, and finds nothing in a trace that is not there", async () => {
    for (const query of ["duration>fast", "", "("]) {
      await assert.rejects(
        find(query),
        (error) => ConnectError.from(error).code === Code.InvalidArgument,
      );
    }
    const found = await world.queries.find(traceId("unknown"), {
      kind: "atom",
      atom: { kind: "text", text: "a" },
    });
    assert.deepEqual(found, { spanIds: [], truncated: false });
  });
});
