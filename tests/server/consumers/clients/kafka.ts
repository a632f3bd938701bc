/** Kafka as its other users see it. */

import { Admin, Consumer, Producer } from "@platformatic/kafka";
import { inspect } from "node:util";
import { type BrokerClient, type DeadLetter, until } from "../world.ts";

const PARTITIONS = 4;

/** Settings to consume a topic, with a group of its own. */
export function kafkaEnv(uri: string, place: string) {
  return {
    KAFKA_BROKERS: uri,
    KAFKA_TOPIC: place,
    KAFKA_GROUP: `group-of-${place}`,
    KAFKA_WORKER_COUNT: "2",
  };
}

/** Makes the topic when there is none. */
export async function connectKafka(uri: string, place: string): Promise<BrokerClient> {
  const client = { clientId: "test", bootstrapBrokers: [uri], retries: 10 };
  const admin = new Admin(client);
  const producer = new Producer({ ...client, idempotent: true });
  await admin.createTopics({ topics: [place], partitions: PARTITIONS, replicas: 1 })
    .catch((error: unknown) => {
      if (!inspect(error, { depth: 10 }).includes("already exists")) throw error;
    });
  const reader = new Consumer({ ...client, groupId: `ready-${crypto.randomUUID()}` });
  // A producer repeats what it sent to a partition that has no leader yet.
  await until(
    "the leaders",
    () => reader.listOffsets({ topics: [place] }).then(() => true, () => false),
  );
  await reader.close(true);
  return {
    async send(messages) {
      await producer.send({
        messages: messages.map((message, i) => ({
          topic: place,
          partition: i % PARTITIONS,
          value: Buffer.from(message),
        })),
        acks: -1,
      });
    },
    async deadLetters(count) {
      const consumer = new Consumer({ ...client, groupId: `letters-${crypto.randomUUID()}` });
      const letters: DeadLetter[] = [];
      const topic = `${place}_dead_letter`;
      await until(
        "the topic of dead letters",
        async () => (await admin.listTopics()).includes(topic),
      );
      const stream = await consumer.consume({
        topics: [topic],
        mode: "earliest",
        maxWaitTime: 200,
      });
      for await (const message of stream) {
        letters.push({
          body: message.value.toString(),
          headers: Object.fromEntries(
            message.headerEntries.map(([name, value]) => [name.toString(), value.toString()]),
          ),
        });
        if (letters.length >= count) break;
      }
      await consumer.close(true);
      return letters;
    },
    async waiting() {
      const consumer = new Consumer({ ...client, groupId: `group-of-${place}` });
      const partitions = Array.from({ length: PARTITIONS }, (_, i) => i);
      const ends = await consumer.listOffsets({ topics: [place] });
      const commits = await consumer.listCommittedOffsets({
        topics: [{ topic: place, partitions }],
      });
      await consumer.close(true);
      return partitions.reduce((sum, partition) => {
        const committed = commits.get(place)?.[partition] ?? -1n;
        const end = ends.get(place)?.[partition] ?? 0n;
        return sum + Number(end - (committed < 0n ? 0n : committed));
      }, 0);
    },
    async [Symbol.asyncDispose]() {
      await producer.close(true);
      await admin.close();
    },
  };
}
