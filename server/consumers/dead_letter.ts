/**
 * Dead letters: messages that cannot be stored, kept in a topic, queue or stream of the same broker with the reason
 * beside them.
 *
 * @module
 */

import { getLogger, rateLimited } from "../telemetry/log.ts";
import { pause } from "../workers/supervisor.ts";
import { backoffMs } from "./backoff.ts";
import type { Verdict } from "./contract.ts";
import { describeError } from "./redact.ts";
import type { SourceMetrics } from "./source_metrics.ts";

const logger = getLogger("consumers");
const limited = rateLimited();
const MAX_TEXT = 1000;

/** A verdict that asks for a dead letter. */
export type Refusal = Extract<Verdict, { kind: "refused" }>;

/** Where a message was found; further details by header name. */
export interface Origin {
  /** The topic, queue, stream or channel. */
  readonly source: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** Headers (fields, in a stream) of a dead letter. */
export function deadLetterHeaders(refusal: Refusal, origin: Origin): Record<string, string> {
  return {
    "scouter-dead-letter-reason": refusal.reason,
    "scouter-dead-letter-error": refusal.message.slice(0, MAX_TEXT),
    "scouter-dead-letter-tries": String(refusal.tries),
    "scouter-dead-letter-time": new Date().toISOString(),
    "scouter-dead-letter-source": origin.source,
    ...origin.details,
  };
}

/** The usual name of the dead letters of a topic, queue or stream. */
export function deadLetterName(setting: string, source: string): string {
  return setting === "" ? `${source}_dead_letter` : setting;
}

/**
 * Writes a dead letter, trying until it is done: a message is never given up while it is kept nowhere else.
 *
 * @param write Resolves when the broker has it.
 * @returns False when the signal was aborted before.
 */
export async function writeDeadLetter(
  metrics: SourceMetrics,
  refusal: Refusal,
  origin: Origin,
  signal: AbortSignal,
  write: () => Promise<void>,
): Promise<boolean> {
  for (let failures = 1;; failures++) {
    try {
      await write();
      break;
    } catch (error) {
      metrics.deadLetterFailed();
      limited(`failed ${metrics.source}`, (suppressed) =>
        logger.error(
          "A dead letter of {source} cannot be written and is tried again ({suppressed} more): {error}",
          { source: origin.source, suppressed, error: describeError(error) },
        ));
      await pause(backoffMs(failures, 500, 30_000), signal);
      if (signal.aborted) return false;
    }
  }
  metrics.rejected(refusal.reason);
  // Without the text of the refusal, which may quote the message; the dead letter has it.
  limited(
    `${metrics.source} ${refusal.reason}`,
    (suppressed) =>
      logger.warn(
        "A message of {source} went to the dead letters: {reason} ({suppressed} more) {details}",
        {
          source: origin.source,
          reason: refusal.reason,
          suppressed,
          details: origin.details ?? {},
        },
      ),
  );
  return true;
}
