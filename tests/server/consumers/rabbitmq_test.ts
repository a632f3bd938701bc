import assert from "node:assert/strict";
import { brokerSuite } from "./broker_suite.ts";
import { connectRabbitMq, rabbitmqEnv } from "./clients/rabbitmq.ts";
import { ids, messageOfId, startWorld, until } from "./world.ts";

brokerSuite({
  kind: "rabbitmq",
  source: "rabbitmq",
  env: rabbitmqEnv,
  connect: connectRabbitMq,
  mostInFlight: 20,
  more(on) {
    on("uses a queue that exists as it is, and counts its deliveries", async ({ uri }, place) => {
      await using client = await connectRabbitMq(uri, `${place}_other`);
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
      await using world = await startWorld(rabbitmqEnv(uri, queue));
      await until("the dead letter", () => world.metric("scouter_broker_rejected_total{") === 1);
      const reason =
        'scouter_broker_rejected_total{source="rabbitmq",reason="too_many_deliveries"}';
      assert.equal(world.metric(reason), 1);
      assert.equal(world.stored.size, 0);
    });

    on("acknowledges everything it stored, however often it is stopped", async ({ uri }, place) => {
      await using client = await connectRabbitMq(uri, place);
      await client.send(ids(0, 2500).map(messageOfId));
      const env = { ...rabbitmqEnv(uri, place), RABBITMQ_PREFETCH_COUNT: "50" };
      const uneven = () => new Promise<void>((wake) => setTimeout(wake, 20 + Math.random() * 100));
      let left = 2500;
      for (let stop = 0; stop < 10; stop++) {
        const world = await startWorld(env, uneven);
        await until("some messages", () => world.stored.size > 0);
        await world.stop();
        left -= world.stored.size;
        assert.equal(await client.waiting(), left);
      }
    });

    on("shares a queue with another server", async ({ uri }, place) => {
      await using client = await connectRabbitMq(uri, place);
      const slow = () => new Promise<void>((wake) => setTimeout(wake, 5));
      await using a = await startWorld(rabbitmqEnv(uri, place), slow);
      await using b = await startWorld(rabbitmqEnv(uri, place), slow);
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
