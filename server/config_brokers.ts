/**
 * The settings of the message brokers the server may consume from.
 *
 * @module
 */

import { choice, flag, integer, list, type SettingValue, text } from "./config_types.ts";

const BROKERS = "Brokers";
const DEFAULT_NAME = "scouter_monitoring";

function isHostAndPort(item: string): boolean {
  return /^(\[[0-9a-f:]+\]|[a-z0-9._-]+):\d{1,5}$/i.test(item);
}

/** Kafka allows these characters, and at most 249 of them. */
function isTopic(item: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(item);
}

/** Settings of the brokers, in the order they are documented. */
export const BROKER_SETTINGS = {
  brokerMaxTries: integer("SCOUTER_BROKER_MAX_TRIES", 5, { min: 1, max: 1000 }, {
    group: BROKERS,
    unit: "tries",
    meaning:
      "After so many failures a message goes to the dead letters. Those that no repetition can help go at once; waiting because the server is busy does not count.",
  }),
  kafkaBrokers: list(
    "KAFKA_BROKERS",
    isHostAndPort,
    "addresses such as broker:9092, separated by commas",
    { group: BROKERS, defaultText: "off", meaning: "Kafka brokers to consume from." },
  ),
  kafkaTopics: list("KAFKA_TOPIC", isTopic, "Kafka topic names, separated by commas", {
    group: BROKERS,
    meaning: "Topics to consume.",
  }, [DEFAULT_NAME]),
  kafkaGroup: text("KAFKA_GROUP", "scouter", {
    group: BROKERS,
    meaning: "Consumer group; all servers of one installation use the same.",
  }),
  kafkaOffsetReset: choice("KAFKA_OFFSET_RESET", "earliest", ["earliest", "latest"], {
    group: BROKERS,
    meaning: "Where to begin in a partition of which the group has committed nothing.",
  }),
  kafkaWorkers: integer("KAFKA_WORKER_COUNT", 3, { min: 1, max: 64 }, {
    group: BROKERS,
    unit: "consumers",
    meaning: "Members of the group in this process. More than there are partitions do nothing.",
  }),
  kafkaDeadLetterTopic: text("KAFKA_DEAD_LETTER_TOPIC", "", {
    group: BROKERS,
    defaultText: "the topic's name and `_dead_letter`",
    meaning: "Topic for messages that cannot be stored.",
  }),
  kafkaUsername: text("KAFKA_USERNAME", "", {
    group: BROKERS,
    defaultText: "none",
    meaning: "SASL user name.",
  }),
  kafkaPassword: text("KAFKA_PASSWORD", "", {
    group: BROKERS,
    secret: true,
    defaultText: "none",
    meaning: "SASL password.",
  }),
  kafkaSecurityProtocol: choice("KAFKA_SECURITY_PROTOCOL", "auto", [
    "auto",
    "plaintext",
    "ssl",
    "sasl_plaintext",
    "sasl_ssl",
  ], {
    group: BROKERS,
    meaning: "auto: sasl_ssl with user name and password, plaintext without.",
  }),
  kafkaSaslMechanism: choice("KAFKA_SASL_MECHANISM", "plain", [
    "plain",
    "scram-sha-256",
    "scram-sha-512",
  ], { group: BROKERS, meaning: "How to log in to Kafka." }),
  kafkaCertLocation: text("KAFKA_CERT_LOCATION", "", {
    group: BROKERS,
    defaultText: "the public authorities",
    meaning: "PEM file with the certificate authorities to trust for Kafka.",
  }),
  rabbitmqAddr: text("RABBITMQ_ADDR", "", {
    group: BROKERS,
    secret: true,
    defaultText: "off",
    meaning: "RabbitMQ to consume from: amqp://user:password@host:5672/vhost, or amqps://.",
  }),
  rabbitmqQueue: text("RABBITMQ_QUEUE", DEFAULT_NAME, {
    group: BROKERS,
    meaning: "Queue to consume; made (durable) when missing.",
  }),
  rabbitmqConsumers: integer("RABBITMQ_CONSUMER_COUNT", 3, { min: 1, max: 64 }, {
    group: BROKERS,
    unit: "consumers",
    meaning: "Consumers in this process.",
  }),
  rabbitmqPrefetch: integer("RABBITMQ_PREFETCH_COUNT", 10, { min: 1, max: 65_535 }, {
    group: BROKERS,
    unit: "messages",
    meaning: "Messages each consumer stores at the same time.",
  }),
  rabbitmqConsumerTag: text("RABBITMQ_CONSUMER_TAG", "scouter", {
    group: BROKERS,
    meaning: "Name of the consumers, as RabbitMQ's tools show it; a number is added.",
  }),
  rabbitmqDeadLetterQueue: text("RABBITMQ_DEAD_LETTER_QUEUE", "", {
    group: BROKERS,
    defaultText: "the queue's name and `_dead_letter`",
    meaning: "Queue for messages that cannot be stored.",
  }),
  redisAddr: text("REDIS_ADDR", "", {
    group: BROKERS,
    secret: true,
    defaultText: "off",
    meaning: "Redis to consume from: redis://user:password@host:6379/0, or rediss://.",
  }),
  redisMode: choice("REDIS_MODE", "both", ["both", "stream", "pubsub"], {
    group: BROKERS,
    meaning:
      "stream: a stream, of which nothing is lost. pubsub: a channel; what is published while no server listens is lost, and every server gets all of it.",
  }),
  redisStream: text("REDIS_STREAM", DEFAULT_NAME, {
    group: BROKERS,
    meaning: "Stream to consume; the message is the field `message`, or the only field.",
  }),
  redisGroup: text("REDIS_GROUP", "scouter", {
    group: BROKERS,
    meaning: "Consumer group of the stream; all servers of one installation use the same.",
  }),
  redisChannel: text("REDIS_CHANNEL", DEFAULT_NAME, {
    group: BROKERS,
    meaning: "Channel to subscribe to.",
  }),
  redisConsumers: integer("REDIS_CONSUMER_COUNT", 3, { min: 1, max: 64 }, {
    group: BROKERS,
    unit: "× 32 messages",
    meaning: "Messages stored at the same time.",
  }),
  redisClaimIdleSeconds: integer("REDIS_CLAIM_IDLE_SECS", 60, { min: 1, max: 86_400 }, {
    group: BROKERS,
    unit: "s",
    meaning: "Entries that another server took and did not acknowledge for so long are taken over.",
  }),
  redisStreamDelete: flag("REDIS_STREAM_DELETE", true, {
    group: BROKERS,
    meaning:
      "Delete stored entries from the stream, so that it does not grow. Turn off when others read the stream too, and let the producers limit it.",
  }),
  redisDeadLetterStream: text("REDIS_DEAD_LETTER_STREAM", "", {
    group: BROKERS,
    defaultText: "the name of the stream or channel and `_dead_letter`",
    meaning: "Stream for messages that cannot be stored.",
  }),
} as const;

