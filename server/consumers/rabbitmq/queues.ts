/**
 * Queues by name.
 *
 * @module
 */

import type { Connection } from "rabbitmq-client";

/**
 * Makes a durable queue unless there is one. A queue that exists is taken as it is: declaring it with other properties
 * than it has would be refused.
 *
 * @returns Messages ready in it.
 */
export async function ensureQueue(connection: Connection, queue: string): Promise<number> {
  try {
    return await declare(connection, { queue, passive: true });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "NOT_FOUND")) throw error;
  }
  return await declare(connection, { queue, durable: true });
}

/** On a channel of its own: a refusal closes the channel, which must not be anybody else's. */
async function declare(
  connection: Connection,
  options: { readonly queue: string; readonly passive?: boolean; readonly durable?: boolean },
): Promise<number> {
  const channel = await connection.acquire();
  try {
    return (await channel.queueDeclare(options)).messageCount;
  } finally {
    await channel.close();
  }
}
