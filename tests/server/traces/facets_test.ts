import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { parseSearch } from "../../../server/lake/traces/queries/search_grammar.ts";
import { spanId, type TestSpan, traceId, TraceWorld } from "./fixture.ts";

const T0 = 1_767_600_000_000_000;
const MINUTE = 60_000_000;

/** What a plain loop over all spans finds: spans and traces by value, for traces that start in the window. */
function byHand(
  spans: readonly TestSpan[],
  window: { startUs: number; endUs: number },
  valueOf: (span: TestSpan) => string,
): Map<string, [spans: number, traces: number]> {
  const starts = new Map<string, number>();
  for (const { traceId, startUs } of spans) {
    starts.set(traceId, Math.min(startUs, starts.get(traceId) ?? Infinity));
  }
  const members = spans.filter(({ traceId }) => {
    const startUs = starts.get(traceId) ?? NaN;
    return startUs >= window.startUs && startUs < window.endUs;
  });
  const found = new Map<string, [number, number]>();
  for (const [value, of] of Map.groupBy(members, valueOf)) {
    found.set(value, [of.length, new Set(of.map(({ traceId }) => traceId)).size]);
  }
  return found;
}

describe("facets", () => {
  let world: TraceWorld;
  before(async () => {
    world = await TraceWorld.open();
  });
  after(() => world.close());

  const facetOf = async (window: { startUs: number; endUs: number }, key: string, limit = 100) => {
    const { fields } = await world.queries.facets(window, limit);
    const values = fields.find((facet) => facet.key === key)?.values ?? [];
    return new Map(
      values.map(({ value, spanCount, traceCount }) => [String(value), [spanCount, traceCount]]),
    );
  };

  it("count whole traces that start in the window, wherever in an hour around it their spans lie", async () => {
    const span = fc.record({
      file: fc.nat(3),
      trace: fc.nat(9),
      // The window is minutes 30 to 60; all lies within an hour of it.
      minute: fc.nat(89),
      service: fc.constantFrom("a", "b", "c"),
      name: fc.nat(5).map((n) => `op ${n}`),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(span, { minLength: 1, maxLength: 40 }), async (rows) => {
        const spans = rows.map((row, at) => ({
          file: row.file,
          span: {
            traceId: traceId(row.trace),
            spanId: spanId(at),
            service: row.service,
            name: row.name,
            startUs: T0 + row.minute * MINUTE + at,
          } satisfies TestSpan,
        }));
        world.files.length = 0;
        for (let file = 0; file < 4; file++) {
          await world.write(spans.filter((row) => row.file === file).map(({ span }) => span));
        }
        const window = { startUs: T0 + 30 * MINUTE, endUs: T0 + 60 * MINUTE };
        const all = spans.map(({ span }) => span);
        assert.deepEqual(
          await facetOf(window, "service"),
          byHand(all, window, ({ service }) => service ?? ""),
        );
        assert.deepEqual(
          await facetOf(window, "name"),
          byHand(all, window, ({ name }) => name ?? ""),
        );
        // A search that everything satisfies takes another way to the same counts.
        const searched = await world.queries.facets(
          { ...window, search: parseSearch("name:*") },
          100,
        );
        const plain = await world.queries.facets(window, 100);
        assert.deepEqual(searched.fields, plain.fields);
      }),
      { numRuns: 15 },
    );
  });

  it("count traces of many values at once, and keep the most frequent of more", async () => {
    world.files.length = 0;
    const spans: TestSpan[] = [];
    for (let value = 0; value < 130; value++) {
      // Value v occurs in v % 7 + 1 traces, two spans each; the first values most often.
      for (let trace = 0; trace <= value % 7; trace++) {
        for (let copy = 0; copy < (value < 100 ? 2 : 1); copy++) {
          spans.push({
            traceId: traceId(trace),
            spanId: spanId(spans.length),
            name: `value ${value}`,
            service: `service ${value % 90}`,
            startUs: T0 + spans.length,
          });
        }
      }
    }
    await world.write(spans);
    const window = { startUs: T0, endUs: T0 + MINUTE };
    const expected = byHand(spans, window, ({ name }) => name ?? "");
    const found = await facetOf(window, "name");
    assert.equal(found.size, 100);
    for (const [value, counts] of found) assert.deepEqual(counts, expected.get(value), value);
    const least = Math.min(...[...found.values()].map(([count = 0]) => count));
    const left = [...expected].filter(([value]) => !found.has(value));
    assert.ok(left.every(([, [count]]) => count <= least));
    assert.deepEqual(
      await facetOf(window, "service"),
      byHand(spans, window, ({ service }) => service ?? ""),
    );
  });
});
