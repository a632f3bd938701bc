/** Every broker's transport on the runtime that runs this: messages that a real broker confirms. */

import assert from "node:assert/strict";
import { it } from "node:test";
import { Redis } from "ioredis";
import { Connection } from "rabbitmq-client";
import { KafkaConfig } from "../../../sdk/queue/kafka/mod.ts";
import { ScouterQueue, type TransportConfig } from "../../../sdk/queue/mod.ts";
import { RabbitMQConfig } from "../../../sdk/queue/rabbitmq/mod.ts";
import { RedisConfig } from "../../../sdk/queue/redis/mod.ts";
import { metrics } from "../../../sdk/records/mod.ts";
import { type BrokerKind, startBroker } from "../../support/brokers.ts";
import { customProfile } from "./support.ts";

interface Case {
  readonly kind: BrokerKind;
  config(uri: string): TransportConfig;
  /** Messages the broker has; null where the confirmation has to do. */
  count(uri: string): Promise<number | null>;
}

const cases: readonly Case[] = [
  {
    kind: "redis",
    config: (address) => new RedisConfig({ address, stream: "s" }),
    async count(uri) {
      const client = new Redis(uri);
      const count = await client.xlen("s");
      await client.quit();
      return count;
    },
  },
  {
    kind: "rabbitmq",
    config: (address) => new RabbitMQConfig({ address, queue: "q" }),
    async count(uri) {
      const connection = new Connection(uri);
      const { messageCount } = await connection.queueDeclare({ queue: "q", passive: true });
      await connection.close();
      return messageCount;
    },
  },
  {
    kind: "kafka",
    config: (brokers) => new KafkaConfig({ brokers, topic: "t" }),
    count: () => Promise.resolve(null),
  },
];

for (const { kind, config, count } of cases) {
  it(`a queue sends over ${kind}`, { timeout: 240_000 }, async (t) => {
    const broker = await startBroker(kind);
    if ("unavailable" in broker) return t.skip(broker.unavailable.slice(0, 200));
    try {
      const queue = await ScouterQueue.fromProfile({ m: customProfile() }, {
        transport: config(broker.uri),
        waitForStartup: true,
      });
      for (const mae of [1, 2, 3, 4]) queue.get("m").insert(metrics({ mae }));
      const report = await queue.shutdown({ deadlineMs: 30_000 });
      assert.deepEqual([report.complete, report.stats.m?.sent], [true, 4]);
      assert.ok([2, null].includes(await count(broker.uri)));
    } finally {
      await broker[Symbol.asyncDispose]();
    }
  });
}
