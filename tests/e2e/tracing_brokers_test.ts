import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { KafkaConfig } from "../../sdk/queue/kafka/mod.ts";
import type { TransportConfig } from "../../sdk/queue/mod.ts";
import { RabbitMQConfig } from "../../sdk/queue/rabbitmq/mod.ts";
import { RedisConfig } from "../../sdk/queue/redis/mod.ts";
import { ScouterTracerProvider } from "../../sdk/tracing/mod.ts";
import { type BrokerKind, startBroker, type TestBroker } from "../support/brokers.ts";
import { type ServerProcess, startServerProcess } from "../support/server_process.ts";

const KINDS: readonly {
  readonly kind: BrokerKind;
  readonly setting: string;
  readonly config: (uri: string) => TransportConfig;
}[] = [
  {
    kind: "kafka",
    setting: "KAFKA_BROKERS",
    config: (uri) => new KafkaConfig({ brokers: uri }),
  },
  {
    kind: "rabbitmq",
    setting: "RABBITMQ_ADDR",
    config: (uri) => new RabbitMQConfig({ address: uri }),
  },
  {
    kind: "redis",
    setting: "REDIS_ADDR",
    config: (uri) => new RedisConfig({ address: uri, stream: "scouter_monitoring" }),
  },
];

describe("spans over brokers", () => {
  const brokers = new Map<BrokerKind, TestBroker>();
  let server: ServerProcess;
  before(async () => {
    const env: Record<string, string> = {};
    for (const { kind, setting } of KINDS) {
      const broker = await startBroker(kind);
      if ("unavailable" in broker) continue;
      brokers.set(kind, broker);
      env[setting] = broker.uri;
    }
    server = await startServerProcess({ env, readyTimeoutMs: 240_000 });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    for (const broker of brokers.values()) await broker[Symbol.asyncDispose]();
  });

  async function stored(traceId: string): Promise<{ span_name: string; service_name: string }[]> {
    for (let attempt = 0; attempt < 600; attempt++) {
      const response = await fetch(`${server.httpUrl}/scouter/v1/traces/${traceId}/spans`);
      const { spans } = await response.json();
      if (Array.isArray(spans) && spans.length > 0) return spans;
      await new Promise((wake) => setTimeout(wake, 100));
    }
    return [];
  }

  for (const { kind, config } of KINDS) {
    it(`arrive over ${kind}, each once`, async (t) => {
      const broker = brokers.get(kind);
      if (broker === undefined) return t.skip(`${kind} cannot be had here`);
      const provider = new ScouterTracerProvider({
        serviceName: `shop-${kind}`,
        transport: config(broker.uri),
        attributes: { region: "eu" },
      });
      const tracer = provider.getTracer("a");
      const traceId = tracer.withSpan("checkout", (span) => {
        tracer.withSpan("charge", (inner) => void inner.setInput({ amount: 12.5 }));
        return span.spanContext().traceId;
      });
      await provider.shutdown();
      assert.deepEqual(provider.stats.scouter, { exported: 2, failed: 0, dropped: 0, queued: 0 });
      assert.deepEqual(
        (await stored(traceId)).map((span) => [span.span_name, span.service_name]),
        [["checkout", `shop-${kind}`], ["charge", `shop-${kind}`]],
      );
    });
  }
});
