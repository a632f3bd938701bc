/**
 * Takes messages from the brokers that are configured.
 *
 * @module
 */

import type { Settings } from "../config.ts";
import { type MessageDeps, storeBrokerMessage } from "../ingest/messages.ts";
import type { Metrics } from "../telemetry/contract.ts";
import { Supervisor } from "../workers/supervisor.ts";
import type { Broker } from "../telemetry/ingest_sender.ts";
import type { WorkerStatus } from "../workers/worker_state.ts";
import type { Session, SourceName } from "./contract.ts";
import type { DeliveryDeps } from "./delivery.ts";
import { instanceId } from "./instance_id.ts";
import { Pressure } from "./pressure.ts";
import { secretsOf } from "./redact.ts";
import { Source } from "./source.ts";
import { SourceMetrics } from "./source_metrics.ts";

/** What the consumers need. */
export interface ConsumerDeps {
  readonly settings: Settings;
  readonly messages: MessageDeps;
  readonly metrics: Metrics;
  /** What is wrong with the stores just now, in words; empty when all is well. */
  trouble(): Promise<string>;
}

/** Running consumers. */
export interface Consumers {
  /** Each source: `ok`, or why no messages flow. */
  checks(): Record<string, string>;
  /** What is consumed, one line each, for the start-up banner. */
  readonly descriptions: readonly string[];
  /** Takes nothing more, finishes and acknowledges what was taken, disconnects. */
  stop(): Promise<void>;
  /** The loops that consume. */
  workers(): readonly WorkerStatus[];
}

const BROKER_OF_SOURCE: Readonly<Record<SourceName, Broker>> = {
  kafka: "kafka",
  rabbitmq: "rabbitmq",
  redis_stream: "redis",
  redis_pubsub: "redis",
};

/** A part of the time the server has to stop; the rest is for the stores. */
const DRAIN_SHARE = 1 / 3;

/** Starts what is configured. Returns at once: a broker that is down is no reason not to serve. */
export function startConsumers(deps: ConsumerDeps): Consumers {
  const { settings, metrics } = deps;
  const supervisor = new Supervisor({ metrics });
  const sources: Source[] = [];
  const descriptions: string[] = [];
  const drainMs = settings.shutdownSeconds * 1000 * DRAIN_SHARE;
  const common: Omit<DeliveryDeps, "store"> = {
    trouble: deps.trouble,
    pressure: new Pressure(),
    maxTries: settings.brokerMaxTries,
    maxMessageBytes: deps.messages.receiver.maxBodyBytes,
  };
  const start = (
    name: SourceName,
    address: string,
    what: string,
    secrets: readonly string[],
    load: (metrics: SourceMetrics, delivery: DeliveryDeps) => Promise<Session>,
  ) => {
    const sourceMetrics = new SourceMetrics(name, metrics);
    const delivery: DeliveryDeps = {
      ...common,
      store: (bytes) => storeBrokerMessage(deps.messages, BROKER_OF_SOURCE[name], bytes),
    };
    const source = new Source({
      metrics: sourceMetrics,
      address,
      secrets,
      session: async (context) => await (await load(sourceMetrics, delivery))(context),
    });
    sources.push(source);
    descriptions.push(`${name} ${address} (${what})`);
    supervisor.start(`broker_${name}`, (signal) => source.run(signal));
  };

  // The clients are imported when used: they take time and memory that others need not pay.
  if (settings.kafkaBrokers.length > 0) {
    start(
      "kafka",
      settings.kafkaBrokers.join(","),
      `${settings.kafkaTopics.join(",")}, group ${settings.kafkaGroup}`,
      [settings.kafkaPassword],
      async (metrics, delivery) =>
        (await import("./kafka/session.ts")).kafkaSession(settings, delivery, metrics, drainMs),
    );
  }
  if (settings.rabbitmqAddr !== "") {
    start(
      "rabbitmq",
      new URL(settings.rabbitmqAddr).host,
      `queue ${settings.rabbitmqQueue}`,
      secretsOf(settings.rabbitmqAddr),
      async (metrics, delivery) =>
        (await import("./rabbitmq/session.ts")).rabbitmqSession(
          settings,
          delivery,
          metrics,
          drainMs,
        ),
    );
  }
  if (settings.redisAddr !== "") {
    const { host } = new URL(settings.redisAddr);
    const secrets = secretsOf(settings.redisAddr);
    if (settings.redisMode !== "pubsub") {
      const what = `stream ${settings.redisStream}, group ${settings.redisGroup}`;
      start("redis_stream", host, what, secrets, async (metrics, delivery) => {
        const { redisStreamSession } = await import("./redis/stream_session.ts");
        const id = await instanceId(settings.dataDir);
        return redisStreamSession(settings, delivery, metrics, id, drainMs);
      });
    }
    if (settings.redisMode !== "stream") {
      start(
        "redis_pubsub",
        host,
        `channel ${settings.redisChannel}`,
        secrets,
        async (metrics, delivery) => {
          const { redisPubSubSession } = await import("./redis/pubsub_session.ts");
          return redisPubSubSession(settings, delivery, metrics, drainMs);
        },
      );
    }
  }
  return {
    descriptions,
    checks: () =>
      Object.fromEntries(sources.map((source) => [source.name, source.problem || "ok"])),
    stop: () => supervisor.stop(),
    workers: () => supervisor.workers,
  };
}
