/**
 * Connections to Redis that end when they break: the source makes new ones, with waits of its own.
 *
 * @module
 */

import type { Redis } from "ioredis";

const CONNECT_TIMEOUT_MS = 10_000;
/** A network that went silent is noticed after so long; longer than any blocking read. */
const COMMAND_TIMEOUT_MS = 20_000;

/**
 * Connects.
 *
 * @param failed Told once when the connection breaks.
 */
export async function connectRedis(
  address: string,
  name: string,
  failed: (error: unknown) => void,
): Promise<Redis> {
  const { Redis } = await import("ioredis");
  const client = new Redis(address, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionName: name,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
  let reason: Error | null = null;
  client.on("error", (error: Error) => reason = error);
  client.on("end", () => failed(reason ?? new Error("Redis closed the connection")));
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    throw reason ?? error;
  }
}
