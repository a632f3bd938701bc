/**
 * Queues over Redis. A module of its own, so that only who uses it loads a Redis client.
 *
 * @example
 * ```ts
 * import { ScouterQueue } from "@scouter/sdk/queue";
 * import { RedisConfig } from "@scouter/sdk/queue/redis";
 *
 * const transport = new RedisConfig({ stream: "scouter_monitoring" });
 * const queue = await ScouterQueue.fromProfile({}, { transport });
 * console.log((await queue.shutdown()).complete); // true
 * ```
 *
 * @module
 */

export { RedisConfig, type RedisConfigOptions } from "./redis_config.ts";
export { RedisTransport } from "./redis_transport.ts";
