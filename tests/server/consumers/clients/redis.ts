/** Redis as its other users see it. */

import { Redis } from "ioredis";
import { type BrokerClient, type DeadLetter, until } from "../world.ts";

/** Settings to consume a stream. */
export function redisEnv(uri: string, place: string) {
  return {
    REDIS_ADDR: uri,
    REDIS_MODE: "stream",
    REDIS_STREAM: place,
    REDIS_CONSUMER_COUNT: "1",
  };
}

/** The dead letters of a stream or channel, once there are so many. */
export async function deadLettersOf(
  redis: Redis,
  place: string,
  count: number,
): Promise<DeadLetter[]> {
  const key = `${place}_dead_letter`;
  await until("the dead letters", async () => await redis.xlen(key) >= count);
  return (await redis.xrange(key, "-", "+")).map(([, fields]) => {
    const headers: Record<string, string> = {};
    for (let i = 0; i < fields.length; i += 2) headers[fields[i] ?? ""] = fields[i + 1] ?? "";
    return { body: headers.message ?? "", headers };
  });
}

/** A client of one stream. Everything sent at once appears at once. */
export function connectRedis(uri: string, place: string): Promise<BrokerClient> {
  const redis = new Redis(uri);
  return Promise.resolve({
    async send(messages) {
      const all = redis.multi();
      for (const message of messages) all.xadd(place, "*", "message", message);
      for (const [error] of await all.exec() ?? []) if (error !== null) throw error;
    },
    deadLetters: (count) => deadLettersOf(redis, place, count),
    waiting: () => redis.xlen(place),
    [Symbol.asyncDispose]: async () => void await redis.quit(),
  });
}
