import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { parseSearch } from "../../../server/lake/traces/queries/search_grammar.ts";
import type { TraceFilter } from "../../../server/lake/traces/queries/trace_filter.ts";
import { spanId, type TestSpan, traceId, TraceWorld } from "./fixture.ts";

const T0 = 1_767_600_000_000_000;
const SECOND = 1_000_000;

/** A condition on one span, as the search language writes it and as JavaScript decides it. */
const CONDITIONS: [search: string, holds: (span: TestSpan) => boolean][] = [
  ["service:a", (span) => span.service === "a"],
  ["service!=a", (span) => span.service !== "a"],
  ["status:error", (span) => span.status === 2],
  ["duration>=2s", (span) => (span.endUs ?? 0) - span.startUs >= 2 * SECOND],
  ["name:get", (span) => span.name === "get"],
  ["k:1", (span) => span.attributes?.["k"] === "1" || span.attributes?.["k"] === '"1"'],
  ["k!=1", (span) => {
    const value = span.attributes?.["k"];
    return value !== undefined && value !== "1" && value !== '"1"';
  }],
  ["k>5", (span) => Number(span.attributes?.["k"] ?? "x") > 5],
  ["k:*", (span) => span.attributes?.["k"] !== undefined],
  ["entity:e1", (span) => span.entityIds?.includes("e1") ?? false],
  ["RED", (span) => JSON.stringify(span.attributes ?? {}).toLowerCase().includes("red")],
];

interface Condition {
  readonly search: string;
  readonly holds: (spans: readonly TestSpan[]) => boolean;
}

const condition: fc.Arbitrary<Condition> =
  fc.letrec<{ any: Condition; leaf: Condition }>((tie) => ({
    leaf: fc.constantFrom(...CONDITIONS).map(([search, holds]) => ({
      search,
      holds: (spans: readonly TestSpan[]) => spans.some(holds),
    })),
    any: fc.oneof(
      { depthSize: "small" },
      tie("leaf"),
      tie("any").map((inner) => ({
        search: `-(${inner.search})`,
        holds: (spans: readonly TestSpan[]) => !inner.holds(spans),
      })),
      fc.tuple(tie("any"), tie("any")).map(([a, b]) => ({
        search: `(${a.search} ${b.search})`,
        holds: (spans: readonly TestSpan[]) => a.holds(spans) && b.holds(spans),
      })),
      fc.tuple(tie("any"), tie("any")).map(([a, b]) => ({
        search: `(${a.search} or ${b.search})`,
        holds: (spans: readonly TestSpan[]) => a.holds(spans) || b.holds(spans),
      })),
    ),
  })).any;

const spans = fc.array(
  fc.record({
    trace: fc.nat(7),
    // Parents may be missing, in any order, or absent.
    parent: fc.option(fc.nat(9)),
    service: fc.constantFrom("a", "b", "c"),
    name: fc.constantFrom("get", "put"),
    second: fc.nat(20),
    length: fc.nat(4),
    status: fc.constantFrom(0 as const, 1 as const, 2 as const),
    k: fc.option(fc.constantFrom("1", '"1"', "12", "5.5", '"x"', "true", '"Redis"')),
    entities: fc.option(fc.subarray(["e1", "e2"])),
    file: fc.nat(4),
  }),
  { minLength: 1, maxLength: 30 },
).map((rows) =>
  rows.map((row, at) => ({
    file: row.file,
    span: {
      traceId: traceId(row.trace),
      spanId: spanId(at),
      parentSpanId: row.parent === null ? null : spanId(row.parent),
      service: row.service,
      name: row.name,
      startUs: T0 + row.second * SECOND,
      endUs: T0 + (row.second + row.length) * SECOND,
      status: row.status,
      attributes: row.k === null ? {} : { k: row.k },
      ...(row.entities === null ? {} : { entityIds: row.entities }),
    } satisfies TestSpan,
  }))
);

interface Trace {
  readonly id: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly root: TestSpan;
  readonly spans: readonly TestSpan[];
}

