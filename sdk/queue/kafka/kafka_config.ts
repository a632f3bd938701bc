/**
 * Where a Kafka cluster is.
 *
 * @module
 */

import { QueueError } from "../errors.ts";
import { setting, wholeNumber } from "../settings.ts";
import type { TransportConfig } from "../transport.ts";
import { KafkaTransport } from "./kafka_transport.ts";

/** How messages are compressed on their way. */
export type KafkaCompression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

/** Whether the connection is encrypted and asks for a login. */
export type KafkaSecurityProtocol = "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";

/** How a login is made. */
export type KafkaSaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";

/** What a {@linkcode KafkaConfig} is made from. */
export interface KafkaConfigOptions {
  /** `host:port`, several separated by commas; else `KAFKA_BROKERS`, else `localhost:9092`. */
  readonly brokers?: string;
  /** Topic; else `SCOUTER_KAFKA_TOPIC`, else `KAFKA_TOPIC`, else `scouter_monitoring`. */
  readonly topic?: string;
  /** User; else `KAFKA_USERNAME`, else `KAFKA_KEY`. */
  readonly username?: string;
  /** Password; else `KAFKA_PASSWORD`, else `KAFKA_SECRET`. */
  readonly password?: string;
  /** Else `KAFKA_SECURITY_PROTOCOL`, else `SASL_SSL` with a login and `PLAINTEXT` without. */
  readonly securityProtocol?: KafkaSecurityProtocol;
  /** Else `KAFKA_SASL_MECHANISM`, else `PLAIN`. */
  readonly saslMechanism?: KafkaSaslMechanism;
  /** File with certificates of authorities to trust, PEM; else `KAFKA_CERT_LOCATION`, else the runtime's own. */
  readonly caLocation?: string;
  /** `gzip` by default. */
  readonly compressionType?: KafkaCompression;
  /** Longest time in milliseconds for a message with its retries, before the queue starts anew; 600,000 by default. */
  readonly messageTimeoutMs?: number;
  /** Longest time in milliseconds for one request to a broker; 30,000 by default. */
  readonly requestTimeoutMs?: number;
  /** Longest message in bytes; 2,097,164 by default. */
  readonly messageMaxBytes?: number;
  /** Further attempts of the client itself; 3 by default. */
  readonly maxRetries?: number;
}

const COMPRESSIONS: readonly string[] = ["none", "gzip", "snappy", "lz4", "zstd"];
const PROTOCOLS = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] as const;
const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

/**
 * Settings of a {@linkcode KafkaTransport}.
 *
 * @example
 * ```ts
 * import { KafkaConfig } from "@scouter/sdk/queue/kafka";
 *
 * const config = new KafkaConfig({ brokers: "one:9092,two:9092" });
 * console.log(config.brokers, config.topic); // ["one:9092", "two:9092"] "scouter_monitoring"
 * ```
 */
export class KafkaConfig implements TransportConfig {
  /** Tells the kinds of transport apart. */
  readonly transportType = "Kafka";
  /** Where to learn of the cluster, as `host:port`. */
  readonly brokers: readonly string[];
  /** The topic. */
  readonly topic: string;
  /** The user; null without a login. */
  readonly username: string | null;
  /** The password; null without a login. */
  readonly password: string | null;
  /** Whether the connection is encrypted and asks for a login. */
  readonly securityProtocol: KafkaSecurityProtocol;
  /** How a login is made. */
  readonly saslMechanism: KafkaSaslMechanism;
  /** File with certificates of authorities to trust, PEM; null for the runtime's own. */
  readonly caLocation: string | null;
  /** How messages are compressed. */
  readonly compressionType: KafkaCompression;
  /** Longest time in milliseconds for a message with its retries. */
  readonly messageTimeoutMs: number;
  /** Longest time in milliseconds for one request to a broker. */
  readonly requestTimeoutMs: number;
  /** Longest message in bytes. */
  readonly messageMaxBytes: number;
  /** Further attempts of the client itself. */
  readonly maxRetries: number;

