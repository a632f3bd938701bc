import assert from "node:assert/strict";
import { join } from "node:path";
import { brokerSuite } from "./broker_suite.ts";
import { connectKafka, kafkaEnv } from "./clients/kafka.ts";
import { ids, messageOfId, startWorld, until } from "./world.ts";

brokerSuite({
  kind: "kafka",
  source: "kafka",
  brokerEnv: { KAFKA_SASL_SSL: "scouter:hunter2" },
  env: kafkaEnv,
  connect: connectKafka,
  mostInFlight: 64,
  more(on) {
    on("logs in over TLS, and says what is wrong with a login", async (broker, place) => {
      await using client = await connectKafka(broker.uri, place);
      const [host, port] = broker.uri.split(":");
      const env = {
        ...kafkaEnv(`${host}:${Number(port) + 2}`, place),
        KAFKA_USERNAME: "scouter",
        KAFKA_PASSWORD: "hunter2",
        KAFKA_CERT_LOCATION: join(broker.directory, "ca.pem"),
      };
      for (const mechanism of ["PLAIN", "SCRAM-SHA-256"]) {
        await using world = await startWorld({ ...env, KAFKA_SASL_MECHANISM: mechanism });
        await client.send([messageOfId(mechanism)]);
        await until(`the message by ${mechanism}`, () => world.stored.has(mechanism));
      }
      const wrong = [
        { more: { KAFKA_PASSWORD: "hunter3" }, problem: /SASL authentication failed/ },
        { more: { KAFKA_CERT_LOCATION: "" }, problem: /unable to verify|self-signed/ },
      ];
      for (const { more, problem } of wrong) {
        await using world = await startWorld({ ...env, ...more });
        await until("a failure", () => world.metric("scouter_broker_disconnects_total{") >= 1);
        const check = world.consumers.checks().kafka ?? "";
        assert.match(check, problem);
        assert.ok(!check.includes("hunter"));
      }
    });

    on("says where a message is that is too large for the dead letters", async (...given) => {
      const [{ uri }, place] = given;
      await using client = await connectKafka(uri, place);
      // Fits into the broker's largest batch of 1,048,588 bytes, but not together with the reason.
      await client.send(["x".repeat(1_048_400)]);
      await using world = await startWorld(kafkaEnv(uri, place));
      const [letter] = await client.deadLetters(1);
      assert.equal(letter?.body, "");
      assert.equal(letter.headers["scouter-dead-letter-truncated"], "true");
      assert.equal(letter.headers["scouter-dead-letter-reason"], "bad_request");
      assert.equal(letter.headers["scouter-dead-letter-source"], place);
      assert.equal(letter.headers["scouter-dead-letter-partition"], "0");
      assert.equal(letter.headers["scouter-dead-letter-offset"], "0");
      await world.stop();
      assert.equal(await client.waiting(), 0);
    });

    on("stores every message once while servers come and go", async ({ uri }, place) => {
      await using client = await connectKafka(uri, place);
      const slow = () => new Promise<void>((wake) => setTimeout(wake, 5));
      const env = { ...kafkaEnv(uri, place), KAFKA_WORKER_COUNT: "1" };
      let sent = 0;
      let enough = false;
      const sending = (async () => {
        for (; !enough; sent += 40) {
          await client.send(ids(sent, sent + 40).map(messageOfId));
          await new Promise((wake) => setTimeout(wake, 60));
        }
      })();
      await using a = await startWorld(env, slow);
      await until("the first", () => a.stored.size > 50);
      await using b = await startWorld(env, slow);
      await until("the second", () => b.stored.size > 50);
      await using c = await startWorld(env, slow);
      await until("the third", () => c.stored.size > 50);
      await a.stop();
      enough = true;
      const worlds = [a, b, c];
      const total = () => worlds.reduce((sum, { stored }) => sum + stored.size, 0);
      await sending;
      await until("all messages", () => total() >= sent);
      await Promise.all(worlds.map((world) => world.stop()));
      const stored = worlds.flatMap((world) => [...world.stored]);
      assert.equal(new Set(stored.map(([id]) => id)).size, sent);
      assert.equal(stored.reduce((sum, [, times]) => sum + times, 0), sent);
      assert.equal(await client.waiting(), 0);
    });
  },
});
