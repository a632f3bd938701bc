/** RabbitMQ as its other users see it. */

import { Connection } from "rabbitmq-client";
import { type DeadLetter, until } from "../world.ts";

/** Settings to consume a queue. */
export function rabbitmqEnv(uri: string, place: string) {
  return { RABBITMQ_ADDR: uri, RABBITMQ_QUEUE: place, RABBITMQ_CONSUMER_COUNT: "2" };
}

/** Makes the queue when there is none. */
export async function connectRabbitMq(uri: string, place: string) {
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
