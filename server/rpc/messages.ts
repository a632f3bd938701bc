/**
 * `scouter.grpc.v1.MessageService`: the message envelope over RPC.
 *
 * @module
 */

import type { ServiceImpl } from "@connectrpc/connect";
import type { MessageService } from "../../sdk/gen/scouter/grpc/v1/message_pb.ts";
import type { Authority } from "../http/authority.ts";
import { toScouterError } from "../http/errors.ts";
import { type MessageDeps, storeMessage } from "../ingest/messages.ts";
import { principalOf } from "./context.ts";

/** Creates the service. */
export function messageService(
  deps: MessageDeps & { readonly authority: Authority },
): ServiceImpl<typeof MessageService> {
  return {
    async insertMessage({ messageRecord }, context) {
      const attempt = deps.receiver.health.begin("envelope-grpc");
      try {
        const principal = principalOf(context);
        attempt.from(principal);
        deps.authority.authorize(principal, "ingest");
        return { ...await storeMessage(deps, messageRecord, attempt) };
      } catch (error) {
        attempt.refused(toScouterError(error));
        throw error;
      }
    },
  };
}
