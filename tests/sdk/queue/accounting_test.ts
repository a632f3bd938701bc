import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MockTransport, type QueueStats, TransportError } from "../../../sdk/queue/mod.ts";
import { DirectorySpill } from "../../../sdk/queue/spill/mod.ts";
import { features, metrics } from "../../../sdk/records/mod.ts";
import { customProfile, mockQueue, recordsOf } from "./support.ts";

/** What the other side does with one message. */
const answer = fc.constantFrom("takes", "takes", "is busy", "refuses", "is busy after taking");

const run = fc.record(
  {
    steps: fc.array(fc.constantFrom("metric", "features", "flush", "turn"), { maxLength: 60 }),
    answers: fc.array(answer, { maxLength: 40 }),
    overflow: fc.constantFrom("dropOldest", "dropNewest", "wait"),
    maxPendingBatches: fc.integer({ min: 1, max: 4 }),
    maxAttempts: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    spills: fc.boolean(),
    /** Whether the other side is away at the end. */
    endsAway: fc.boolean(),
  } as const,
);

/** Every item is in exactly one place. */
function checkSum(stats: QueueStats): void {
  const { buffered, pending, sent, failed, dropped, kept, rejected, sampledOut } = stats;
  const places = buffered + pending + sent + failed + dropped + kept + rejected + sampledOut;
  assert.equal(places, stats.inserted + stats.recovered, JSON.stringify(stats));
}

test("whatever the other side does, every item is counted in exactly one place, and sent in order", async () => {
  const root = await mkdtemp(join(tmpdir(), "scouter-accounting-"));
  let runs = 0;
  try {
    await fc.assert(
      fc.asyncProperty(run, async ({ steps, answers, overflow, spills, endsAway, ...limits }) => {
        const { maxPendingBatches, maxAttempts } = limits;
        const left = [...answers];
        let isAway = false;
        const taken: number[] = [];
        const transport = new MockTransport({
          onSend: (message) => {
            const next = isAway ? "is busy" : left.shift() ?? "takes";
            if (next.includes("tak")) {
              const [record] = recordsOf([message]);
              assert.ok(record !== undefined && "Custom" in record);
              taken.push(record.Custom.value);
            }
            if (next.startsWith("is busy")) throw new TransportError(next);
            if (next === "refuses") throw new TransportError(next, { retry: false });
          },
        });
        const folder = join(root, String(++runs));
        const { queue } = await mockQueue({ m: customProfile() }, {
          transport,
          overflow,
          maxPendingBatches,
          retry: { firstBackoffMs: 0.01, maxBackoffMs: 0.02, ...(maxAttempts && { maxAttempts }) },
          ...(spills && { spill: new DirectorySpill(folder) }),
        });
        const m = queue.get("m");
        let value = 0;
        for (const step of steps) {
          // Two of each value make a batch, whose mean it is.
          if (step === "metric") await m.insert(metrics({ mae: value++ >> 1 }));
          if (step === "features") await m.insert(features({ x: 1 }));
          if (step === "flush") await queue.flush();
          if (step === "turn") await new Promise((wake) => setTimeout(wake, 0));
          checkSum(m.stats());
        }
        isAway = endsAway;
        const report = await queue.shutdown({ deadlineMs: endsAway ? 5 : 10_000 });
        const stats = report.stats.m ?? assert.fail();
        checkSum(stats);
        assert.equal(stats.buffered + stats.pending, 0);
        const unsent = report.unsent.reduce((sum, { items }) => sum + items, 0);
        assert.equal(report.complete, unsent + stats.failed + stats.dropped === 0);
        // Again only after "busy"; never out of order.
        assert.deepEqual(taken, taken.toSorted((a, b) => a - b));
        if (overflow === "wait" && !endsAway) assert.equal(stats.dropped, 0);
        if (!spills) return assert.equal(stats.kept, 0);
        assert.equal(stats.kept, unsent);
        const next = await mockQueue({ m: customProfile() }, { spill: new DirectorySpill(folder) });
        assert.equal((await next.queue.shutdown()).stats.m?.sent, stats.kept);
      }),
      { numRuns: 150 },
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
