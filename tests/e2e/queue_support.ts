/** What a queue must do over any broker: one suite, held against each of them as a real process. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type QueueProblem,
  ScouterQueue,
  type ScouterQueueOptions,
  type TransportConfig,
} from "../../sdk/queue/mod.ts";
import { EvalRecord, parseMessage } from "../../sdk/records/mod.ts";
import { type BrokerKind, startBroker, type TestBroker } from "../support/brokers.ts";

/** What differs between brokers. */
export interface BrokerCase {
  readonly kind: BrokerKind;
  /** Settings of a transport to `place`, a channel, queue or topic. */
  config(uri: string, place: string, timeoutMs?: number): TransportConfig;
  /** Called before the first message, for brokers that keep nothing. */
  listen?(uri: string, place: string): Promise<void>;
  /** All messages that have come to `place`, as text, once there are as many distinct ids as asked for. */
  read(uri: string, place: string, enough: (messages: readonly string[]) => boolean): Promise<void>;
}

const AGENT = {
  driftType: "Agent",
  uid: "agent-uid",
  alias: "a",
  config: { sampleRatio: 1 },
} as const;
const RETRY = { firstBackoffMs: 50, maxBackoffMs: 200 };
const FIRST_PLACE = "scouter_test_1";
const READ_TIMEOUT_MS = 20_000;
/** A queue waits for its broker for ever: a broker that does not come back must fail its test, not halt the others. */
const TEST_TIMEOUT_MS = 180_000;

/** The users' ids of the records in messages. */
export function idsOf(messages: readonly string[]): string[] {
  return messages.flatMap((text) => {
    const message = parseMessage(text);
    if (!("records" in message)) return [];
    return message.records.map((record) =>
      "AgentEval" in record ? record.AgentEval.record.record_id : ""
    );
  });
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => String(from + i));

/** Declares the suite. */
export function brokerSuite(broker: BrokerCase): void {
  describe(`a queue over ${broker.kind}`, () => {
    let server: TestBroker | { readonly unavailable: string };
    let places = 0;
    before(async () => void (server = await startBroker(broker.kind)));
    after(async () => {
      if ("uri" in server) await server[Symbol.asyncDispose]();
    });

    /** A test that is skipped, with the reason printed, where the broker cannot be had. */
    const on = (name: string, work: (server: TestBroker, place: string) => Promise<void>) =>
      it(name, { timeout: TEST_TIMEOUT_MS }, async (t) => {
        if ("unavailable" in server) return t.skip(server.unavailable.slice(0, 200));
        await work(server, `scouter_test_${++places}`);
      });

    const make = async (options: Partial<ScouterQueueOptions>, config: TransportConfig) => {
      const problems: QueueProblem[] = [];
      const queue = await ScouterQueue.fromProfile({ a: AGENT }, {
        retry: RETRY,
        onProblem: (problem) => problems.push(problem),
        ...options,
        transport: config,
      });
      const insert = (ids: readonly string[]) => {
        for (const id of ids) queue.get("a").insert(new EvalRecord({ id }));
      };
      return { queue, problems, insert };
    };

    /** All ids that came, once the expected ones are among them. */
    const received = async (uri: string, place: string, expected: readonly string[]) => {
      let got: string[] = [];
      const limit = Date.now() + READ_TIMEOUT_MS;
      await broker.read(uri, place, (messages) => {
        got = idsOf(messages);
        const seen = new Set(got);
        return expected.every((id) => seen.has(id)) || Date.now() > limit;
      });
      return got;
    };

    on("delivers every record once, and everything within shutdown", async ({ uri }, place) => {
      await broker.listen?.(uri, place);
      const { queue, insert, problems } = await make(
        { waitForStartup: true },
        broker.config(uri, place),
      );
      const ids = numbers(0, 60);
      insert(ids);
      const report = await queue.shutdown({ deadlineMs: 20_000 });
      assert.deepEqual(problems, []);
      assert.deepEqual([report.complete, report.unsent], [true, []]);
      assert.deepEqual((await received(uri, place, ids)).sort(), ids.toSorted());
    });

    on(
      "keeps what it has while the broker is down, and delivers when it is back",
      async (server, place) => {
        const { uri } = server;
        await server.stop();
        const { queue, insert, problems } = await make({}, broker.config(uri, place));
        const ids = numbers(0, 30);
        insert(ids);
        while (problems.length < 2) await new Promise((wake) => setTimeout(wake, 20));
        assert.ok(problems.every((problem) => problem.kind === "attempt_failed"));
        assert.equal(queue.get("a").stats().sent, 0);
        await server.start();
        await broker.listen?.(uri, place);
        await queue.flush();
        assert.deepEqual(new Set(await received(uri, place, ids)), new Set(ids));
        assert.equal((await queue.shutdown()).complete, true);
      },
    );

    on("loses nothing when the broker is killed and comes back", async (server) => {
      const { uri } = server;
      // The first test's place, which a stop in order has written down since: RabbitMQ confirms messages in a queue it has
      // just made before the queue itself is on disk.
      const place = FIRST_PLACE;
      await broker.listen?.(uri, place);
      const { queue, insert } = await make({}, broker.config(uri, place));
      insert(numbers(1_000, 1_050));
      await queue.flush();
      await server.crash();
      insert(numbers(1_050, 1_100));
      await server.start();
      await broker.listen?.(uri, place);
      insert(numbers(1_100, 1_125));
      const report = await queue.shutdown({ deadlineMs: 30_000 });
      assert.deepEqual([report.complete, report.unsent], [true, []]);
      // What a channel gave its listener before the crash is not there any more to be read.
      const expected = broker.listen === undefined ? numbers(1_000, 1_125) : numbers(1_050, 1_125);
      const got = new Set(await received(uri, place, expected));
      assert.deepEqual(expected.filter((id) => !got.has(id)), []);
    });

    on(
      "goes on taking records while the broker hangs, and delivers them after",
      async (server, place) => {
        const { uri } = server;
        await broker.listen?.(uri, place);
        const { queue, insert, problems } = await make({}, broker.config(uri, place, 300));
        insert(numbers(0, 25));
        await queue.flush();
        await server.pause();
        try {
          insert(numbers(25, 75));
          while (problems.length < 2) await new Promise((wake) => setTimeout(wake, 20));
          insert(numbers(75, 100));
          assert.equal(queue.get("a").stats().pending, 75);
        } finally {
          await server.resume();
        }
        await queue.flush();
        const ids = numbers(0, 100);
        const got = new Set(await received(uri, place, ids));
        assert.deepEqual(ids.filter((id) => !got.has(id)), []);
        assert.equal((await queue.shutdown({ deadlineMs: 20_000 })).complete, true);
      },
    );

    on("reports at shutdown what a broker that is away did not take", async (server, place) => {
      await server.stop();
      try {
        const { queue, insert } = await make({}, broker.config(server.uri, place));
        insert(numbers(0, 30));
        const report = await queue.shutdown({ deadlineMs: 300 });
        assert.deepEqual(
          report.unsent.map(({ alias, batches, items }) => [alias, batches, items]),
          [
            ["a", 2, 30],
          ],
        );
        await assert.rejects(make({ waitForStartup: true }, broker.config(server.uri, place)), {
          code: "STARTUP_FAILED",
        });
      } finally {
        await server.start();
      }
    });
  });
}
