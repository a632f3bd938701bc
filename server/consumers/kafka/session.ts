/**
 * Consumes from Kafka: a consumer group, offsets committed only for what is durable.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../config.ts";
import type { Session } from "../contract.ts";
import { writeDeadLetter } from "../dead_letter.ts";
import { deliver, type DeliveryDeps } from "../delivery.ts";
import { SessionEnd } from "../session_end.ts";
import type { SourceMetrics } from "../source_metrics.ts";
import { kafkaClientOptions } from "./client_options.ts";
import { DeadLetterTopic, originOf } from "./dead_letter_topic.ts";
import type { KafkaMessage } from "./lane.ts";
import { Member } from "./member.ts";

const LAG_EVERY_MS = 5000;
/** To commit and to say goodbye. */
const CLOSE_MS = 3000;

/**
 * Makes the session.
 *
 * @param drainMs Longest wait, when stopping, for what is being stored.
 */
export function kafkaSession(
  settings: Settings,
  deps: DeliveryDeps,
  metrics: SourceMetrics,
  drainMs: number,
): Session {
  return async ({ signal, connected }) => {
    const kafka = await import("@platformatic/kafka");
    const client = await kafkaClientOptions(settings);
    const end = new SessionEnd(signal);
    const deadLetters = new DeadLetterTopic(kafka, client, settings.kafkaDeadLetterTopic);
    const handle = async (message: KafkaMessage): Promise<boolean> => {
      metrics.received();
      const verdict = await deliver(deps, metrics, inbound(message), end.signal);
      if (verdict.kind !== "refused") return verdict.kind === "stored";
      return await writeDeadLetter(
        metrics,
        verdict,
        originOf(message),
        end.signal,
        () => deadLetters.write(message, verdict),
      );
    };
    const members: Member[] = [];
    let lagTimer: ReturnType<typeof setInterval> | undefined;
    try {
      for (let i = 0; i < settings.kafkaWorkers && !signal.aborted; i++) {
        const member = new Member({
          kafka,
          client,
          group: settings.kafkaGroup,
          topics: settings.kafkaTopics,
          offsetReset: settings.kafkaOffsetReset,
          held: () => deps.pressure.held,
          handle,
          failed: end.fail,
        });
        members.push(member);
        await end.before(member.start());
        // One is enough to get messages.
        if (i === 0 && !signal.aborted) connected();
      }
      lagTimer = setInterval(() => void reportLag(members, metrics), LAG_EVERY_MS);
      void reportLag(members, metrics);
      await end.ended();
      const closed = Promise.all(members.map((member) => member.close(drainMs)));
      if (await Promise.race([closed, sleep(drainMs + CLOSE_MS, null)]) === null) {
        throw new Error("the consumers did not leave the group in time");
      }
    } catch (error) {
      end.fail(error);
      for (const member of members) member.abort();
      throw error;
    } finally {
      clearInterval(lagTimer);
      await deadLetters.close().catch(() => undefined);
    }
  };
}

function inbound(message: KafkaMessage) {
  const encoding = message.headerEntries.find(([name]) =>
    name.toString().toLowerCase() === "content-encoding"
  )?.[1];
  return {
    body: message.value ?? new Uint8Array(0),
    contentEncoding: encoding === undefined ? null : encoding.toString(),
    // Kafka does not count deliveries.
    earlierTries: 0,
  };
}

async function reportLag(members: readonly Member[], metrics: SourceMetrics): Promise<void> {
  try {
    const lags = await Promise.all(members.map((member) => member.check()));
    metrics.lag(lags.reduce((sum, lag) => sum + lag, 0));
  } catch {
    // Asked again soon; a broker that is gone is noticed by the members themselves.
  }
}
