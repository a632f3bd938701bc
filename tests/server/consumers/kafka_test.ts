import assert from "node:assert/strict";
import { brokerSuite } from "./broker_suite.ts";
import { connectKafka, kafkaEnv } from "./clients/kafka.ts";
import { ids, messageOfId, startWorld, until } from "./world.ts";

brokerSuite({
  kind: "kafka",
  source: "kafka",
  env: kafkaEnv,
  connect: connectKafka,
  mostInFlight: 64,
  more(on) {
    on("stores every message once while servers come and go", async ({ uri }, place) => {
      await using client = await connectKafka(uri, place);
      const slow = () => new Promise<void>((wake) => setTimeout(wake, 5));
      const env = { ...kafkaEnv(uri, place), KAFKA_WORKER_COUNT: "1" };
      const all = ids(0, 2000);
      let sent = 0;
      const sending = (async () => {
        for (; sent < all.length; sent += 40) {
          await client.send(all.slice(sent, sent + 40).map(messageOfId));
          await new Promise((wake) => setTimeout(wake, 60));
        }
      })();
      await using a = await startWorld(env, slow);
      await until("the first", () => a.stored.size > 50);
      await using b = await startWorld(env, slow);
      await until("the second", () => b.stored.size > 50);
      await using c = await startWorld(env, slow);
      await until("the third", () => c.stored.size > 50);
      assert.ok(sent < all.length, "the messages ended before the servers had come");
      await a.stop();
      const worlds = [a, b, c];
      const total = () => worlds.reduce((sum, { stored }) => sum + stored.size, 0);
      await sending;
      await until("all messages", () => total() >= all.length);
      await Promise.all(worlds.map((world) => world.stop()));
      const stored = worlds.flatMap((world) => [...world.stored]);
      assert.equal(new Set(stored.map(([id]) => id)).size, all.length);
      assert.equal(stored.reduce((sum, [, times]) => sum + times, 0), all.length);
      assert.equal(await client.waiting(), 0);
    });
  },
});
