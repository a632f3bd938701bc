/**
 * Stores messages of the envelope.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";
import type { TagRow } from "../lake/traces/contract.ts";
import { parseEnvelope } from "./envelope.ts";
import type { OtlpReceiver } from "./otlp/receiver.ts";

/** The answer to a stored message, as existing clients know it. */
export interface StoredMessage {
  readonly status: "success";
  readonly message: string;
}

/** What {@linkcode storeMessage} needs. */
export interface MessageDeps {
  readonly receiver: OtlpReceiver;
  readonly tags: { upsert(tags: readonly TagRow[]): Promise<unknown> };
}

/**
 * Stores one message. Resolves when it is durable.
 *
 * @throws {ScouterError} BAD_REQUEST for an unusable message, NOT_IMPLEMENTED for kinds this server does not take.
 */
export async function storeMessage(deps: MessageDeps, bytes: Uint8Array): Promise<StoredMessage> {
  const envelope = parseEnvelope(bytes);
  switch (envelope.kind) {
    case "traces": {
      const result = await deps.receiver.receive("envelope", envelope.request, null, "json");
      const refused = result.rejected === 0
        ? ""
        : `; ${result.rejected} refused: ${result.rejectedMessage}`;
      return success(`${result.accepted + result.deduplicated} spans stored${refused}`);
    }
    case "tag":
      await deps.tags.upsert([envelope.tag]);
      return success("1 tag stored");
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

function success(message: string): StoredMessage {
  return { status: "success", message };
}
