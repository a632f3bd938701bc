import { Consumer, MessagesStreamModes } from "@platformatic/kafka";
import { KafkaConfig } from "../../sdk/queue/kafka/mod.ts";
import { brokerSuite } from "./queue_support.ts";

async function read(uri: string, place: string, enough: (messages: string[]) => boolean) {
  const consumer = new Consumer({
    clientId: "test",
    groupId: `test-${crypto.randomUUID()}`,
    bootstrapBrokers: [uri],
    maxWaitTime: 200,
  });
  const messages: string[] = [];
  try {
    const stream = await consumer.consume({
      topics: [place],
      mode: MessagesStreamModes.EARLIEST,
      autocommit: false,
    });
    const poll = setInterval(() => enough(messages) && stream.destroy(), 50);
    try {
      for await (const message of stream) {
        messages.push(message.value.toString());
        if (enough(messages)) break;
      }
    } catch (error) {
      if (!enough(messages)) throw error;
    } finally {
      clearInterval(poll);
    }
  } finally {
    await consumer.close(true);
  }
}

brokerSuite({
  kind: "kafka",
  config: (brokers, topic, timeoutMs) =>
    new KafkaConfig({
      brokers,
      topic,
      ...(timeoutMs !== undefined && { messageTimeoutMs: timeoutMs * 5 }),
    }),
  read,
});
