import { Redis } from "ioredis";
import assert from "node:assert/strict";
import { ScouterError } from "../../../server/errors.ts";
import { brokerSuite } from "./broker_suite.ts";
import { connectRedis, deadLettersOf, redisEnv } from "./clients/redis.ts";
import { ids, messageOfId, startWorld, until } from "./world.ts";

brokerSuite({
  kind: "redis",
  source: "redis_stream",
  env: redisEnv,
  connect: connectRedis,
  mostInFlight: 32,
  more(on) {
    on("takes over what a server left behind that does not come back", async ({ uri }, place) => {
      await using redis = new RedisHandle(uri);
      await redis.client.xgroup("CREATE", place, "scouter", "0", "MKSTREAM");
      for (const id of ids(0, 10)) await redis.client.xadd(place, "*", "message", messageOfId(id));
      await redis.client.xreadgroup(
        ...["GROUP", "scouter", "gone", "COUNT", 10, "STREAMS", place, ">"] as const,
      );
      await using world = await startWorld({
        ...redisEnv(uri, place),
        REDIS_CLAIM_IDLE_SECS: "1",
      });
      await until("the entries", () => world.stored.size >= 10);
      await world.stop();
      assert.deepEqual([...world.stored.values()], Array(10).fill(1));
      assert.equal(await redis.client.xlen(place), 0);
    });

    on("leaves to a slow server what it is still working on", async ({ uri }, place) => {
      const env = { ...redisEnv(uri, place), REDIS_CLAIM_IDLE_SECS: "1" };
      await using client = await connectRedis(uri, place);
      await client.send([messageOfId("slow")]);
      const release = Promise.withResolvers<void>();
      await using slow = await startWorld(env, () => release.promise);
      await until("the entry", () => slow.metric("scouter_broker_received_total{") === 1);
      await using other = await startWorld(env);
      await until("the other", () => other.consumers.checks().redis_stream === "ok");
      await new Promise((wake) => setTimeout(wake, 3000));
      assert.equal(other.metric("scouter_broker_received_total{"), 0);
      release.resolve();
      await until("the entry", () => slow.stored.size === 1);
    });

    on("leaves to others at once what it could not store before it stopped", async (...given) => {
      const [{ uri }, place] = given;
      await using client = await connectRedis(uri, place);
      await client.send(ids(0, 10).map(messageOfId));
      const full = new ScouterError("RESOURCE_EXHAUSTED", "full", { retryAfterSeconds: 60 });
      await using first = await startWorld(redisEnv(uri, place), () => Promise.reject(full));
      await until("the entries", () => first.metric("scouter_broker_received_total{") === 10);
      await first.stop();
      await using second = await startWorld({
        ...redisEnv(uri, place),
        REDIS_CLAIM_IDLE_SECS: "20",
      });
      await until("the entries", () => second.stored.size >= 10, 15_000);
      assert.deepEqual([...second.stored.values()], Array(10).fill(1));
    });

    on("gives up an entry that was delivered too often", async ({ uri }, place) => {
      await using redis = new RedisHandle(uri);
      await redis.client.xgroup("CREATE", place, "scouter", "0", "MKSTREAM");
      const id = await redis.client.xadd(place, "*", "message", messageOfId("killer"));
      assert.ok(id !== null);
      await redis.client.xreadgroup(
        ...["GROUP", "scouter", "gone", "COUNT", 1, "STREAMS", place, ">"] as const,
      );
      // Delivered once and claimed twice, as by servers that died of it.
      for (let i = 0; i < 2; i++) await redis.client.xclaim(place, "scouter", "gone", 0, id);
      await using world = await startWorld({
        ...redisEnv(uri, place),
        REDIS_CLAIM_IDLE_SECS: "1",
      });
      const [letter] = await deadLettersOf(redis.client, place, 1);
      assert.equal(letter?.headers["scouter-dead-letter-reason"], "too_many_deliveries");
      assert.equal(world.stored.size, 0);
    });

    on("keeps entries in the stream when others read it too", async ({ uri }, place) => {
      await using client = await connectRedis(uri, place);
      await client.send(ids(0, 5).map(messageOfId));
      await using world = await startWorld({
        ...redisEnv(uri, place),
        REDIS_STREAM_DELETE: "false",
      });
      await until("the entries", () => world.stored.size >= 5);
      await world.stop();
      assert.equal(await client.waiting(), 5);
      await using redis = new RedisHandle(uri);
      const pending: unknown = await redis.client.xpending(place, "scouter");
      assert.equal(Array.isArray(pending) && pending[0], 0);
    });

    on("listens to a channel once, however many consumers there are", async ({ uri }, place) => {
      await using redis = new RedisHandle(uri);
      await using world = await startWorld({
        REDIS_ADDR: uri,
        REDIS_MODE: "pubsub",
        REDIS_CHANNEL: place,
        REDIS_CONSUMER_COUNT: "3",
      });
      await until("the subscriber", () => world.consumers.checks().redis_pubsub === "ok");
      for (const id of ids(0, 50)) {
        assert.equal(await redis.client.publish(place, messageOfId(id)), 1);
      }
      await redis.client.publish(place, "not json");
      await until("the messages", () => world.stored.size >= 50);
      const [letter] = await deadLettersOf(redis.client, place, 1);
      assert.equal(letter?.body, "not json");
      assert.equal(letter.headers["scouter-dead-letter-reason"], "bad_request");
      await world.stop();
      assert.deepEqual([...world.stored.values()], Array(50).fill(1));
      assert.equal(world.metric("scouter_broker_lost_total{"), 0);
    });

    on("counts what a channel loses when it stops", async ({ uri }, place) => {
      await using redis = new RedisHandle(uri);
      await using world = await startWorld({
        REDIS_ADDR: uri,
        REDIS_MODE: "pubsub",
        REDIS_CHANNEL: place,
      }, () => Promise.reject(new Error("never")));
      await until("the subscriber", () => world.consumers.checks().redis_pubsub === "ok");
      await redis.client.publish(place, messageOfId("a"));
      await until("the message", () => world.metric("scouter_broker_retries_total{") >= 1);
      await world.stop();
      const lost = 'scouter_broker_lost_total{source="redis_pubsub",reason="stopped"}';
      const buried = "scouter_broker_rejected_total{";
      assert.equal(world.metric(lost) + world.metric(buried), 1);
    });
  },
});

class RedisHandle implements AsyncDisposable {
  readonly client: Redis;
  constructor(uri: string) {
    this.client = new Redis(uri);
  }
  async [Symbol.asyncDispose]() {
    await this.client.quit();
  }
}
