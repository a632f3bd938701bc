/**
 * Queues over Kafka. A module of its own, so that only who uses it loads a Kafka client. On Node.js it needs version 22.19
 * or newer.
 *
 * @example
 * ```ts
 * import { ScouterQueue } from "@scouter/sdk/queue";
 * import { KafkaConfig } from "@scouter/sdk/queue/kafka";
 *
 * const transport = new KafkaConfig({ brokers: "localhost:9092" });
 * const queue = await ScouterQueue.fromProfile({}, { transport });
 * console.log((await queue.shutdown()).complete); // true
 * ```
 *
 * @module
 */

export {
  type KafkaCompression,
  KafkaConfig,
  type KafkaConfigOptions,
  type KafkaSaslMechanism,
  type KafkaSecurityProtocol,
} from "./kafka_config.ts";
export { KafkaTransport } from "./kafka_transport.ts";
