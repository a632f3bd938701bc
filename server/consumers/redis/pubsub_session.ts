/**
 * Listens to a Redis channel. Redis keeps nothing of it: what cannot be taken at once is lost, and counted.
 *
 * @module
 */

import type { Redis } from "ioredis";
import type { Settings } from "../../config.ts";
import { getLogger, rateLimited } from "../../telemetry/log.ts";
import type { Session } from "../contract.ts";
import { deadLetterHeaders, deadLetterName, writeDeadLetter } from "../dead_letter.ts";
import { deliver, type DeliveryDeps } from "../delivery.ts";
import { IN_FLIGHT_BYTES, InFlight } from "../in_flight.ts";
import { SessionEnd } from "../session_end.ts";
import type { SourceMetrics } from "../source_metrics.ts";
import { connectRedis } from "./connection.ts";

const logger = getLogger("consumers");
const limited = rateLimited();
/** Nobody else keeps these messages, so more of them are kept here than of any other source. */
const MAX_WAITING = 10_000;
const KEEP_ALIVE_MS = 10_000;

/**
 * Makes the session. One subscriber, however many consumers are set: Redis gives every message to every subscriber.
 *
 * @param drainMs Longest wait, when stopping, for what is being stored.
 */
export function redisPubSubSession(
  settings: Settings,
  deps: DeliveryDeps,
  metrics: SourceMetrics,
  drainMs: number,
): Session {
  const { redisAddr, redisChannel: channel } = settings;
  const inFlight: InFlight = new InFlight(
    { messages: MAX_WAITING, bytes: 2 * IN_FLIGHT_BYTES },
    () => metrics.lag(inFlight.size),
  );
  // Messages outlive the connection they came on, as nobody would send them again.
  let writer: Redis | null = null;

  const lose = (reason: string) => {
    metrics.lost(reason);
    limited(reason, (suppressed) =>
      logger.error(
        "A message of the channel {channel} is lost: {reason} ({suppressed} more). A stream would have kept it.",
        { channel, reason, suppressed },
      ));
  };
  const handle = async (body: Buffer, signal: AbortSignal): Promise<void> => {
    const message = { body, contentEncoding: null, earlierTries: 0 };
    const verdict = await deliver(deps, metrics, message, signal);
    if (verdict.kind === "stored") return;
    if (verdict.kind === "abandoned") return lose("stopped");
    const origin = { source: channel };
    const written = await writeDeadLetter(metrics, verdict, origin, signal, async () => {
      if (writer === null) throw new Error("not connected to Redis");
      await writer.xadd(
        deadLetterName(settings.redisDeadLetterStream, channel),
        "*",
        "message",
        body,
        ...Object.entries(deadLetterHeaders(verdict, origin)).flat(),
      );
    });
    if (!written) lose("stopped");
  };

  return async ({ signal, connected }) => {
    const end = new SessionEnd(signal);
    const other = writer = await connectRedis(redisAddr, "scouter", end.fail);
    try {
      const subscriber = await connectRedis(redisAddr, "scouter-subscriber", end.fail);
      const alive = setInterval(() => void subscriber.ping().catch(end.fail), KEEP_ALIVE_MS);
      try {
        subscriber.on("messageBuffer", (_channel: Buffer, body: Buffer) => {
          metrics.received();
          if (inFlight.hasRoom) inFlight.add(body.length, handle(body, signal));
          else lose("buffer_full");
          metrics.lag(inFlight.size);
        });
        await subscriber.subscribe(channel);
        connected();
        metrics.lag(inFlight.size);
        await end.ended();
        await subscriber.unsubscribe(channel);
        await inFlight.drained(drainMs);
      } finally {
        clearInterval(alive);
        subscriber.disconnect();
      }
    } finally {
      writer = null;
      other.disconnect();
    }
  };
}
