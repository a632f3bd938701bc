/** What consumers must do on any broker: one suite, held against each of them as a real process. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type BrokerKind, startBroker, type TestBroker } from "../../support/brokers.ts";
import {
  type BrokerClient,
  full,
  ids,
  messageOfId,
  startWorld,
  until,
  type World,
} from "./world.ts";

/** What differs between brokers. */
export interface BrokerCase {
  readonly kind: BrokerKind;
  /** The source's name in metrics and checks. */
  readonly source: string;
  /** How the broker is started. */
  readonly brokerEnv?: Readonly<Record<string, string>>;
  /** Settings to consume from `place`: a topic, queue or stream. */
  env(uri: string, place: string): Record<string, string>;
  /** `place` exists when it resolves. */
  connect(uri: string, place: string): Promise<BrokerClient>;
  /** Most messages taken while the store is full. */
  readonly mostInFlight: number;
  /** Further tests. */
  more?(on: OnBroker): void;
}

/** Declares a test that is skipped, with the reason, where the broker cannot be had. */
export type OnBroker = (
  name: string,
  work: (broker: TestBroker, place: string) => Promise<void>,
) => void;

/** Declares the suite. */
export function brokerSuite(broker: BrokerCase): void {
  const { source } = broker;
  describe(`consuming from ${source}`, () => {
    let server: TestBroker | { readonly unavailable: string };
    let places = 0;
    before(async () => void (server = await startBroker(broker.kind, broker.brokerEnv)));
    after(async () => {
      if ("uri" in server) await server[Symbol.asyncDispose]();
    });
    const on: OnBroker = (name, work) =>
      it(name, async (t) => {
        if ("unavailable" in server) return t.skip(server.unavailable.slice(0, 200));
        await work(server, `place_${++places}`);
      });

    on("stores every message once, and acknowledges it", async ({ uri }, place) => {
      await using client = await broker.connect(uri, place);
      await client.send(ids(0, 100).map(messageOfId));
      await using world = await startWorld(broker.env(uri, place));
      await until("the first half", () => world.stored.size >= 100);
      await client.send(ids(100, 200).map(messageOfId));
      await until("the second half", () => world.stored.size >= 200);
      assert.deepEqual(world.consumers.checks(), { [source]: "ok" });
      await world.stop();
      assert.deepEqual([...world.stored.values()], Array(200).fill(1));
      assert.equal(await client.waiting(), 0);
      assert.equal(world.metric(`scouter_broker_received_total{source="${source}"`), 200);
      assert.equal(world.metric(`scouter_broker_accepted_total{source="${source}"`), 200);
      assert.equal(world.metric(`scouter_broker_up{source="${source}"`), 0);
    });

    on("puts poison aside with the reason, and goes on with the rest", async ({ uri }, place) => {
      await using client = await broker.connect(uri, place);
      await using world = await startWorld(broker.env(uri, place), (id) => {
        if (id === "bug") throw new TypeError("a bug");
      });
      const records = JSON.stringify({ records: [{ Spc: {} }] });
      await client.send([
        "not json",
        records,
        messageOfId("bug"),
        ...ids(0, 20).map(messageOfId),
      ]);
      const letters = await client.deadLetters(3);
      await until("the rest", () => world.stored.size >= 20);
      const found = letters.map(({ body, headers }) => [
        body,
        headers["scouter-dead-letter-reason"],
        headers["scouter-dead-letter-tries"],
        headers["scouter-dead-letter-source"],
      ]);
      assert.deepEqual(
        found.toSorted(([a = ""], [b = ""]) => a < b ? -1 : 1),
        [
          ["not json", "bad_request", "1", place],
          [messageOfId("bug"), "tries_exhausted", "2", place],
          [records, "not_implemented", "1", place],
        ].toSorted(([a = ""], [b = ""]) => a < b ? -1 : 1),
      );
      assert.ok(
        letters.some(({ headers }) =>
          headers["scouter-dead-letter-error"]?.includes('does not take "records" (Spc)')
        ),
      );
      await world.stop();
      assert.equal(await client.waiting(), 0);
      for (const reason of ["bad_request", "tries_exhausted", "not_implemented"]) {
        const series = `scouter_broker_rejected_total{source="${source}",reason="${reason}"}`;
        assert.equal(world.metric(series), 1, reason);
      }
    });

    on("takes no more than it may while the store is full", async ({ uri }, place) => {
      await using client = await broker.connect(uri, place);
      await client.send(ids(0, 500).map(messageOfId));
      let isFull = true;
      await using world = await startWorld(broker.env(uri, place), () => {
        if (isFull) throw full();
      });
      const received = () => world.metric(`scouter_broker_received_total{source="${source}"`);
      const retried = () => world.metric(`scouter_broker_retries_total{source="${source}"`);
      await until("some messages", () => retried() > 0);
      await new Promise((wake) => setTimeout(wake, 1500));
      assert.ok(received() <= broker.mostInFlight, `took ${received()}`);
      assert.equal(world.stored.size, 0);
      isFull = false;
      await until("all messages", () => world.stored.size >= 500);
      await world.stop();
      assert.deepEqual([...world.stored.values()], Array(500).fill(1));
      assert.equal(await client.waiting(), 0);
    });

    on(
      "finishes and acknowledges what it took when it stops, and leaves the rest",
      async ({ uri }, place) => {
        await using client = await broker.connect(uri, place);
        await client.send(ids(0, 300).map(messageOfId));
        const slow = () => new Promise<void>((wake) => setTimeout(wake, 100));
        const first = await startWorld(broker.env(uri, place), slow);
        await until("some messages", () => first.stored.size > 0);
        await first.stop();
        const stored = first.stored.size;
        assert.equal(await client.waiting(), 300 - stored);
        await using second = await startWorld(broker.env(uri, place));
        await until("the rest", () => second.stored.size >= 300 - stored);
        await second.stop();
        const all = [...first.stored, ...second.stored];
        assert.equal(all.length, 300);
        assert.equal(new Set(all.map(([id]) => id)).size, 300);
        assert.ok(all.every(([, times]) => times === 1));
      },
    );

    on("outlives its broker, and waits for one that is not there yet", async (server, place) => {
      const { uri } = server;
      const checkOf = ({ consumers }: World) => consumers.checks()[source] ?? "";
      const failures = (world: World) => world.metric("scouter_broker_disconnects_total{");
      await using world = await startWorld(broker.env(uri, place));
      {
        await using client = await broker.connect(uri, place);
        await client.send(ids(0, 50).map(messageOfId));
        await until("the messages before", () => world.stored.size >= 50);
        await (await broker.connect(uri, `${place}_late`))[Symbol.asyncDispose]();
      }
      await server.crash();
      await using late = await startWorld(broker.env(uri, `${place}_late`));
      await until("the check to tell", () => checkOf(world) !== "ok");
      await until("failed tries", () => failures(world) >= 1 && failures(late) >= 1);
      assert.equal(world.metric(`scouter_broker_up{source="${source}"`), 0);
      assert.ok(!["ok", "not connected yet", ""].includes(checkOf(late)), checkOf(late));
      await server.start();
      await using client = await broker.connect(uri, place);
      await using lateClient = await broker.connect(uri, `${place}_late`);
      await client.send(ids(50, 100).map(messageOfId));
      await lateClient.send([messageOfId("late")]);
      await until("the messages after", () => world.stored.size >= 100);
      await until("the message", () => late.stored.has("late"));
      await until("the checks to be well", () => checkOf(world) === "ok" && checkOf(late) === "ok");
      await Promise.all([world.stop(), late.stop()]);
      assert.deepEqual([await client.waiting(), await lateClient.waiting()], [0, 0]);
    });

    broker.more?.(on);
  });
}
