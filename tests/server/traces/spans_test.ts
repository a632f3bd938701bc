import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ScouterError } from "../../../server/errors.ts";
import type { QueryEngine } from "../../../server/lake/query/contract.ts";
import { parseSearch } from "../../../server/lake/traces/queries/search_grammar.ts";
import { suggest, wordAt } from "../../../server/lake/traces/queries/search_completion.ts";
import { TraceQueries } from "../../../server/lake/traces/trace_queries.ts";
import { openTraceDoors } from "./doors.ts";
import { spanId, testTraceHash, traceId, TraceWorld } from "./fixture.ts";

const T0 = 1_767_600_000_000_000;

describe("spans by id", () => {
  let world: TraceWorld;
  before(async () => {
    world = await TraceWorld.open();
  });
  after(async () => {
    await world.close();
  });

  it("returns one span id of two traces in both", async () => {
    world.files.length = 0;
    const shared = spanId("shared");
    await world.write(
      ["x", "y"].map((name) => ({ traceId: traceId(name), spanId: shared, startUs: T0 })),
    );
    const { traces } = await world.queries.spansOf([traceId("x"), traceId("y"), traceId("x")], {
      detail: "outline",
    });
    assert.deepEqual(traces.map((spans) => spans.map((span) => [span.traceId, span.spanId])), [
      [[traceId("x"), shared]],
      [[traceId("y"), shared]],
    ]);
  });

  it("keeps the earliest spans of a trace beyond the limit, and says so", async () => {
    world.files.length = 0;
    const at = (second: number) => ({
      traceId: traceId("big"),
      spanId: spanId(second),
      startUs: T0 + second,
    });
    await world.write([at(5), at(1), at(4)]);
    await world.write([at(2), at(3), at(0)]);
    const few = await world.queries.spans({
      traceId: traceId("big"),
      detail: "outline",
      limit: 4,
    });
    assert.deepEqual(few.spans.map((span) => span.startTimeUs - T0), [0, 1, 2, 3]);
    assert.equal(few.truncated, true);
    const all = await world.queries.spans({ traceId: traceId("big"), detail: "full", limit: 6 });
    assert.deepEqual(all.spans.map((span) => span.startTimeUs - T0), [0, 1, 2, 3, 4, 5]);
    assert.equal(all.truncated, false);
    const window = await world.queries.spans({
      traceId: traceId("big"),
      detail: "outline",
      startUs: T0 + 1,
      endUs: T0 + 3,
    });
    assert.deepEqual(window.spans.map((span) => span.startTimeUs - T0), [1, 2]);
  });

  it("hands out no payload unless asked for it", async () => {
    world.files.length = 0;
    await world.write([{
      traceId: traceId("p"),
      spanId: spanId("p"),
      startUs: T0,
      columns: { input: '"question"', input_messages: "[]" },
    }]);
    const read = async (detail: "attributes" | "full") => {
      const { spans } = await world.queries.spans({ traceId: traceId("p"), detail });
      return spans.map(({ input, attributes }) => ({ input, keys: attributes.map((a) => a.key) }));
    };
    assert.deepEqual(await read("attributes"), [{ input: null, keys: [] }]);
    assert.deepEqual(await read("full"), [{
      input: "question",
      keys: ["scouter.tracing.input", "gen_ai.input.messages"],
    }]);
  });

  it("searches payloads, events and resources with keys of any spelling", async () => {
    world.files.length = 0;
    await world.write([{
      traceId: traceId("odd"),
      spanId: spanId("odd"),
      startUs: T0,
      resource: { 'a"b\\c.d': "v", "cloud.region": "eu-1", n: 5 },
      attributes: { "it's": '"; DROP TABLE spans"' },
      events: [{ timestamp: "2026-01-05T08:00:00Z", name: "CacheMiss", attributes: [] }],
      columns: { input_messages: '[{"role":"user","content":"Weather?"}]', input: '{"q":"Rain"}' },
    }]);
    const count = async (search: string) =>
      (await world.queries.list({ search: parseSearch(search) }, { direction: "older", limit: 9 }))
        .traces.length;
    for (
      const search of [
        '"resource.a\\"b\\\\c.d":v',
        "resource.cloud.region:eu-1",
        "resource.n>4",
        'it\'s:"; DROP TABLE spans"',
        "cachemiss",
        "weather",
        "RAIN",
        "gen_ai.input.messages:*",
        "scouter.tracing.input:*",
        "-resource.missing:*",
      ]
    ) assert.equal(await count(search), 1, search);
    for (const search of ["resource.cloud.region:eu", "resource.n>5", "gen_ai.output.messages:*"]) {
      assert.equal(await count(search), 0, search);
    }
  });

  it("stops the query when the HTTP client goes away", async () => {
    const started = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const engine: QueryEngine = {
      defaultTimeoutMs: 30_000,
      query: (_sql, _params, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener("abort", () => {
            aborted.resolve();
            reject(new ScouterError("CANCELLED", "The query was cancelled by the caller."));
          });
          started.resolve();
        }),
      close: () => Promise.resolve(),
    };
    const queries = new TraceQueries({
      engine,
      traceIdHash: testTraceHash,
      store: {
        acquire: () => ({
          snapshot: { id: 0, deltaVersion: 0, files: world.files },
          release: () => {},
          [Symbol.dispose]: () => {},
        }),
      },
    });
    await using doors = await openTraceDoors(queries, () => Promise.resolve([]));
    // The fixture's spans are older than a day: give the walk a file to read.
    world.files.forEach((file, at) =>
      world.files[at] = { ...file, maxStartUs: Number.MAX_SAFE_INTEGER }
    );
    const client = new AbortController();
    const gone = assert.rejects(
      fetch(`${doors.url}/scouter/trace/debug/recent`, { signal: client.signal }),
    );
    await started.promise;
    client.abort();
    await aborted.promise;
    await gone;
  });
});

describe("completion of a search", () => {
  it("finds the key or the value at the caret", () => {
    const at = (text: string) => {
      const { from, to, key, prefix } = wordAt(text, text.length);
      return [from, to, key, prefix];
    };
    assert.deepEqual(at(""), [0, 0, null, ""]);
    assert.deepEqual(at("a ser"), [2, 5, null, "ser"]);
    assert.deepEqual(at("-(ser"), [2, 5, null, "ser"]);
    assert.deepEqual(at("service:che"), [8, 11, "service", "che"]);
    assert.deepEqual(at('name:"GET /a'), [5, 12, "name", "GET /a"]);
    assert.deepEqual(at("k!=v"), [3, 4, "k", "v"]);
  });

  it("offers values with their counts, quoted where a space would split them", () => {
    const facets = {
      fields: [{
        key: "name",
        spanCount: 3,
        values: [
          { value: "GET /a", spanCount: 2, traceCount: 1 },
          { value: "put", spanCount: 1, traceCount: 1 },
        ],
      }],
      attributes: [],
      attributesSampledSpans: null,
    };
    assert.deepEqual(suggest(wordAt("name:g", 6), facets, 10), [{
      text: '"GET /a"',
      spanCount: 2,
    }]);
    assert.deepEqual(suggest(wordAt("na", 2), facets, 10), [{ text: "name:", spanCount: 3 }]);
  });
});
