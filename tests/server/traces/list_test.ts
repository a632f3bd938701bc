import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parseAttributeFilter } from "../../../server/lake/traces/queries/search_grammar.ts";
import { spanId, traceId, TraceWorld } from "./fixture.ts";

const T0 = 1_760_000_000_000_000;
const MINUTE = 60_000_000;

describe("list of traces", () => {
  let world: TraceWorld;
  before(async () => {
    world = await TraceWorld.open();
  });
  after(async () => {
    await world.close();
  });
  const fresh = async () => {
    world.files.length = 0;
    world.resetCounts();
    await Promise.resolve();
  };
  const ids = (traces: readonly { traceId: string }[]) => traces.map((trace) => trace.traceId);
  const older = (limit: number) => ({ direction: "older" as const, limit });

  it("pages 100 traces by 30 down to the oldest and back up to the newest", async () => {
    await fresh();
    for (let file = 0; file < 10; file++) {
      await world.write(Array.from({ length: 10 }, (_, i) => {
        const n = file * 10 + i;
        return { traceId: traceId(n), spanId: spanId(n), startUs: T0 + n * MINUTE };
      }));
    }
    const newestFirst = Array.from({ length: 100 }, (_, i) => traceId(99 - i));
    const down: string[] = [];
    const sizes: number[] = [];
    let last: { startTimeUs: number; traceId: string } | undefined;
    for (;;) {
      const page = await world.queries.list({}, {
        ...older(30),
        ...(last === undefined ? {} : { cursor: last }),
      });
      sizes.push(page.traces.length);
      down.push(...ids(page.traces));
      last = page.traces.at(-1);
      if (!page.more) break;
    }
    assert.deepEqual(sizes, [30, 30, 30, 10]);
    assert.deepEqual(down, newestFirst);

    const up: string[] = [];
    for (;;) {
      assert.ok(last !== undefined);
      const page = await world.queries.list({}, { direction: "newer", limit: 30, cursor: last });
      up.push(...ids(page.traces));
      last = page.traces.at(-1);
      if (!page.more) break;
    }
    assert.deepEqual(up, newestFirst.toReversed().slice(1));
    assert.equal(world.leases, 0);
  });

  it("takes root fields from the root span, not from the file with most spans", async () => {
    await fresh();
    const trace = traceId("late root");
    await world.write([1, 2, 3].map((n) => ({
      traceId: trace,
      spanId: spanId(n),
      parentSpanId: spanId("root"),
      service: "db",
      name: `query ${n}`,
      startUs: T0 + n * 1000,
      status: n === 3 ? 2 : 0,
      statusMessage: n === 3 ? "refused" : null,
      entityIds: ["b", "a"],
    })));
    await world.write([{
      traceId: trace,
      spanId: spanId("root"),
      service: "shop",
      name: "POST /order",
      startUs: T0,
      endUs: T0 + 9500,
      resource: { "service.name": "shop", "cloud.region": "eu-1" },
      entityIds: ["c", "a"],
      queueIds: ["q"],
    }]);
    const { traces } = await world.queries.list({}, older(10));
    assert.equal(traces.length, 1);
    const [found] = traces;
    assert.ok(found !== undefined);
    assert.equal(found.serviceName, "shop");
    assert.equal(found.rootOperation, "POST /order");
    assert.equal(found.rootMissing, false);
    assert.equal(found.spanCount, 4);
    assert.equal(found.errorCount, 1);
    assert.equal(found.statusCode, 2);
    assert.equal(found.statusMessage, "refused");
    assert.equal(found.startTimeUs, T0);
    assert.equal(found.durationMs, 9);
    assert.deepEqual(found.entityIds, ["a", "b", "c"]);
    assert.deepEqual(found.queueIds, ["q"]);
    assert.deepEqual(found.services, ["db", "shop"]);
    assert.deepEqual(found.resourceAttributes, [
      { key: "service.name", value: "shop" },
      { key: "cloud.region", value: "eu-1" },
    ]);
  });

  it("applies the window to a trace's start and counts its spans beyond the window", async () => {
    await fresh();
    const at = (name: string, minute: number, parent: string | null) => ({
      traceId: traceId(name),
      spanId: spanId(`${name}${minute}`),
      parentSpanId: parent,
      startUs: T0 + minute * MINUTE,
    });
    await world.write([at("before", 0, null), at("inside", 12, null)]);
    await world.write([
      at("before", 15, spanId("x")),
      at("inside", 500, spanId("x")),
      at("after", 20, null),
    ]);
    const { traces } = await world.queries.list(
      { startUs: T0 + 10 * MINUTE, endUs: T0 + 20 * MINUTE },
      older(10),
    );
    assert.deepEqual(ids(traces), [traceId("inside")]);
    assert.equal(traces[0]?.spanCount, 2);
  });

  it("keeps only traces with exactly that attribute value", async () => {
    await fresh();
    const span = (name: string, attributes: Record<string, string>, startUs: number) => ({
      traceId: traceId(name),
      spanId: spanId(name),
      attributes,
      startUs,
    });
    await world.write([
      span("one", { user_id: '"1"', n: "15", url: '"http://x/y"' }, T0),
      span("twelve", { user_id: '"12"', n: "9.5", flag: "true" }, T0 + 1),
      span("prefixed", { x_user_id: '"1"', t: '"12:30"' }, T0 + 2),
      span("number", { user_id: "1", quoted: '"say \\"hi\\""' }, T0 + 3),
    ]);
    const find = async (...filters: string[]) => {
      const children = filters.map(parseAttributeFilter);
      const { traces } = await world.queries.list(
        { search: { kind: "and", children } },
        older(10),
      );
      return ids(traces);
    };
    assert.deepEqual(await find("user_id=1"), [traceId("number"), traceId("one")]);
    assert.deepEqual(await find("user_id:12"), [traceId("twelve")]);
    assert.deepEqual(await find("user_id!=1"), [traceId("twelve")]);
    assert.deepEqual(await find("t=12:30"), [traceId("prefixed")]);
    assert.deepEqual(await find("n>9.5"), [traceId("one")]);
    assert.deepEqual(await find("n>=9.5", "user_id=12"), [traceId("twelve")]);
    assert.deepEqual(await find("n>=9.5", "user_id=2"), []);
    assert.deepEqual(await find("flag=true"), [traceId("twelve")]);
    assert.deepEqual(await find("HTTP://x"), [traceId("one")]);
    assert.deepEqual(await find('quoted=say "hi"'), [traceId("number")]);
    assert.deepEqual(await find("user_id=1' OR 1=1 --"), []);
  });

  it("finds a trace by a match that came long after it began, and none twice", async () => {
    await fresh();
    await world.write([
      { traceId: traceId("long"), spanId: spanId(1), startUs: T0 },
      ...Array.from({ length: 50 }, (_, n) => ({
        traceId: traceId(n),
        spanId: spanId(`s${n}`),
        startUs: T0 + n * MINUTE,
        status: 2 as const,
      })),
    ]);
    await world.write([{
      traceId: traceId("long"),
      spanId: spanId(2),
      parentSpanId: spanId(1),
      startUs: T0 + 1000 * MINUTE,
      status: 2,
    }]);
    const all = await world.queries.list({ hasErrors: true }, older(100));
    assert.equal(all.traces.length, 51);
    assert.deepEqual(
      new Set(ids(all.traces.slice(-2))),
      new Set([traceId("long"), traceId(0)]),
    );
    const none = await world.queries.list({ hasErrors: false }, older(100));
    assert.deepEqual(ids(none.traces), []);
    const up = await world.queries.list({ hasErrors: true }, { direction: "newer", limit: 100 });
    assert.deepEqual(ids(up.traces), ids(all.traces).toReversed());
  });

  it("opens as few files for the newest page of 200 files as of 20", async () => {
    const filesFor = async (count: number) => {
      await fresh();
      for (let file = 0; file < count; file++) {
        await world.write(Array.from({ length: 30 }, (_, i) => ({
          traceId: traceId(`${file} ${i}`),
          spanId: spanId(`${file} ${i}`),
          startUs: T0 + (file * 30 + i) * MINUTE,
        })));
      }
      // The slices are sized in rows; make these tiny files look like full ones.
      world.files.forEach((file, at) => world.files[at] = { ...file, rows: 8192 });
      world.resetCounts();
      const { traces } = await world.queries.list({}, older(50));
      assert.equal(traces.length, 50);
      const list = world.filesRead;
      world.resetCounts();
      await world.queries.spans({ traceId: traceId("7 7"), detail: "full" });
      return { list, byId: world.filesRead };
    };
    const few = await filesFor(20);
    const many = await filesFor(200);
    assert.deepEqual(many, few);
    assert.ok(few.byId <= 2, `by id read ${few.byId} files`);
  });
});
