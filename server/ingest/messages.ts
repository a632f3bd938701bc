/**
 * Stores messages of the envelope.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";
import type { TagRow } from "../lake/traces/contract.ts";
import { toScouterError } from "../http/errors.ts";
import type { IngestAttempt } from "../telemetry/ingest_health.ts";
import { type Broker, brokerSender } from "../telemetry/ingest_sender.ts";
import { parseEnvelope } from "./envelope.ts";
import type { OtlpReceiver } from "./otlp/receiver.ts";

/** The answer to a stored message, as existing clients know it. */
export interface StoredMessage {
  readonly status: "success";
  readonly message: string;
}

/** What became of a message that was taken. */
export interface StoreOutcome {
  /** One line for people. */
  readonly summary: string;
  /** Spans of it that were refused, and why the first was. */
  readonly rejectedSpans: number;
  readonly rejectedMessage: string;
}

/** What {@linkcode storeMessage} needs. */
export interface MessageDeps {
  readonly receiver: OtlpReceiver;
  readonly tags: { upsert(tags: readonly TagRow[]): Promise<unknown> };
}

/**
 * Stores one message and answers as existing clients expect it. Resolves when it is durable.
 *
 * @throws {ScouterError} as {@linkcode storeEnvelope} does.
 */
export async function storeMessage(
  deps: MessageDeps,
  bytes: Uint8Array,
  attempt?: IngestAttempt,
): Promise<StoredMessage> {
  return { status: "success", message: (await storeEnvelope(deps, bytes, attempt)).summary };
}

/**
 * Stores one message of a broker and counts it under the broker's name.
 *
 * @throws {ScouterError} as {@linkcode storeEnvelope} does.
 */
export async function storeBrokerMessage(
  deps: MessageDeps,
  broker: Broker,
  bytes: Uint8Array,
): Promise<StoreOutcome> {
  const attempt = deps.receiver.health.begin(broker, brokerSender(broker));
  try {
    return await storeEnvelope(deps, bytes, attempt);
  } catch (error) {
    attempt.refused(toScouterError(error));
    throw error;
  }
}

/**
 * Stores one message. Resolves when it is durable.
 *
 * @param attempt What the door announced; told here when the message is stored. The door tells of errors.
 * @throws {ScouterError} BAD_REQUEST for an unusable message, NOT_IMPLEMENTED for kinds this server does not take.
 */
export async function storeEnvelope(
  deps: MessageDeps,
  bytes: Uint8Array,
  attempt: IngestAttempt = deps.receiver.health.begin("envelope-http"),
): Promise<StoreOutcome> {
  const envelope = parseEnvelope(bytes);
  switch (envelope.kind) {
    case "traces": {
      const { accepted, deduplicated, rejected, rejectedMessage } = await deps.receiver.receive(
        "envelope",
        envelope.request,
        null,
        "json",
        attempt,
      );
      const refused = rejected === 0 ? "" : `; ${rejected} refused: ${rejectedMessage}`;
      return {
        summary: `${accepted + deduplicated} spans stored${refused}`,
        rejectedSpans: rejected,
        rejectedMessage,
      };
    }
    case "tag":
      attempt.received(bytes.length);
      await deps.tags.upsert([envelope.tag]);
      attempt.stored({ accepted: 1, deduplicated: 0, rejected: 0, rejectedMessage: "" });
      return { summary: "1 tag stored", rejectedSpans: 0, rejectedMessage: "" };
    case "records": {
      const kinds = envelope.names.length === 0 ? "" : ` (${envelope.names.join(", ")})`;
      throw new ScouterError(
        "NOT_IMPLEMENTED",
        `This server does not take "records"${kinds}: it has no drift and evaluation store.`,
        { suggestedAction: "Send traces and tags only; nothing of this message was stored." },
      );
    }
  }
}
