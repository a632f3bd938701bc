/**
 * Stores one message of a broker: tries again where that helps, and says what is to become of the message.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";
import { inflate } from "../ingest/inflate.ts";
import type { StoreOutcome } from "../ingest/messages.ts";
import { pause } from "../workers/supervisor.ts";
import { backoffMs } from "./backoff.ts";
import type { InboundMessage, Verdict } from "./contract.ts";
import type { Pressure } from "./pressure.ts";
import type { SourceMetrics } from "./source_metrics.ts";

/** What {@linkcode deliver} needs. */
export interface DeliveryDeps {
  /** Resolves when the message is durable. */
  store(bytes: Uint8Array): Promise<StoreOutcome>;
  /** What is wrong with the stores just now, in words; empty when all is well. */
  trouble(): Promise<string>;
  readonly pressure: Pressure;
  /** Failures after which a message is given up. */
  readonly maxTries: number;
  /** Most bytes of a message, decompressed. */
  readonly maxMessageBytes: number;
}

/** The answer would be the same however often the message came. */
const FINAL: ReadonlySet<string> = new Set([
  "BAD_REQUEST",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "NOT_IMPLEMENTED",
]);
/** It is the server that cannot take it now. */
const BUSY: ReadonlySet<string> = new Set(["RESOURCE_EXHAUSTED", "RATE_LIMITED", "UNAVAILABLE"]);

const STORED: Verdict = { kind: "stored" };
const ABANDONED: Verdict = { kind: "abandoned" };
const BUSY_MS = 1000;
const TROUBLE_MS = 2000;

/**
 * Stores a message.
 *
 * @param signal Ends waiting, not storing.
 */
export async function deliver(
  deps: DeliveryDeps,
  metrics: SourceMetrics,
  message: InboundMessage,
  signal: AbortSignal,
): Promise<Verdict> {
  const { pressure, maxTries, maxMessageBytes } = deps;
  if (message.earlierTries >= maxTries) {
    // Each earlier delivery ended with the consumer gone, perhaps because of this very message.
    return refused(
      "too_many_deliveries",
      `Delivered ${message.earlierTries} times before, without any outcome.`,
      message.earlierTries,
    );
  }
  for (let tries = 1;;) {
    if (!await pressure.passable(signal)) return ABANDONED;
    try {
      const outcome = await deps.store(
        inflate(message.body, message.contentEncoding, maxMessageBytes),
      );
      metrics.accepted();
      return outcome.rejectedSpans === 0
        ? STORED
        : refused("spans_refused", outcome.summary, tries);
    } catch (error) {
      const code = error instanceof ScouterError ? error.code : "INTERNAL_ERROR";
      const text = error instanceof Error ? error.message : String(error);
      if (FINAL.has(code)) return refused(code.toLowerCase(), text, tries);
      metrics.retried(code.toLowerCase());
      if (error instanceof ScouterError && BUSY.has(code)) {
        const { retryAfterSeconds } = error;
        pressure.hold(retryAfterSeconds === undefined ? BUSY_MS : retryAfterSeconds * 1000);
        continue;
      }
      // A store that is down fails every message; that says nothing about this one.
      if (await deps.trouble() !== "") {
        pressure.hold(TROUBLE_MS);
        continue;
      }
      if (tries >= maxTries) return refused("tries_exhausted", text, tries);
      await pause(backoffMs(tries, 200, 10_000), signal);
      if (signal.aborted) return ABANDONED;
      tries++;
    }
  }
}

function refused(reason: string, message: string, tries: number): Verdict {
  return { kind: "refused", reason, message, tries };
}
