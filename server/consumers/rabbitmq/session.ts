/**
 * Consumes from RabbitMQ: a message is acknowledged when it is durable, and no more are taken than the prefetch allows.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { AsyncMessage, Connection, Consumer, Publisher } from "rabbitmq-client";
import type { Settings } from "../../config.ts";
import type { InboundMessage, Session } from "../contract.ts";
import {
  deadLetterHeaders,
  deadLetterName,
  type Refusal,
  writeDeadLetter,
} from "../dead_letter.ts";
import { deliver, type DeliveryDeps } from "../delivery.ts";
import { SessionEnd } from "../session_end.ts";
import type { SourceMetrics } from "../source_metrics.ts";
import { ensureQueue } from "./queues.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const HEARTBEAT_SECONDS = 10;
const LAG_EVERY_MS = 5000;
/** To say goodbye. */
const CLOSE_MS = 3000;
/** Longer than any session lives: what broke is not mended behind the session's back. */
const NEVER_MS = 2 ** 31 - 1;
/** What a consumer answers: acknowledge, or give the message back. */
const ACK = 0;
const REQUEUE = 1;

/**
 * Makes the session.
 *
 * @param drainMs Longest wait, when stopping, for what is being stored.
 */
export function rabbitmqSession(
  settings: Settings,
  deps: DeliveryDeps,
  metrics: SourceMetrics,
  drainMs: number,
): Session {
  const { rabbitmqQueue: queue } = settings;
  return async ({ signal, connected }) => {
    const rabbitmq = await import("rabbitmq-client");
    const end = new SessionEnd(signal);
    const connection = new rabbitmq.Connection({
      url: settings.rabbitmqAddr,
      connectionName: "scouter",
      connectionTimeout: CONNECT_TIMEOUT_MS,
      acquireTimeout: CONNECT_TIMEOUT_MS,
      heartbeat: HEARTBEAT_SECONDS,
      retryLow: NEVER_MS,
      retryHigh: NEVER_MS,
    });
    connection.on("error", end.fail);
    const deadLetters = new DeadLetterQueue(connection, settings);
    let unacknowledged = 0;
    const handle = async (message: AsyncMessage): Promise<number> => {
      // A message that came with the answer to "cancel" is handed over after that answer, and the client then closes the
      // channel without waiting for it: stored, it could not be acknowledged any more and would be stored twice.
      if (end.signal.aborted) return REQUEUE;
      metrics.received();
      unacknowledged++;
      try {
        const verdict = await deliver(deps, metrics, inbound(message), end.signal);
        if (verdict.kind === "abandoned") return REQUEUE;
        if (verdict.kind === "stored") return ACK;
        const written = await writeDeadLetter(
          metrics,
          verdict,
          { source: queue },
          end.signal,
          () => deadLetters.write(message, verdict),
        );
        return written ? ACK : REQUEUE;
      } finally {
        unacknowledged--;
      }
    };
    const consumers: Consumer[] = [];
    let lagTimer: ReturnType<typeof setInterval> | undefined;
    try {
      await end.before(connection.onConnect(CONNECT_TIMEOUT_MS, true));
      await end.before(ensureQueue(connection, queue));
      for (let i = 1; i <= settings.rabbitmqConsumers && !signal.aborted; i++) {
        const consumer = connection.createConsumer({
          queue,
          queueOptions: { passive: true },
          qos: { prefetchCount: settings.rabbitmqPrefetch },
          consumerTag: `${settings.rabbitmqConsumerTag}-${i}-${crypto.randomUUID().slice(0, 8)}`,
        }, handle);
        consumer.on("error", end.fail);
        consumers.push(consumer);
        await end.before(new Promise<void>((ready) => consumer.on("ready", () => ready())));
      }
      if (!signal.aborted) connected();
      const reportLag = () =>
        ensureQueue(connection, queue).then(
          (ready) => metrics.lag(ready + unacknowledged),
          end.fail,
        );
      lagTimer = setInterval(reportLag, LAG_EVERY_MS);
      void reportLag();
      await end.ended();
      clearInterval(lagTimer);
      const closed = (async () => {
        await Promise.all(consumers.map((consumer) => consumer.close()));
        await deadLetters.close();
        await connection.close();
      })();
      closed.catch(() => undefined);
      if (await Promise.race([closed, sleep(drainMs + CLOSE_MS, null)]) === null) {
        throw new Error("the consumers did not finish in time");
      }
    } catch (error) {
      end.fail(error);
      connection.unsafeDestroy();
      throw error;
    } finally {
      clearInterval(lagTimer);
    }
  };
}

class DeadLetterQueue {
  readonly #connection: Connection;
  readonly #queue: string;
  #publisher: Publisher | null = null;

  constructor(connection: Connection, settings: Settings) {
    this.#connection = connection;
    this.#queue = deadLetterName(settings.rabbitmqDeadLetterQueue, settings.rabbitmqQueue);
  }

  /** Resolves when the broker has confirmed it. */
  async write(message: AsyncMessage, refusal: Refusal): Promise<void> {
    // Each time: what is sent to a queue that is gone would be dropped, and confirmed.
    await ensureQueue(this.#connection, this.#queue);
    this.#publisher ??= this.#connection.createPublisher({ confirm: true });
    await this.#publisher.send({
      routingKey: this.#queue,
      durable: true,
      ...(message.contentType === undefined ? {} : { contentType: message.contentType }),
      ...(message.contentEncoding === undefined
        ? {}
        : { contentEncoding: message.contentEncoding }),
      ...(message.messageId === undefined ? {} : { messageId: message.messageId }),
      headers: {
        ...message.headers,
        ...deadLetterHeaders(refusal, { source: message.routingKey }),
      },
    }, Buffer.from(bytesOf(message.body)));
  }

  async close(): Promise<void> {
    await this.#publisher?.close();
  }
}

function inbound(message: AsyncMessage): InboundMessage {
  // Quorum queues count deliveries; classic ones only say that there was one before.
  const count: unknown = message.headers?.["x-delivery-count"];
  return {
    body: bytesOf(message.body),
    contentEncoding: message.contentEncoding ?? null,
    earlierTries: typeof count === "number" ? count : 0,
  };
}

/** The client has read bodies that say they are text or JSON. */
function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
}
