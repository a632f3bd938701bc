import assert from "node:assert/strict";
import { it } from "node:test";
import { Connection } from "rabbitmq-client";
import { RabbitMQConfig } from "../../sdk/queue/rabbitmq/mod.ts";
import { startBroker } from "../support/brokers.ts";
import { brokerSuite } from "./queue_support.ts";

async function read(uri: string, place: string, enough: (messages: string[]) => boolean) {
  const connection = new Connection(uri);
  connection.on("error", () => {});
  const messages: string[] = [];
  try {
    while (!enough(messages)) {
      const message = await connection.basicGet({ queue: place, noAck: true });
      if (message === undefined) {
        await new Promise((wake) => setTimeout(wake, 20));
        continue;
      }
      assert.equal(message.durable, true);
      assert.equal(message.contentType, "application/json");
      messages.push(
        Buffer.isBuffer(message.body) ? message.body.toString() : JSON.stringify(message.body),
      );
    }
  } finally {
    await connection.close();
  }
}

brokerSuite({
  kind: "rabbitmq",
  config: (address, queue, timeoutMs) =>
    new RabbitMQConfig({ address, queue, ...(timeoutMs !== undefined && { timeoutMs }) }),
  read,
});

it("takes a RabbitMQ queue as somebody else made it, and makes it anew when it was removed", async (t) => {
  const broker = await startBroker("rabbitmq");
  if ("unavailable" in broker) return t.skip(broker.unavailable.slice(0, 200));
  await using _ = broker;
  const connection = new Connection(broker.uri);
  try {
    await connection.queueDeclare({
      queue: "theirs",
      durable: true,
      arguments: { "x-dead-letter-exchange": "elsewhere" },
    });
    const transport = new RabbitMQConfig({ address: broker.uri, queue: "theirs" })
      .createTransport();
    const { signal } = new AbortController();
    await transport.send("{}", signal);
    assert.equal((await connection.queueDelete("theirs")).messageCount, 1);
    await assert.rejects(transport.send("{}", signal), /there is no queue "theirs"/);
    await transport.send("{}", signal);
    const made = await connection.queueDeclare({ queue: "theirs", passive: true });
    assert.equal(made.messageCount, 1);
    await transport.close();
  } finally {
    await connection.close();
  }
});
