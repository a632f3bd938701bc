/**
 * Queues over RabbitMQ. A module of its own, so that only who uses it loads an AMQP client.
 *
 * @example
 * ```ts
 * import { ScouterQueue } from "@scouter/sdk/queue";
 * import { RabbitMQConfig } from "@scouter/sdk/queue/rabbitmq";
 *
 * const transport = new RabbitMQConfig({ host: "localhost", port: 5672 });
 * const queue = await ScouterQueue.fromProfile({}, { transport });
 * console.log((await queue.shutdown()).complete); // true
 * ```
 *
 * @module
 */

export { RabbitMQConfig, type RabbitMQConfigOptions } from "./rabbitmq_config.ts";
export { RabbitMQTransport } from "./rabbitmq_transport.ts";
