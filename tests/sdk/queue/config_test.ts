import assert from "node:assert/strict";
import process from "node:process";
import { afterEach, describe, it } from "node:test";
import { ClientError } from "../../../sdk/client/mod.ts";
import { GrpcConfig } from "../../../sdk/queue/grpc/mod.ts";
import { unsupportedRuntime } from "../../../sdk/queue/kafka/client.ts";
import { KafkaConfig } from "../../../sdk/queue/kafka/mod.ts";
import { HttpConfig, MockConfig, QueueError, ScouterQueue } from "../../../sdk/queue/mod.ts";
import { RabbitMQConfig } from "../../../sdk/queue/rabbitmq/mod.ts";
import { RedisConfig } from "../../../sdk/queue/redis/mod.ts";

const changed = new Map<string, string | undefined>();

function env(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!changed.has(name)) changed.set(name, process.env[name]);
    process.env[name] = value;
  }
}

afterEach(() => {
  for (const [name, value] of changed) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  changed.clear();
});

const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof QueueError && error.code === "INVALID_ARGUMENT" && pattern.test(error.message);

describe("settings of Kafka", () => {
  it("have defaults, are read from the environment, and arguments beat it", () => {
    const { brokers, topic, securityProtocol, saslMechanism, username, ...rest } =
      new KafkaConfig();
    assert.deepEqual([brokers, topic, securityProtocol, saslMechanism, username], [
      ["localhost:9092"],
      "scouter_monitoring",
      "PLAINTEXT",
      "PLAIN",
      null,
    ]);
    const { compressionType, messageTimeoutMs, messageMaxBytes, maxRetries } = rest;
    assert.deepEqual([compressionType, messageTimeoutMs, messageMaxBytes, maxRetries], [
      "gzip",
      600_000,
      2_097_164,
      3,
    ]);
    env({ KAFKA_BROKERS: "a:1,b:2", KAFKA_TOPIC: "general", KAFKA_KEY: "k", KAFKA_SECRET: "s" });
    const general = new KafkaConfig();
    assert.deepEqual(general.brokers, ["a:1", "b:2"]);
    assert.deepEqual([general.topic, general.username, general.password], ["general", "k", "s"]);
    assert.equal(general.securityProtocol, "SASL_SSL");
    // In the server's spelling.
    env({ KAFKA_SECURITY_PROTOCOL: "sasl_plaintext", KAFKA_SASL_MECHANISM: "scram-sha-512" });
    env({ SCOUTER_KAFKA_TOPIC: "ours", KAFKA_USERNAME: "u" });
    const all = new KafkaConfig({ password: "given" });
    assert.deepEqual(
      [all.topic, all.username, all.password, all.securityProtocol, all.saslMechanism],
      ["ours", "u", "given", "SASL_PLAINTEXT", "SCRAM-SHA-512"],
    );
  });

  it("name what cannot be", () => {
    assert.throws(() => new KafkaConfig({ brokers: "localhost" }), refused(/"localhost" is not/));
    assert.throws(() => new KafkaConfig({ topic: "a b" }), refused(/topic "a b"/));
    assert.throws(() => new KafkaConfig({ username: "u" }), refused(/password is missing/));
    assert.throws(() => new KafkaConfig({ securityProtocol: "SASL_SSL" }), refused(/username/));
    assert.throws(
      () => new KafkaConfig({ username: "u", password: "p", securityProtocol: "SSL" }),
      refused(/SASL_SSL/),
    );
    assert.throws(() => new KafkaConfig({ maxRetries: -1 }), refused(/maxRetries .* got -1/));
  });

  it("say which Node.js is too old for the client, and which way out there is", () => {
    for (const version of ["20.20.2", "22.18.0", "18.0.0"]) {
      assert.match(unsupportedRuntime("node", version) ?? "", /22\.19.*HTTP, gRPC, RabbitMQ/s);
    }
    for (const version of ["22.19.0", "22.23.3", "24.0.0"]) {
      assert.equal(unsupportedRuntime("node", version), null);
    }
    // What other runtimes tell of Node.js is what they imitate.
    assert.equal(unsupportedRuntime("deno", "20.0.0"), null);
    assert.equal(unsupportedRuntime("bun", "20.0.0"), null);
  });
});