/** What {@linkcode brokerContradictions} looks at. */
type Values = Readonly<Record<keyof typeof BROKER_SETTINGS, SettingValue>>;

/** Broker settings that cannot be used, or not together. One sentence each. */
export function brokerContradictions(settings: Values): string[] {
  const problems: string[] = [];
  if (Array.isArray(settings.kafkaBrokers) && settings.kafkaBrokers.length > 0) {
    const { kafkaUsername, kafkaPassword, kafkaSecurityProtocol } = settings;
    if ((kafkaUsername === "") !== (kafkaPassword === "")) {
      problems.push("KAFKA_USERNAME and KAFKA_PASSWORD belong together; set both or none.");
    }
    const sasl = String(kafkaSecurityProtocol).startsWith("sasl");
    if (sasl && kafkaUsername === "") {
      problems.push(
        `KAFKA_SECURITY_PROTOCOL is ${kafkaSecurityProtocol}, which needs KAFKA_USERNAME and KAFKA_PASSWORD.`,
      );
    }
    if (!sasl && kafkaSecurityProtocol !== "auto" && kafkaUsername !== "") {
      problems.push(
        `KAFKA_SECURITY_PROTOCOL is ${kafkaSecurityProtocol}, which does not log in; take KAFKA_USERNAME and KAFKA_PASSWORD away or use sasl_${
          kafkaSecurityProtocol === "ssl" ? "ssl" : "plaintext"
        }.`,
      );
    }
    if (Array.isArray(settings.kafkaTopics)) {
      for (const topic of settings.kafkaTopics) {
        if (topic === settings.kafkaDeadLetterTopic) {
          problems.push(`KAFKA_DEAD_LETTER_TOPIC is ${topic}, which is also in KAFKA_TOPIC.`);
        }
      }
    }
  }
  problems.push(
    ...badUri("RABBITMQ_ADDR", settings.rabbitmqAddr, ["amqp:", "amqps:"]),
    ...badUri("REDIS_ADDR", settings.redisAddr, ["redis:", "rediss:"]),
  );
  const equal = [
    ["RABBITMQ_DEAD_LETTER_QUEUE", settings.rabbitmqDeadLetterQueue, settings.rabbitmqQueue],
    ["REDIS_DEAD_LETTER_STREAM", settings.redisDeadLetterStream, settings.redisStream],
  ];
  for (const [name, value, source] of equal) {
    if (value !== "" && value === source) {
      problems.push(`${name} is ${value}, which is also what is consumed.`);
    }
  }
  return problems;
}

/** Names the expectation, never the value: it may hold a password. */
function badUri(name: string, value: SettingValue, protocols: readonly string[]): string[] {
  if (value === "") return [];
  const uri = URL.canParse(String(value)) ? new URL(String(value)) : null;
  if (uri !== null && protocols.includes(uri.protocol) && uri.hostname !== "") return [];
  return [`${name}: its value is not a URI that starts with ${protocols.join("// or ")}//.`];
}