/** Traces oldest first, the plain way. */
function tracesOf(all: readonly TestSpan[]): Trace[] {
  const byId = Map.groupBy(all, (span) => span.traceId);
  const order = (a: TestSpan, b: TestSpan) =>
    a.startUs - b.startUs || (a.spanId < b.spanId ? -1 : 1);
  return [...byId].map(([id, members]) => {
    const sorted = members.toSorted(order);
    const root = sorted.find((span) => span.parentSpanId === null) ?? sorted[0];
    assert.ok(root !== undefined);
    return {
      id,
      root,
      spans: members,
      startUs: Math.min(...members.map((span) => span.startUs)),
      endUs: Math.max(...members.map((span) => span.endUs ?? 0)),
    };
  }).toSorted((a, b) => a.startUs - b.startUs || (a.id < b.id ? -1 : 1));
}

describe("trace queries against brute force", () => {
  let world: TraceWorld;
  before(async () => {
    world = await TraceWorld.open();
  });
  after(async () => {
    await world.close();
  });

  async function store(rows: readonly { file: number; span: TestSpan }[]): Promise<TestSpan[]> {
    world.files.length = 0;
    const files = Map.groupBy(rows, (row) => row.file);
    for (const members of files.values()) await world.write(members.map((row) => row.span));
    // Now and then a slice ends inside these few rows.
    world.files.forEach((file, at) => world.files[at] = { ...file, rows: file.rows * 2000 });
    return rows.map((row) => row.span);
  }

  it("lists the same traces, in the same order, by any page size, window and search", async () => {
    await fc.assert(
      fc.asyncProperty(
        spans,
        fc.option(condition),
        fc.record({
          start: fc.option(fc.nat(20)),
          length: fc.option(fc.nat(20)),
          service: fc.option(fc.constantFrom("a", "b")),
          errors: fc.option(fc.boolean()),
          status: fc.option(fc.constantFrom(0, 1, 2)),
          ids: fc.option(fc.subarray([0, 1, 2, 3, 4, 5, 6, 7])),
        }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom("older" as const, "newer" as const),
        async (rows, search, options, limit, direction) => {
          const all = await store(rows);
          const startUs = options.start === null ? undefined : T0 + options.start * SECOND;
          const endUs = options.length === null
            ? undefined
            : (startUs ?? T0) + options.length * SECOND;
          const ids = options.ids?.map(traceId);
          const filter: TraceFilter = {
            ...(startUs === undefined ? {} : { startUs }),
            ...(endUs === undefined ? {} : { endUs }),
            ...(options.service === null ? {} : { rootService: options.service }),
            ...(options.errors === null ? {} : { hasErrors: options.errors }),
            ...(options.status === null ? {} : { statusCode: options.status }),
            ...(ids === undefined ? {} : { traceIds: ids }),
            search: search === null ? null : parseSearch(search.search),
          };
          const expected = tracesOf(all).filter((trace) => {
            const worst = Math.max(...trace.spans.map((span) => span.status ?? 0));
            return trace.startUs >= (startUs ?? -Infinity) && trace.startUs < (endUs ?? Infinity) &&
              (options.service === null || trace.root.service === options.service) &&
              (options.errors === null || options.errors === (worst === 2)) &&
              (options.status === null || options.status === worst) &&
              (ids === undefined || ids.includes(trace.id)) &&
              (search === null || search.holds(trace.spans));
          });
          if (direction === "older") expected.reverse();
          const found = [];
          for (;;) {
            const last = found.at(-1);
            const page = await world.queries.list(filter, {
              direction,
              limit,
              ...(last === undefined ? {} : { cursor: last }),
            });
            found.push(...page.traces);
            assert.equal(page.more, found.length < expected.length);
            if (!page.more) break;
            assert.equal(page.traces.length, limit);
          }
          assert.deepEqual(
            found.map((trace) => [
              trace.traceId,
              trace.serviceName,
              trace.rootOperation,
              trace.spanCount,
              trace.errorCount,
              trace.startTimeUs,
              trace.endTimeUs,
              trace.rootMissing,
            ]),
            expected.map((trace) => [
              trace.id,
              trace.root.service,
              trace.root.name,
              trace.spans.length,
              trace.spans.filter((span) => span.status === 2).length,
              trace.startUs,
              trace.endUs,
              trace.root.parentSpanId !== null,
            ]),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it("counts the same traces by bucket and by class of duration", async () => {
    await fc.assert(
      fc.asyncProperty(spans, fc.option(condition), async (rows, search) => {
        const all = await store(rows);
        const window = { startUs: T0 + 3 * SECOND, endUs: T0 + 18 * SECOND };
        const filter = { ...window, search: search === null ? null : parseSearch(search.search) };
        const expected = tracesOf(all).filter((trace) =>
          trace.startUs >= window.startUs && trace.startUs < window.endUs &&
          (search === null || search.holds(trace.spans))
        );
        const failed = (trace: Trace) => trace.spans.some((span) => span.status === 2);
        const buckets = await world.queries.metrics(filter, { count: 5, unit: "second" });
        const byBucket = Map.groupBy(
          expected,
          (trace) => Math.floor(trace.startUs / (5 * SECOND)) * 5 * SECOND,
        );
        assert.deepEqual(
          buckets.map((bucket) => [
            bucket.bucketStartUs,
            bucket.traceCount,
            bucket.errorCount,
            bucket.avgDurationMs,
            bucket.p50DurationMs,
          ]),
          [...byBucket].map(([startUs, traces]) => {
            const ms = traces.map((trace) => (trace.endUs - trace.startUs) / 1000)
              .toSorted((a, b) => a - b);
            const middle = (ms.length - 1) / 2;
            return [
              startUs,
              traces.length,
              traces.filter(failed).length,
              ms.reduce((sum, value) => sum + value, 0) / ms.length,
              ((ms[Math.floor(middle)] ?? 0) + (ms[Math.ceil(middle)] ?? 0)) / 2,
            ];
          }),
        );

        const histogram = await world.queries.histogram(filter, 15);
        assert.equal(histogram.bucketUs, SECOND);
        assert.deepEqual(
          histogram.times.map((time) => [time.startUs, time.okCount, time.errorCount]),
          [...Map.groupBy(expected, (trace) => trace.startUs)].map(([startUs, traces]) => [
            startUs,
            traces.filter((trace) => !failed(trace)).length,
            traces.filter(failed).length,
          ]),
        );
        for (const bucket of histogram.durations) {
          assert.equal(
            bucket.count,
            expected.filter((trace) => {
              const us = trace.endUs - trace.startUs;
              return us >= bucket.fromUs && us < bucket.toUs;
            }).length,
          );
        }
        assert.equal(histogram.traceCount, expected.length);
        assert.equal(
          histogram.durations.reduce((sum, bucket) => sum + bucket.count, 0),
          expected.length,
        );

        const facets = await world.queries.facets(filter, 10);
        const members = expected.flatMap((trace) => trace.spans);
        const services = facets.fields.find((facet) => facet.key === "service")?.values ?? [];
        assert.deepEqual(
          Object.fromEntries(
            services.map((value) => [value.value, [value.spanCount, value.traceCount]]),
          ),
          Object.fromEntries(
            [...Map.groupBy(members, (span) => span.service)].map(([service, of]) => [
              service,
              [of.length, new Set(of.map((span) => span.traceId)).size],
            ]),
          ),
        );
        const k = facets.attributes.find((facet) => facet.key === "k");
        assert.equal(
          k?.spanCount ?? 0,
          members.filter((span) => span.attributes?.["k"] !== undefined).length,
        );
      }),
      { numRuns: 25 },
    );
  });

  it("draws the same edges between services", async () => {
    await fc.assert(
      fc.asyncProperty(spans, async (rows) => {
        const all = await store(rows);
        const expected = new Map<string, number>();
        for (const span of all) {
          for (const parent of all) {
            if (
              parent.traceId === span.traceId && parent.spanId === span.parentSpanId &&
              parent.service !== span.service
            ) {
              const edge = `${parent.service} ${span.service} ${span.name}`;
              expected.set(edge, (expected.get(edge) ?? 0) + 1);
            }
          }
        }
        const graph = await world.queries.serviceGraph({});
        assert.deepEqual(
          new Map(
            graph.edges.map((
              edge,
            ) => [`${edge.source} ${edge.destination} ${edge.operation}`, edge.calls]),
          ),
          expected,
        );
      }),
      { numRuns: 15 },
    );
  });
});