describe("settings of RabbitMQ", () => {
  it("make the address from parts, and take a whole one where no part is given", () => {
    assert.equal(new RabbitMQConfig().address, "amqp://localhost:5672/%2f");
    env({
      RABBITMQ_HOST: "h",
      RABBITMQ_PORT: "1",
      RABBITMQ_USERNAME: "u",
      RABBITMQ_PASSWORD: "p@",
    });
    env({ RABBITMQ_QUEUE: "q" });
    const fromParts = new RabbitMQConfig();
    assert.deepEqual([fromParts.address, fromParts.queue], ["amqp://u:p%40@h:1/%2f", "q"]);
    env({ RABBITMQ_ADDR: "amqps://whole/v" });
    assert.equal(new RabbitMQConfig().address, "amqps://whole/v");
    assert.equal(new RabbitMQConfig({ host: "given" }).address, "amqp://u:p%40@given:1/%2f");
    assert.equal(new RabbitMQConfig({ address: "amqp://this" }).address, "amqp://this");
  });

  it("name what cannot be, and no password", () => {
    assert.throws(() => new RabbitMQConfig({ username: "u" }), refused(/password is missing/));
    assert.throws(
      () => new RabbitMQConfig({ address: "http://u:secret@h" }),
      (error) => refused(/amqp:\/\//)(error) && !String(error).includes("secret"),
    );
    env({ RABBITMQ_PORT: "many" });
    assert.throws(() => new RabbitMQConfig(), refused(/port .* got NaN/));
  });
});

describe("settings of Redis", () => {
  it("have defaults, and are read from the environment", () => {
    const { address, channel, stream } = new RedisConfig();
    assert.deepEqual([address, channel, stream], [
      "redis://127.0.0.1:6379",
      "scouter_monitoring",
      null,
    ]);
    env({ REDIS_ADDR: "rediss://r:1", REDIS_CHANNEL: "c", REDIS_STREAM: "s" });
    const all = new RedisConfig();
    assert.deepEqual([all.address, all.channel, all.stream], ["rediss://r:1", "c", "s"]);
    assert.throws(() => new RedisConfig({ address: "localhost" }), refused(/"localhost" is not/));
  });
});

describe("settings of servers", () => {
  it("over gRPC are in seconds as they are given, and know encryption by the address", () => {
    const config = new GrpcConfig({ keepAliveIntervalSecs: 5, timeoutSecs: 2 });
    assert.deepEqual(
      [config.serverUri, config.isEncrypted, config.timeoutMs, config.keepAliveIntervalMs],
      ["http://localhost:50051", false, 2_000, 5_000],
    );
    env({ SCOUTER_GRPC_URI: "https://s:1" });
    assert.equal(new GrpcConfig().isEncrypted, true);
    assert.throws(() => new GrpcConfig({ serverUri: "s:1" }), refused(/"s:1" is not/));
    assert.throws(() => new GrpcConfig({ username: "u" }), ClientError);
    assert.ok(
      !JSON.stringify(new GrpcConfig({ username: "u", password: "secret" })).includes("secret"),
    );
  });

  it("over HTTP are those of a client", () => {
    env({ SCOUTER_SERVER_URI: "http://s:1/", SCOUTER_USERNAME: "u", SCOUTER_PASSWORD: "p" });
    const { serverUri, username, password } = new HttpConfig();
    assert.deepEqual([serverUri, username, password], ["http://s:1", "u", "p"]);
    const keyed = new HttpConfig({ apiKey: "sk_1" });
    assert.deepEqual([keyed.apiKey, keyed.username], ["sk_1", undefined]);
  });
});

it("a queue makes its transport from settings, and keeps both", async () => {
  const configs = [
    [new HttpConfig(), "http"],
    [new GrpcConfig(), "grpc"],
    [new RabbitMQConfig(), "rabbitmq"],
    [new RedisConfig(), "redis"],
    [new MockConfig({ anything: 1 }), "mock"],
  ] as const;
  for (const [transport, name] of configs) {
    const queue = await ScouterQueue.fromProfile({}, { transport });
    assert.equal(queue.transport.name, name);
    assert.equal(queue.transportConfig, transport);
    await queue.shutdown();
  }
});
