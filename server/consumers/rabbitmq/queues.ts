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
    return (await connection.queueDeclare({ queue, passive: true })).messageCount;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "NOT_FOUND")) throw error;
  }
  return (await connection.queueDeclare({ queue, durable: true })).messageCount;
}
