import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { backoffMs } from "../../../server/consumers/backoff.ts";
import { InFlight } from "../../../server/consumers/in_flight.ts";
import { OffsetWindow } from "../../../server/consumers/kafka/offset_window.ts";
import { StallWatch } from "../../../server/consumers/kafka/stall_watch.ts";
import { describeError, secretsOf } from "../../../server/consumers/redact.ts";
import {
  fieldOf,
  messageOf,
  parseEntries,
  parseRead,
} from "../../../server/consumers/redis/entries.ts";
import { SessionEnd } from "../../../server/consumers/session_end.ts";
import { Source } from "../../../server/consumers/source.ts";
import { SourceMetrics } from "../../../server/consumers/source_metrics.ts";
import { MetricsRegistry } from "../../../server/telemetry/metrics.ts";

const text = (value: string) => Buffer.from(value);

describe("the offsets of a partition", () => {
  it("never lets a commit pass a message that is not done, and in the end commits everything", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
        (offsets, order) => {
          const sorted = offsets.toSorted((a, b) => a - b).map(BigInt);
          const window = new OffsetWindow();
          const open = sorted.map((offset) => window.add(offset));
          let committed = -1n;
          while (open.length > 0) {
            const [entry] = open.splice((order.pop() ?? 0) % open.length, 1);
            if (entry !== undefined) entry.done = true;
            const offset = window.committable();
            if (offset === null) continue;
            assert.ok(offset > committed);
            assert.ok(open.every((other) => other.offset >= offset), "passed an open message");
            committed = offset;
            window.committed(offset);
            assert.equal(window.committable(), null);
          }
          assert.equal(committed, (sorted.at(-1) ?? 0n) + 1n);
        },
      ),
    );
  });

  it("offers an offset again until it is committed", () => {
    const window = new OffsetWindow();
    window.add(4n).done = true;
    assert.equal(window.committable(), 5n);
    assert.equal(window.committable(), 5n);
    window.add(5n).done = true;
    assert.equal(window.committable(), 6n);
    window.committed(5n);
    assert.equal(window.committable(), 6n);
  });

  it("counts what waits behind a message that does not end", () => {
    const window = new OffsetWindow();
    const [first, ...others] = [1n, 2n, 3n].map((offset) => window.add(offset));
    for (const entry of others) entry.done = true;
    assert.equal(window.backlog, 3);
    assert.ok(first !== undefined);
    first.done = true;
    assert.equal(window.backlog, 0);
    assert.equal(window.committable(), 4n);
  });

  it("begins again with a log that was cut", () => {
    const window = new OffsetWindow();
    const lost = window.add(90n);
    const entry = window.add(3n);
    lost.done = true;
    assert.equal(window.committable(), null);
    entry.done = true;
    assert.equal(window.committable(), 4n);
  });
});

describe("work under way", () => {
  it("has room by number and by size, and always for one", async () => {
    const inFlight = new InFlight({ messages: 2, bytes: 100 });
    assert.equal(inFlight.room, 2);
    const first = Promise.withResolvers<void>();
    inFlight.add(1000, first.promise);
    assert.equal(inFlight.hasRoom, false);
    first.resolve();
    assert.equal(await inFlight.drained(1000), true);
    inFlight.add(1, new Promise(() => {}));
    assert.equal(inFlight.room, 1);
    inFlight.add(1, new Promise(() => {}));
    assert.equal(inFlight.room, 0);
    assert.equal(await inFlight.drained(5), false);
  });
});

describe("errors of broker clients", () => {
  it("are told without credentials", () => {
    const uri = "amqp://scouter:p%40ss-word@mq.example:5672/v";
    const error = new Error(`connect ${uri} failed`, {
      cause: new Error("login of scouter with p@ss-word refused"),
    });
    assert.equal(
      describeError(error, secretsOf(uri)),
      "connect amqp://***@mq.example:5672/v failed (login of scouter with *** refused)",
    );
  });

  it("are told by their innermost reason, however they are wrapped", () => {
    const refused = Object.assign(new Error(""), { code: "ECONNREFUSED" });
    const error = new AggregateError(
      [new Error("first"), new Error("fetch failed", { cause: refused })],
      "3 tries failed. Fetch failed. Fetch failed.",
    );
    assert.equal(describeError(error), "3 tries failed (fetch failed (ECONNREFUSED))");
  });

  it("are cut short", () => assert.equal(describeError("x".repeat(5000)).length, 301));
});