  /**
   * Looks settings up.
   *
   * @throws {QueueError} `INVALID_ARGUMENT` naming the setting and what it may be
   */
  constructor(options: KafkaConfigOptions = {}) {
    const text = setting(options.brokers, "KAFKA_BROKERS") ?? "localhost:9092";
    this.brokers = text.split(",").map((broker) => broker.trim());
    for (const broker of this.brokers) checkBroker(broker);
    this.topic = setting(options.topic, "SCOUTER_KAFKA_TOPIC", "KAFKA_TOPIC") ??
      "scouter_monitoring";
    if (!/^[A-Za-z0-9._-]{1,249}$/.test(this.topic)) {
      throw new QueueError("INVALID_ARGUMENT", `topic "${this.topic}" is no name Kafka takes`);
    }
    this.username = setting(options.username, "KAFKA_USERNAME", "KAFKA_KEY") ?? null;
    this.password = setting(options.password, "KAFKA_PASSWORD", "KAFKA_SECRET") ?? null;
    if ((this.username === null) !== (this.password === null)) {
      const missing = this.username === null ? "username" : "password";
      throw new QueueError("INVALID_ARGUMENT", `${missing} is missing: a login needs both`);
    }
    this.securityProtocol = this.#protocol(options.securityProtocol);
    const mechanism = setting(options.saslMechanism, "KAFKA_SASL_MECHANISM") ?? "PLAIN";
    this.saslMechanism = oneOf("saslMechanism", mechanism.toUpperCase(), MECHANISMS);
    this.caLocation = setting(options.caLocation, "KAFKA_CERT_LOCATION") ?? null;
    this.compressionType = options.compressionType ?? "gzip";
    oneOf("compressionType", this.compressionType, COMPRESSIONS);
    const { messageTimeoutMs, requestTimeoutMs, messageMaxBytes, maxRetries } = options;
    this.messageTimeoutMs = wholeNumber("messageTimeoutMs", messageTimeoutMs, 600_000, 1);
    this.requestTimeoutMs = wholeNumber("requestTimeoutMs", requestTimeoutMs, 30_000, 1);
    this.messageMaxBytes = wholeNumber("messageMaxBytes", messageMaxBytes, 2_097_164, 1);
    this.maxRetries = wholeNumber("maxRetries", maxRetries, 3);
  }

  #protocol(given: KafkaSecurityProtocol | undefined): KafkaSecurityProtocol {
    const wanted = (setting(given, "KAFKA_SECURITY_PROTOCOL") ?? "auto").toUpperCase();
    const isLogin = this.username !== null;
    if (wanted === "AUTO") return isLogin ? "SASL_SSL" : "PLAINTEXT";
    const protocol = oneOf("securityProtocol", wanted, PROTOCOLS);
    if (protocol.startsWith("SASL_") === isLogin) return protocol;
    throw new QueueError(
      "INVALID_ARGUMENT",
      isLogin
        ? `${protocol} makes no login: take SASL_${
          protocol === "SSL" ? "SSL" : "PLAINTEXT"
        }, or no username and password`
        : `${protocol} needs username and password`,
    );
  }

  /**
   * Makes the transport.
   *
   * @throws {QueueError} `UNSUPPORTED_RUNTIME` on a Node.js that is too old for the client
   */
  createTransport(): KafkaTransport {
    return new KafkaTransport(this);
  }
}

function checkBroker(text: string): void {
  const url = URL.canParse(`kafka://${text}`) ? new URL(`kafka://${text}`) : null;
  if (url !== null && url.hostname !== "" && url.port !== "" && url.host === text) return;
  throw new QueueError("INVALID_ARGUMENT", `brokers: "${text}" is not host:port`);
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new QueueError(
    "INVALID_ARGUMENT",
    `${name} must be one of ${allowed.join(", ")}, got "${value}"`,
  );
}
