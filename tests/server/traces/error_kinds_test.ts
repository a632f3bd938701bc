import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { spanId, traceId, TraceWorld } from "./fixture.ts";

const T0 = 1_767_600_000_000_000;
const MINUTE = 60_000_000;
const WINDOW = { startUs: T0, endUs: T0 + 10 * MINUTE };

describe("Kinds of error", () => {
  let world: TraceWorld;
  before(async () => {
    world = await TraceWorld.open();
    let number = 0;
    const failed = (
      service: string,
      name: string,
      message: string | null,
      minute: number,
      type: string | null = null,
    ) => ({
      traceId: traceId(minute),
      spanId: spanId(++number),
      service,
      name,
      startUs: T0 + minute * MINUTE,
      status: 2 as const,
      statusMessage: message,
      columns: { error_type: type },
    });
    await world.write([
      // Before the window: one kind of the shop, once; and one that is over.
      failed("shop", "POST /pay", "order 17 was declined", -3),
      failed("shop", "GET /", "gone", -4),
      // Within: numbers and ids do not make a new kind, a type does.
      failed("shop", "POST /pay", "order 18 was declined", 1),
      failed("shop", "POST /pay", "order 1900 was declined", 4),
      failed("shop", "PUT /pay", "order 20 was declined", 2),
      failed("shop", "GET /item", "no connection", 3, "ECONNREFUSED"),
      failed("shop", "GET /item", "no connection to 10.0.0.7", 5, "ECONNREFUSED"),
      failed("mail", "send", null, 6),
      // Too old, too new, and one that did not fail.
      failed("shop", "GET /", "gone", -11),
      failed("shop", "GET /", "not yet", 10),
      { traceId: traceId(1), spanId: spanId(99), service: "shop", startUs: T0, status: 1 },
    ]);
  });
  after(() => world.close());

  it("are told apart by service and type or message, new ones first, with the time before beside", async () => {
    const { kinds, previousSpanCount } = await world.queries.errorKinds(WINDOW, 20);
    assert.equal(previousSpanCount, 2);
    assert.deepEqual(kinds, [
      {
        service: "shop",
        kind: "ECONNREFUSED",
        operation: "GET /item",
        message: "no connection to 10.0.0.7",
        count: 2,
        previousCount: 0,
        firstSeenUs: T0 + 3 * MINUTE,
        lastSeenUs: T0 + 5 * MINUTE,
        traceId: traceId(5),
      },
      {
        service: "mail",
        kind: "",
        operation: "send",
        message: "",
        count: 1,
        previousCount: 0,
        firstSeenUs: T0 + 6 * MINUTE,
        lastSeenUs: T0 + 6 * MINUTE,
        traceId: traceId(6),
      },
      {
        service: "shop",
        kind: "order … was declined",
        operation: "POST /pay",
        message: "order 1900 was declined",
        count: 3,
        previousCount: 1,
        firstSeenUs: T0 + MINUTE,
        lastSeenUs: T0 + 4 * MINUTE,
        traceId: traceId(4),
      },
    ]);
  });

  it("are as many as asked for", async () => {
    const { kinds } = await world.queries.errorKinds(WINDOW, 1);
    assert.deepEqual(kinds.map(({ kind }) => kind), ["ECONNREFUSED"]);
  });

  it("are none where there are no spans", async () => {
    const empty = { startUs: T0 + 1e15, endUs: T0 + 1e15 + MINUTE };
    assert.deepEqual(await world.queries.errorKinds(empty, 5), { kinds: [], previousSpanCount: 0 });
  });
});
