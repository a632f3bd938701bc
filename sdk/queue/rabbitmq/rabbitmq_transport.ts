/**
 * Messages through RabbitMQ.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { Connection } from "rabbitmq-client";
import { Reconnecting } from "../reconnecting.ts";
import type { Transport } from "../transport.ts";
import type { RabbitMQConfig } from "./rabbitmq_config.ts";

type Channel = Awaited<ReturnType<Connection["acquire"]>>;

/** A connection with the one channel that is published on. */
interface Broker {
  readonly connection: Connection;
  readonly channel: Channel;
  /** Ids of messages that had nowhere to go; the broker tells before it confirms them. */
  readonly returned: Set<string>;
}

const DURABLE = true;
const NOT_FOUND = "NOT_FOUND";

/**
 * Sends durable messages to a durable queue and waits until the broker confirms each. The queue is made when there is none.
 *
 * @example
 * ```ts
 * import { RabbitMQConfig, RabbitMQTransport } from "@scouter/sdk/queue/rabbitmq";
 *
 * const transport = new RabbitMQTransport(new RabbitMQConfig({ host: "localhost" }));
 * console.log(transport.name); // "rabbitmq"
 * await transport.close();
 * ```
 */
export class RabbitMQTransport implements Transport {
  /** For people. */
  readonly name = "rabbitmq";
  readonly #queue: string;
  readonly #link: Reconnecting<Broker>;

  /**
   * Makes a transport; connects when the first message comes.
   *
   * @param config where and how
   */
  constructor(config: RabbitMQConfig) {
    this.#queue = config.queue;
    this.#link = new Reconnecting({
      what: `RabbitMQ at ${new URL(config.address).host}`,
      timeoutMs: config.timeoutMs,
      open: () => open(config),
      async close({ connection, channel }, broken) {
        if (broken) return connection.unsafeDestroy();
        await channel.close();
        await connection.close();
      },
    });
  }

  /** Checks that the broker is there, accepts the caller, and has the queue. */
  async connect(signal: AbortSignal): Promise<void> {
    await this.#link.ensure(signal);
  }

  /** Sends a message; resolves when the broker has confirmed it. */
  async send(message: string, signal: AbortSignal): Promise<void> {
    const queue = this.#queue;
    await this.#link.use(signal, async ({ channel, returned }) => {
      const messageId = crypto.randomUUID();
      await channel.basicPublish(
        {
          routingKey: queue,
          mandatory: true,
          durable: DURABLE,
          contentType: "application/json",
          messageId,
        },
        Buffer.from(message),
      );
      // The client tells of what was returned a turn later than the confirmation, which comes after it on the wire.
      await new Promise((resolve) => setImmediate(resolve));
      // The queue was removed meanwhile. With a new connection it is made again.
      if (returned.delete(messageId)) throw new Error(`there is no queue "${queue}"`);
    });
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    await this.#link.close();
  }
}

async function open({ address, queue, timeoutMs }: RabbitMQConfig): Promise<Broker> {
  const connection = new Connection({
    url: address,
    connectionName: "scouter-sdk",
    connectionTimeout: timeoutMs,
    acquireTimeout: timeoutMs,
  });
  try {
    // The client would go on trying by itself; here the queue decides when to try again.
    await new Promise<void>((resolve, reject) => {
      connection.on("error", reject);
      connection.on("connection", resolve);
    });
    await declare(connection, queue);
    const channel = await connection.acquire();
    const returned = new Set<string>();
    channel.on("basic.return", ({ messageId }) => void returned.add(messageId ?? ""));
    await channel.confirmSelect();
    return { connection, channel, returned };
  } catch (error) {
    connection.unsafeDestroy();
    throw error;
  }
}

/** Leaves a queue as it is: who consumes it may have made it with arguments of its own. */
async function declare(connection: Connection, queue: string): Promise<void> {
  try {
    await connection.queueDeclare({ queue, passive: true });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === NOT_FOUND)) throw error;
    await connection.queueDeclare({ queue, durable: DURABLE });
  }
}
