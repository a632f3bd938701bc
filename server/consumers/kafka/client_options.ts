/**
 * How to reach Kafka, from the settings.
 *
 * @module
 */

import type { BaseOptions } from "@platformatic/kafka";
import { readFile } from "node:fs/promises";
import type { Settings } from "../../config.ts";
import { ScouterError } from "../../errors.ts";

/** Settings that say how to reach Kafka. */
export type KafkaAccess = Pick<
  Settings,
  | "kafkaBrokers"
  | "kafkaUsername"
  | "kafkaPassword"
  | "kafkaSecurityProtocol"
  | "kafkaSaslMechanism"
  | "kafkaCertLocation"
>;

const MECHANISMS = {
  "plain": "PLAIN",
  "scram-sha-256": "SCRAM-SHA-256",
  "scram-sha-512": "SCRAM-SHA-512",
} as const;

/**
 * Options of every client.
 *
 * @throws {ScouterError} PRECONDITION_FAILED when the certificate file cannot be read.
 */
export async function kafkaClientOptions(access: KafkaAccess): Promise<BaseOptions> {
  const { kafkaUsername: username, kafkaPassword: password } = access;
  const protocol = access.kafkaSecurityProtocol !== "auto"
    ? access.kafkaSecurityProtocol
    : username === ""
    ? "plaintext"
    : "sasl_ssl";
  return {
    clientId: "scouter",
    bootstrapBrokers: [...access.kafkaBrokers],
    connectTimeout: 10_000,
    requestTimeout: 30_000,
    // Few: the source starts over with a wait of its own, and says so.
    retries: 3,
    retryDelay: 300,
    autocreateTopics: true,
    ...(protocol.startsWith("sasl")
      ? { sasl: { mechanism: MECHANISMS[access.kafkaSaslMechanism], username, password } }
      : {}),
    ...(protocol.endsWith("ssl") ? { tls: await tlsOptions(access.kafkaCertLocation) } : {}),
  };
}

async function tlsOptions(certLocation: string): Promise<{ ca?: string }> {
  if (certLocation === "") return {};
  try {
    return { ca: await readFile(certLocation, "utf8") };
  } catch (cause) {
    throw new ScouterError(
      "PRECONDITION_FAILED",
      `KAFKA_CERT_LOCATION ${certLocation} cannot be read: ${
        cause instanceof Error ? cause.message : cause
      }`,
      { cause },
    );
  }
}
