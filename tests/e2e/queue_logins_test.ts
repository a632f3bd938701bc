/** Logins at brokers: let in with the right one, told with a wrong one, and no message is given up for it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { Redis } from "ioredis";
import { KafkaConfig, type KafkaSaslMechanism } from "../../sdk/queue/kafka/mod.ts";
import { type TransportConfig, TransportError } from "../../sdk/queue/mod.ts";
import { RabbitMQConfig } from "../../sdk/queue/rabbitmq/mod.ts";
import { RedisConfig } from "../../sdk/queue/redis/mod.ts";
import { type BrokerKind, startBroker } from "../support/brokers.ts";

// What a login must not trip over: a slash belongs to addresses.
const PASSWORD = "p/w1";
const NEVER = new AbortController().signal;

interface Case {
  readonly kind: BrokerKind;
  readonly env?: Readonly<Record<string, string>>;
  prepare?(uri: string): Promise<void>;
  readonly refusal: RegExp;
  /** Ways to log in that are all tried. */
  readonly mechanisms?: readonly KafkaSaslMechanism[];
  config(
    uri: string,
    password: string,
    directory: string,
    mechanism?: KafkaSaslMechanism,
  ): TransportConfig;
}

const hostOf = (uri: string) => new URL(uri).host;

const cases: readonly Case[] = [
  {
    kind: "redis",
    refusal: /WRONGPASS/,
    async prepare(uri) {
      const client = new Redis(uri);
      await client.config("SET", "requirepass", PASSWORD);
      client.disconnect();
    },
    config: (uri, password) =>
      new RedisConfig({
        address: `redis://:${encodeURIComponent(password)}@${hostOf(uri)}`,
        stream: "s",
      }),
  },
  {
    kind: "rabbitmq",
    refusal: /ACCESS_REFUSED/,
    config: (uri, password) =>
      new RabbitMQConfig({
        host: new URL(uri).hostname,
        port: Number(new URL(uri).port),
        username: "guest",
        password: password === PASSWORD ? "guest" : password,
      }),
  },
  {
    kind: "kafka",
    refusal: /[Aa]uthentication failed/,
    env: { KAFKA_SASL_SSL: `ada:${PASSWORD}` },
    // The encrypted listener is two ports on.
    config: (uri, password, directory, saslMechanism) =>
      new KafkaConfig({
        brokers: uri.replace(/\d+$/, (port) => String(Number(port) + 2)),
        caLocation: join(directory, "ca.pem"),
        username: "ada",
        password,
        messageTimeoutMs: 10_000,
        ...(saslMechanism !== undefined && { saslMechanism }),
      }),
    mechanisms: ["PLAIN", "SCRAM-SHA-256"],
  },
];

for (const { kind, env, prepare, refusal, mechanisms, config } of cases) {
  it(`${kind} is told who calls`, async (t) => {
    const broker = await startBroker(kind, env);
    if ("unavailable" in broker) return t.skip(broker.unavailable.slice(0, 200));
    try {
      await prepare?.(broker.uri);
      for (const mechanism of mechanisms ?? [undefined]) {
        const right = config(broker.uri, PASSWORD, broker.directory, mechanism).createTransport();
        await right.connect?.(NEVER);
        await right.send('{"records":[]}', NEVER);
        await right.close?.();
        const wrong = config(broker.uri, "wrong", broker.directory, mechanism).createTransport();
        await assert.rejects(wrong.send('{"records":[]}', NEVER), (error) => {
          assert.ok(error instanceof TransportError);
          assert.equal(error.retry, true);
          assert.ok(!error.message.includes("wrong"), error.message);
          assert.match(error.message, refusal);
          return true;
        });
        await wrong.close?.();
      }
    } finally {
      await broker[Symbol.asyncDispose]();
    }
  });
}
