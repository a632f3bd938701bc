/**
 * Messages through Kafka.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { QueueError } from "../errors.ts";
import { Reconnecting } from "../reconnecting.ts";
import { type Transport, TransportError } from "../transport.ts";
import { kafkaClient, unsupportedRuntime } from "./client.ts";
import type { KafkaConfig } from "./kafka_config.ts";

type Producer = Awaited<ReturnType<typeof open>>;

const UTF8 = new TextEncoder();
/** All replicas in sync have the message. */
const ACKS_OF_ALL = -1;

/**
 * Writes messages to a topic, without key, and waits until all replicas that are in sync have each. The producer is
 * idempotent: what the client repeats by itself is stored once.
 *
 * @example
 * ```ts
 * import { KafkaConfig, KafkaTransport } from "@scouter/sdk/queue/kafka";
 *
 * const transport = new KafkaTransport(new KafkaConfig({ brokers: "localhost:9092" }));
 * console.log(transport.name); // "kafka"
 * await transport.close();
 * ```
 */
export class KafkaTransport implements Transport {
  /** For people. */
  readonly name = "kafka";
  readonly #config: KafkaConfig;
  readonly #link: Reconnecting<Producer>;

  /**
   * Makes a transport; connects when the first message comes.
   *
   * @param config where and how
   * @throws {QueueError} `UNSUPPORTED_RUNTIME` on a Node.js that is too old for the client
   */
  constructor(config: KafkaConfig) {
    const reason = unsupportedRuntime();
    if (reason !== null) throw new QueueError("UNSUPPORTED_RUNTIME", reason);
    this.#config = config;
    this.#link = new Reconnecting({
      what: `Kafka at ${config.brokers.join(",")}`,
      timeoutMs: config.messageTimeoutMs,
      open: () => open(config),
      close: (producer, broken) => producer.close(broken),
    });
  }

  /** Checks that the cluster is there and accepts the caller. */
  async connect(signal: AbortSignal): Promise<void> {
    const { topic } = this.#config;
    await this.#link.use(signal, async (producer) => {
      await producer.metadata({ topics: [topic], autocreateTopics: true });
    });
  }

  /** Writes a message; resolves when it is replicated. */
  async send(message: string, signal: AbortSignal): Promise<void> {
    const value = UTF8.encode(message);
    const { topic, messageMaxBytes } = this.#config;
    if (value.byteLength > messageMaxBytes) {
      throw new TransportError(
        `a message of ${value.byteLength} bytes is longer than messageMaxBytes (${messageMaxBytes})`,
        { retry: false },
      );
    }
    await this.#link.use(signal, async (producer) => {
      await producer.send({ messages: [{ topic, value: Buffer.from(value.buffer) }] });
    });
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#link.close();
  }
}

async function open(config: KafkaConfig) {
  const { Producer } = await kafkaClient();
  const { securityProtocol, saslMechanism, username, password, caLocation } = config;
  const tls = caLocation === null ? {} : { ca: await readFile(caLocation, "utf8") };
  return new Producer<Buffer, Buffer, Buffer, Buffer>({
    clientId: "scouter-sdk",
    bootstrapBrokers: [...config.brokers],
    autocreateTopics: true,
    idempotent: true,
    acks: ACKS_OF_ALL,
    compression: config.compressionType,
    // Fewer than two and the client would repeat without end.
    retries: Math.max(2, config.maxRetries),
    connectTimeout: Math.min(config.requestTimeoutMs, config.messageTimeoutMs),
    requestTimeout: Math.min(config.requestTimeoutMs, config.messageTimeoutMs),
    timeout: Math.min(config.requestTimeoutMs, config.messageTimeoutMs),
    ...(securityProtocol.endsWith("SSL") && { tls }),
    ...(username !== null && password !== null && {
      sasl: { mechanism: saslMechanism, username, password },
    }),
  });
}
