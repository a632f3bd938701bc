import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { RequestStats } from "../../../server/lake/traces/queries/service_stats.ts";
import { spanId, type TestSpan, traceId, TraceWorld } from "./fixture.ts";

const T0 = 1_767_600_000_000_000;
const SECOND = 1_000_000;

const isRequest = (span: TestSpan) =>
  span.kind === "SERVER" || span.kind === "CONSUMER" || (span.parentSpanId ?? null) === null;
const lengthMs = (span: TestSpan) => ((span.endUs ?? 0) - span.startUs) / 1000;

/** A percentile lies between the two order statistics around its rank, give or take 1 %. */
function assertPercentile(given: number | null, sortedMs: readonly number[], q: number): void {
  if (sortedMs.length === 0) return assert.equal(given, null);
  const rank = q * (sortedMs.length - 1);
  const low = sortedMs[Math.floor(rank)] ?? NaN;
  const high = sortedMs[Math.ceil(rank)] ?? NaN;
  assert.ok(
    given !== null && given >= low * 0.99 && given <= high * 1.01,
    `p${q * 100} is ${given}, expected between ${low} and ${high}`,
  );
}

function assertRequests(given: RequestStats, spans: readonly TestSpan[]): void {
  const requests = spans.filter(isRequest);
  assert.equal(given.requestCount, requests.length);
  assert.equal(given.requestErrorCount, requests.filter((span) => span.status === 2).length);
  const sorted = requests.map(lengthMs).sort((a, b) => a - b);
  assertPercentile(given.p50Ms, sorted, 0.5);
  assertPercentile(given.p95Ms, sorted, 0.95);
  assertPercentile(given.p99Ms, sorted, 0.99);
}

const rows = fc.array(
  fc.record({
    file: fc.nat(3),
    parent: fc.option(fc.nat(9)),
    service: fc.constantFrom("a", "b", "c"),
    kind: fc.constantFrom("SERVER", "CLIENT", "INTERNAL", "CONSUMER"),
    second: fc.nat(119),
    lengthMs: fc.nat(4000),
    status: fc.constantFrom(0 as const, 1 as const, 2 as const),
  }),
  { minLength: 1, maxLength: 60 },
);

describe("requests by service", () => {
  let world: TraceWorld;
  before(async () => {
    world = await TraceWorld.open();
  });
  after(() => world.close());

  it("are counted, timed and spread over the window as a plain loop over the spans does", async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.nat(60), fc.integer({ min: 61, max: 120 }), async (all, a, b) => {
        const spans = all.map((row, at) => ({
          file: row.file,
          span: {
            traceId: traceId(1),
            spanId: spanId(at),
            parentSpanId: row.parent === null ? null : spanId(row.parent),
            service: row.service,
            kind: row.kind,
            startUs: T0 + row.second * SECOND + at,
            endUs: T0 + row.second * SECOND + at + row.lengthMs * 1000,
            status: row.status,
          } satisfies TestSpan,
        }));
        world.files.length = 0;
        for (let file = 0; file < 4; file++) {
          await world.write(spans.filter((row) => row.file === file).map(({ span }) => span));
        }
        const window = { startUs: T0 + a * SECOND, endUs: T0 + b * SECOND };
        const inside = spans.map(({ span }) => span).filter((span) =>
          span.startUs >= window.startUs && span.startUs < window.endUs
        );
        const found = await world.queries.services(window, 7);
        assert.equal(found.firstBucketUs, window.startUs);
        assert.ok(found.bucketUs * 7 >= window.endUs - window.startUs);
        assert.deepEqual(
          found.services.map(({ name }) => name).sort(),
          [...new Set(inside.map(({ service }) => service))].sort(),
        );
        for (const service of found.services) {
          const own = inside.filter((span) => span.service === service.name);
          assert.equal(service.spanCount, own.length);
          assert.equal(service.errorCount, own.filter((span) => span.status === 2).length);
          assertRequests(service, own);
          service.series.forEach((point, at) => {
            const fromUs = window.startUs + at * found.bucketUs;
            assertRequests(
              point,
              own.filter((span) =>
                span.startUs >= fromUs && span.startUs < fromUs + found.bucketUs
              ),
            );
          });
        }
        const counts = found.services.map(({ requestCount }) => requestCount);
        assert.deepEqual(counts, counts.toSorted((x, y) => y - x));
      }),
      { numRuns: 20 },
    );
  });

  it("are none where no span is", async () => {
    world.files.length = 0;
    const found = await world.queries.services({ startUs: T0, endUs: T0 + SECOND }, 10);
    assert.deepEqual(found.services, []);
  });
});
