import assert from "node:assert/strict";
import { Connection } from "rabbitmq-client";
import { brokerSuite } from "./broker_suite.ts";
import { type DeadLetter, ids, messageOfId, startWorld, until } from "./world.ts";

const RABBITMQ_ENV = (uri: string, place: string) => ({
  RABBITMQ_ADDR: uri,
  RABBITMQ_QUEUE: place,
  RABBITMQ_CONSUMER_COUNT: "2",
});

async function connect(uri: string, place: string) {
  const connection = new Connection(uri);
  connection.on("error", () => {});
  await connection.queueDeclare({ queue: place, durable: true });
  const publisher = connection.createPublisher({ confirm: true });
  return {
    connection,
    async send(messages: readonly string[]) {
      await Promise.all(messages.map((message, i) =>
        publisher.send({
          routingKey: place,
          durable: true,
          // Producers differ in what they say of their messages.
          ...(i % 2 === 0 ? { contentType: "application/json" } : {}),
        }, Buffer.from(message))
      ));
    },
    async deadLetters(count: number) {
      const letters: DeadLetter[] = [];
      await until("the dead letters", async () => {
        if (letters.length >= count) return true;
        const message = await connection.basicGet(`${place}_dead_letter`).catch(() => undefined);
        if (message === undefined) return false;
        const body: unknown = message.body;
        letters.push({
          body: Buffer.isBuffer(body)
            ? body.toString()
            : typeof body === "string"
            ? body
            : JSON.stringify(body),
          headers: message.headers ?? {},
        });
        return letters.length >= count;
      });
      return letters;
    },
    async waiting() {
      return (await connection.queueDeclare({ queue: place, passive: true })).messageCount;
    },
    async [Symbol.asyncDispose]() {
      await publisher.close();
      await connection.close();
    },
  };
}

brokerSuite({
  kind: "rabbitmq",
  source: "rabbitmq",
  env: RABBITMQ_ENV,
  connect,
  mostInFlight: 20,
  more(on) {
    on("uses a queue that exists as it is, and counts its deliveries", async ({ uri }, place) => {
      await using client = await connect(uri, `${place}_other`);
      const queue = `${place}_quorum`;
      await client.connection.queueDeclare({
        queue,
        durable: true,
        arguments: { "x-queue-type": "quorum" },
      });
      const publisher = client.connection.createPublisher({ confirm: true });
      await publisher.send(queue, Buffer.from(messageOfId("killer")));
      await publisher.close();
      // Taken and left twice, as by servers that died of it.
      for (let i = 0; i < 2; i++) {
        const channel = await client.connection.acquire();
        await until("the message", async () => await channel.basicGet({ queue }) !== undefined);
        await channel.close();
      }
      await using world = await startWorld(RABBITMQ_ENV(uri, queue));
      await until("the dead letter", () => world.metric("scouter_broker_rejected_total{") === 1);
      const reason =
        'scouter_broker_rejected_total{source="rabbitmq",reason="too_many_deliveries"}';
      assert.equal(world.metric(reason), 1);
      assert.equal(world.stored.size, 0);
    });

    on("shares a queue with another server", async ({ uri }, place) => {
      await using client = await connect(uri, place);
      const slow = () => new Promise<void>((wake) => setTimeout(wake, 5));
      await using a = await startWorld(RABBITMQ_ENV(uri, place), slow);
      await using b = await startWorld(RABBITMQ_ENV(uri, place), slow);
      for (const world of [a, b]) {
        await until("the consumers", () => world.consumers.checks().rabbitmq === "ok");
      }
      await client.send(ids(0, 200).map(messageOfId));
      await until("all messages", () => a.stored.size + b.stored.size >= 200);
      assert.ok(a.stored.size > 0 && b.stored.size > 0);
      assert.equal(new Set([...a.stored.keys(), ...b.stored.keys()]).size, 200);
    });
  },
});