describe("waits between tries", () => {
  it("double up to the longest, within half of it", () => {
    for (
      const [failures, longest] of [[1, 500], [2, 1000], [4, 4000], [9, 30_000], [
        5000,
        30_000,
      ]] as const
    ) {
      assert.equal(backoffMs(failures, 500, 30_000, 0), longest / 2);
      assert.equal(backoffMs(failures, 500, 30_000, 1), longest);
    }
  });
});

describe("a source", () => {
  const options = (session: ConstructorParameters<typeof Source>[0]["session"]) => {
    const registry = new MetricsRegistry();
    return {
      registry,
      source: new Source({
        metrics: new SourceMetrics("rabbitmq", registry),
        address: "mq:5672",
        secrets: ["hunter2"],
        session,
        minBackoffMs: 1,
        maxBackoffMs: 2,
      }),
    };
  };

  it("connects again when its connection breaks, and says meanwhile what is wrong", async () => {
    const stop = new AbortController();
    let sessions = 0;
    const problems: string[] = [];
    const { registry, source } = options(async (context) => {
      problems.push(source.problem);
      if (++sessions < 4) throw new Error("hunter2 refused");
      context.connected();
      assert.match(registry.render(), /scouter_broker_up\{source="rabbitmq"\} 1\n/);
      assert.equal(source.problem, "");
      stop.abort();
      await new SessionEnd(context.signal).ended();
    });
    await source.run(stop.signal);
    assert.deepEqual(problems, [
      "not connected yet",
      "*** refused",
      "*** refused",
      "*** refused",
    ]);
    assert.match(registry.render(), /scouter_broker_up\{source="rabbitmq"\} 0\n/);
    assert.match(registry.render(), /scouter_broker_disconnects_total\{source="rabbitmq"\} 3\n/);
  });

  it("takes a session that ends by itself for a broken one", async () => {
    const stop = new AbortController();
    let sessions = 0;
    const { source } = options(() => {
      if (++sessions === 2) stop.abort();
      return Promise.resolve();
    });
    await source.run(stop.signal);
    assert.equal(sessions, 2);
  });
});

describe("the end of a session", () => {
  it("is its failure, or the server's stop", async () => {
    const stop = new AbortController();
    const failing = new SessionEnd(stop.signal);
    failing.fail(new Error("gone"));
    await assert.rejects(failing.ended(), /gone/);
    await assert.rejects(failing.before(new Promise(() => {})), /gone/);
    assert.equal(failing.stopping, false);
    const stopping = new SessionEnd(stop.signal);
    stop.abort();
    await stopping.ended();
    await stopping.before(new Promise(() => {}));
    assert.equal(stopping.stopping, true);
  });
});

describe("entries of a Redis stream", () => {
  const entries = [[text("1-0"), [text("message"), text("m")]], [text("2-0"), null]];
  const parsed = [
    { id: "1-0", fields: [text("message"), text("m")] },
    { id: "2-0", fields: null },
  ];

  it("are read from both protocol versions", () => {
    assert.deepEqual(parseRead([[text("stream"), entries]]), parsed);
    assert.deepEqual(parseRead([text("stream"), entries]), parsed);
    assert.deepEqual(parseEntries(entries), parsed);
    assert.deepEqual(parseRead(null), []);
  });

  it("hold the message in the field of that name, or in their only field", () => {
    const fields = (...values: string[]) => values.map(text);
    assert.equal(messageOf(fields("a", "1", "message", "2")).toString(), "2");
    assert.equal(messageOf(fields("payload", "3", "b", "4")).toString(), "3");
    assert.equal(messageOf(fields("anything", "5")).toString(), "5");
    assert.equal(messageOf(fields("a", "1", "b", "2")).length, 0);
    assert.equal(
      fieldOf(fields("Content-Encoding", "gzip"), "content-encoding")?.toString(),
      "gzip",
    );
  });
});

describe("a member of a consumer group that gets nothing", () => {
  it("is noticed when messages waited for longer than the limit without any being taken", () => {
    let nowMs = 0;
    const watch = new StallWatch(30_000, () => nowMs);
    const at = (ms: number, waiting: number) => {
      nowMs = ms;
      return watch.stalled(waiting);
    };
    assert.equal(at(25_000, 0), false);
    assert.equal(at(40_000, 5), false);
    assert.equal(at(55_000, 5), false);
    assert.equal(at(55_001, 5), true);
  });

  it("is not one that takes messages, however many wait", () => {
    let nowMs = 0;
    const watch = new StallWatch(30_000, () => nowMs);
    for (nowMs = 5000; nowMs < 600_000; nowMs += 5000) {
      if (nowMs % 25_000 === 0) watch.moved();
      assert.equal(watch.stalled(1000), false);
    }
  });
});
