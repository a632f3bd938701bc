import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kafkaClientOptions } from "../../../server/consumers/kafka/client_options.ts";
import { loadSettings } from "../../../server/config_load.ts";

function loaded(env: Record<string, string>) {
  const { settings, problems } = loadSettings(env);
  assert.deepEqual(problems, []);
  assert.ok(settings !== null);
  return settings;
}

const problemsOf = (env: Record<string, string>) => loadSettings(env).problems;

describe("the settings of brokers", () => {
  it("consume from nothing unless an address is given", () => {
    const settings = loaded({});
    assert.deepEqual(
      [settings.kafkaBrokers, settings.rabbitmqAddr, settings.redisAddr],
      [[], "", ""],
    );
  });

  it("have the names and defaults that existing installations know", () => {
    const settings = loaded({ KAFKA_BROKERS: "a:9092, b:9092" });
    assert.deepEqual(settings.kafkaBrokers, ["a:9092", "b:9092"]);
    assert.deepEqual(settings.kafkaTopics, ["scouter_monitoring"]);
    assert.equal(settings.kafkaGroup, "scouter");
    assert.equal(settings.kafkaOffsetReset, "earliest");
    assert.equal(settings.kafkaWorkers, 3);
    assert.equal(settings.rabbitmqQueue, "scouter_monitoring");
    assert.equal(settings.rabbitmqConsumers, 3);
    assert.equal(settings.rabbitmqPrefetch, 10);
    assert.equal(settings.redisChannel, "scouter_monitoring");
    assert.equal(settings.redisConsumers, 3);
    assert.deepEqual(loaded({ KAFKA_TOPIC: "x,y" }).kafkaTopics, ["x", "y"]);
  });

  it("log in to Kafka over TLS when a user is given", async () => {
    const KAFKA_BROKERS = "a:9092";
    const plain = await kafkaClientOptions(loaded({ KAFKA_BROKERS }));
    assert.deepEqual([plain.sasl, plain.tls], [undefined, undefined]);
    const login = { KAFKA_BROKERS, KAFKA_USERNAME: "u", KAFKA_PASSWORD: "p" };
    const both = await kafkaClientOptions(loaded(login));
    assert.deepEqual(both.sasl, { mechanism: "PLAIN", username: "u", password: "p" });
    assert.deepEqual(both.tls, {});
    const scram = await kafkaClientOptions(loaded({
      ...login,
      KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
      KAFKA_SECURITY_PROTOCOL: "SASL_PLAINTEXT",
    }));
    assert.deepEqual([scram.sasl?.mechanism, scram.tls], ["SCRAM-SHA-512", undefined]);
    const tls = await kafkaClientOptions(loaded({ KAFKA_BROKERS, KAFKA_SECURITY_PROTOCOL: "ssl" }));
    assert.deepEqual([tls.sasl, tls.tls], [undefined, {}]);
  });

  it("say when the certificates cannot be read", async () => {
    const settings = loaded({
      KAFKA_BROKERS: "a:9092",
      KAFKA_SECURITY_PROTOCOL: "ssl",
      KAFKA_CERT_LOCATION: "/nowhere/ca.pem",
    });
    await assert.rejects(kafkaClientOptions(settings), /KAFKA_CERT_LOCATION \/nowhere\/ca.pem/);
  });

  it("are refused at start when they contradict each other", () => {
    const KAFKA_BROKERS = "a:9092";
    assert.match(problemsOf({ KAFKA_BROKERS: "no port" })[0] ?? "", /^KAFKA_BROKERS/);
    assert.match(problemsOf({ KAFKA_BROKERS, KAFKA_USERNAME: "u" })[0] ?? "", /belong together/);
    assert.match(
      problemsOf({ KAFKA_BROKERS, KAFKA_SECURITY_PROTOCOL: "sasl_ssl" })[0] ?? "",
      /needs KAFKA_USERNAME/,
    );
    assert.match(
      problemsOf({
        KAFKA_BROKERS,
        KAFKA_SECURITY_PROTOCOL: "ssl",
        KAFKA_USERNAME: "u",
        KAFKA_PASSWORD: "p",
      })[0] ?? "",
      /use sasl_ssl/,
    );
    assert.match(
      problemsOf({ KAFKA_BROKERS, KAFKA_DEAD_LETTER_TOPIC: "scouter_monitoring" })[0] ?? "",
      /also in KAFKA_TOPIC/,
    );
    assert.match(
      problemsOf({
        RABBITMQ_ADDR: "amqp://a",
        RABBITMQ_DEAD_LETTER_QUEUE: "scouter_monitoring",
      })[0] ??
        "",
      /also what is consumed/,
    );
  });

  it("never repeat an address, which may hold a password", () => {
    for (const name of ["RABBITMQ_ADDR", "REDIS_ADDR"]) {
      const problems = problemsOf({ [name]: "http://user:hunter2@host" });
      assert.equal(problems.length, 1);
      assert.ok(problems[0]?.startsWith(name) && !problems[0].includes("hunter2"), problems[0]);
    }
  });
});
