import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { deliver, type DeliveryDeps } from "../../../server/consumers/delivery.ts";
import { Pressure } from "../../../server/consumers/pressure.ts";
import { SourceMetrics } from "../../../server/consumers/source_metrics.ts";
import { ScouterError } from "../../../server/errors.ts";
import { MetricsRegistry } from "../../../server/telemetry/metrics.ts";

const OUTCOME = { summary: "1 tag stored", rejectedSpans: 0, rejectedMessage: "" };
const never = new AbortController().signal;

function world(store: DeliveryDeps["store"], options: Partial<DeliveryDeps> = {}) {
  const registry = new MetricsRegistry();
  const metrics = new SourceMetrics("kafka", registry);
  const deps: DeliveryDeps = {
    store,
    trouble: () => Promise.resolve(""),
    pressure: new Pressure(),
    maxTries: 3,
    maxMessageBytes: 1000,
    ...options,
  };
  const run = (
    body: Uint8Array = new Uint8Array([1, 2]),
    more: { contentEncoding?: string; earlierTries?: number; signal?: AbortSignal } = {},
  ) =>
    deliver(
      deps,
      metrics,
      {
        body,
        contentEncoding: more.contentEncoding ?? null,
        earlierTries: more.earlierTries ?? 0,
      },
      more.signal ?? never,
    );
  return { run, registry, deps };
}

describe("delivering a message of a broker", () => {
  it("says stored when the store has it", async () => {
    const bodies: Uint8Array[] = [];
    const { run, registry } = world((bytes) => {
      bodies.push(bytes);
      return Promise.resolve(OUTCOME);
    });
    assert.deepEqual(await run(), { kind: "stored" });
    assert.deepEqual(bodies, [new Uint8Array([1, 2])]);
    assert.match(registry.render(), /scouter_broker_accepted_total\{source="kafka"\} 1\n/);
  });

  it("decompresses, and refuses what is larger than the limit after it", async () => {
    const sizes: number[] = [];
    const { run } = world((bytes) => {
      sizes.push(bytes.length);
      return Promise.resolve(OUTCOME);
    });
    const options = { contentEncoding: "gzip" };
    assert.equal((await run(gzipSync(new Uint8Array(900)), options)).kind, "stored");
    assert.deepEqual(sizes, [900]);
    const verdict = await run(gzipSync(new Uint8Array(1001)), options);
    assert.equal(verdict.kind === "refused" && verdict.reason, "payload_too_large");
  });

  for (const code of ["BAD_REQUEST", "NOT_IMPLEMENTED"] as const) {
    it(`refuses at once what no repetition can help: ${code}`, async () => {
      let calls = 0;
      const { run } = world(() => {
        calls++;
        return Promise.reject(new ScouterError(code, "no such shape"));
      });
      assert.deepEqual(await run(), {
        kind: "refused",
        reason: code.toLowerCase(),
        message: "no such shape",
        tries: 1,
      });
      assert.equal(calls, 1);
    });
  }

  it("refuses after the set number of tries what fails for reasons nobody knows", async () => {
    let calls = 0;
    const { run, registry } = world(() => {
      calls++;
      return Promise.reject(new TypeError("a bug"));
    });
    const verdict = await run();
    assert.deepEqual(verdict, {
      kind: "refused",
      reason: "tries_exhausted",
      message: "a bug",
      tries: 3,
    });
    assert.equal(calls, 3);
    assert.match(registry.render(), /retries_total\{source="kafka",reason="internal_error"\} 3\n/);
  });

  it("takes a message that succeeds on its second try", async () => {
    let calls = 0;
    const { run } = world(() =>
      ++calls < 2 ? Promise.reject(new Error("once")) : Promise.resolve(OUTCOME)
    );
    assert.equal((await run()).kind, "stored");
  });

  it("waits as often as a busy store asks, and tries only when the wait is over", async () => {
    let calls = 0;
    const held: boolean[] = [];
    const { run, deps } = world(() => {
      held.push(deps.pressure.held);
      return ++calls <= 10
        ? Promise.reject(
          new ScouterError("RESOURCE_EXHAUSTED", "full", { retry: true, retryAfterSeconds: 0.01 }),
        )
        : Promise.resolve(OUTCOME);
    });
    assert.equal((await run()).kind, "stored");
    assert.deepEqual(held, Array(11).fill(false), "tried while it was held");
  });

  it("holds every source for as long as the store asks", async () => {
    let now = 0;
    const stop = new AbortController();
    const { run, deps } = world(() => {
      stop.abort();
      return Promise.reject(
        new ScouterError("RESOURCE_EXHAUSTED", "full", { retryAfterSeconds: 7 }),
      );
    }, { pressure: new Pressure(() => now) });
    assert.deepEqual(await run(undefined, { signal: stop.signal }), { kind: "abandoned" });
    now = 6999;
    assert.equal(deps.pressure.held, true);
    now = 7000;
    assert.equal(deps.pressure.held, false);
  });

  it("does not count failures while the stores are in trouble", async () => {
    let calls = 0;
    let now = 0;
    const { run } = world(
      () => ++calls <= 8 ? Promise.reject(new Error("ECONNREFUSED")) : Promise.resolve(OUTCOME),
      {
        trouble: () => Promise.resolve("the database is away"),
        pressure: new Pressure(() => now += 5000),
      },
    );
    assert.equal((await run()).kind, "stored");
    assert.equal(calls, 9);
  });

  it("refuses without a try what was delivered too often without any outcome", async () => {
    const { run } = world(() => assert.fail("was tried"));
    const verdict = await run(undefined, { earlierTries: 3 });
    assert.equal(verdict.kind === "refused" && verdict.reason, "too_many_deliveries");
  });

  it("says so when spans of a message were refused, after storing the others", async () => {
    const { run } = world(() =>
      Promise.resolve({
        summary: "4 spans stored; 1 refused: bad id",
        rejectedSpans: 1,
        rejectedMessage: "bad id",
      })
    );
    assert.deepEqual(await run(), {
      kind: "refused",
      reason: "spans_refused",
      message: "4 spans stored; 1 refused: bad id",
      tries: 1,
    });
  });

  it("abandons what waits when the server stops", async () => {
    const stop = new AbortController();
    const { run } = world(() =>
      Promise.reject(new ScouterError("UNAVAILABLE", "closing", { retryAfterSeconds: 60 }))
    );
    const done = run(undefined, { signal: stop.signal });
    await new Promise((wake) => setTimeout(wake, 5));
    stop.abort();
    assert.deepEqual(await done, { kind: "abandoned" });
  });
});
