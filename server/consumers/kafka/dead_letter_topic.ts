/**
 * Writes dead letters to a topic.
 *
 * @module
 */

import type { BaseOptions, Producer } from "@platformatic/kafka";
import { deadLetterHeaders, deadLetterName, type Refusal } from "../dead_letter.ts";
import type { KafkaMessage } from "./lane.ts";

type KafkaProducer = Producer<Buffer, Buffer, Buffer, Buffer>;

/** Where a message was. */
export function originOf(message: KafkaMessage) {
  return {
    source: message.topic,
    details: {
      "scouter-dead-letter-partition": String(message.partition),
      "scouter-dead-letter-offset": String(message.offset),
    },
  };
}

/** Connects when the first dead letter comes. */
export class DeadLetterTopic {
  readonly #kafka: typeof import("@platformatic/kafka");
  readonly #client: BaseOptions;
  readonly #setting: string;
  #producer: KafkaProducer | null = null;

  /** @param setting Name of the topic; empty for one beside each source topic. */
  constructor(kafka: typeof import("@platformatic/kafka"), client: BaseOptions, setting: string) {
    this.#kafka = kafka;
    this.#client = client;
    this.#setting = setting;
  }

  /** Resolves when all replicas in sync have it. Key, value and headers stay as they were; the reason is added. */
  async write(message: KafkaMessage, refusal: Refusal): Promise<void> {
    this.#producer ??= this.#connect();
    const producer = this.#producer;
    const headers = new Map<Buffer, Buffer>(message.headerEntries);
    for (const [name, value] of Object.entries(deadLetterHeaders(refusal, originOf(message)))) {
      headers.set(Buffer.from(name), Buffer.from(value));
    }
    const topic = deadLetterName(this.#setting, message.topic);
    const send = (value: Buffer) =>
      producer.send({
        messages: [{ topic, ...(message.key ? { key: message.key } : {}), value, headers }],
        acks: this.#kafka.ProduceAcks.ALL,
      });
    try {
      await send(message.value ?? Buffer.alloc(0));
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      // The topic takes smaller messages than the one it came from. The headers say where the whole message is.
      headers.set(Buffer.from("scouter-dead-letter-truncated"), Buffer.from("true"));
      await send(Buffer.alloc(0));
    }
  }

  /** Disconnects. */
  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.close(true);
  }

  #connect(): KafkaProducer {
    const producer: KafkaProducer = new this.#kafka.Producer(this.#client);
    // Told to whoever sends; without a listener it would end the process.
    producer.on("error", () => {});
    return producer;
  }
}

function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("apiId" in error && /MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE/.test(String(error.apiId))) {
    return true;
  }
  const inner = "errors" in error && Array.isArray(error.errors) ? error.errors : [error.cause];
  return inner.some(isTooLarge);
}
