/**
 * Messages through Redis.
 *
 * @module
 */

import { Redis } from "ioredis";
import { Reconnecting } from "../reconnecting.ts";
import { type Transport, TransportError } from "../transport.ts";
import type { RedisConfig } from "./redis_config.ts";

/** The field of a stream's entry that holds the message. */
const FIELD = "message";

/**
 * Publishes messages to a channel, or appends them to a stream. A message published while nobody listens is not taken for
 * sent: it is tried again like any other failure.
 *
 * @example
 * ```ts
 * import { RedisConfig, RedisTransport } from "@scouter/sdk/queue/redis";
 *
 * const transport = new RedisTransport(new RedisConfig({ stream: "scouter_monitoring" }));
 * console.log(transport.name); // "redis"
 * await transport.close();
 * ```
 */
export class RedisTransport implements Transport {
  /** For people. */
  readonly name = "redis";
  readonly #config: RedisConfig;
  readonly #link: Reconnecting<Redis>;

  /**
   * Makes a transport; connects when the first message comes.
   *
   * @param config where and how
   */
  constructor(config: RedisConfig) {
    this.#config = config;
    const { host } = new URL(config.address);
    this.#link = new Reconnecting({
      what: `Redis at ${host}`,
      timeoutMs: config.timeoutMs,
      open: () => open(config),
      async close(client, broken) {
        if (broken) client.disconnect();
        else await client.quit();
      },
    });
  }

  /** Checks that Redis is there and accepts the caller. */
  async connect(signal: AbortSignal): Promise<void> {
    await this.#link.use(signal, (client) => client.ping());
  }

  /** Publishes or appends a message. */
  async send(message: string, signal: AbortSignal): Promise<void> {
    const { channel, stream, streamMaxEntries } = this.#config;
    await this.#link.use(signal, async (client) => {
      if (stream === null) {
        if (await client.publish(channel, message) > 0) return;
        throw new NobodyListens(channel);
      }
      if (streamMaxEntries === 0) await client.xadd(stream, "*", FIELD, message);
      else await client.xadd(stream, "MAXLEN", "~", streamMaxEntries, "*", FIELD, message);
    });
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    await this.#link.close();
  }
}

class NobodyListens extends TransportError {
  constructor(channel: string) {
    super(
      `nobody listens on channel "${channel}": start a server that consumes it, or use a stream`,
    );
  }
}

async function open(config: RedisConfig): Promise<Redis> {
  const client = new Redis(config.address, {
    lazyConnect: true,
    connectTimeout: config.timeoutMs,
    connectionName: "scouter-sdk",
    // The queue decides when to try again, and with what.
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
  });
  let reason: Error | null = null;
  client.on("error", (error: Error) => reason = error);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    throw reason ?? error;
  }
}
