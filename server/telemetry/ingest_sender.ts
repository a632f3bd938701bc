/**
 * Who sends: the user, API key or broker that what comes in is counted under.
 *
 * @module
 */

import type { Principal } from "../http/context.ts";

/** What kind of sender. */
export type SenderKind =
  | "local"
  | "user"
  | "api_key"
  | "broker"
  | "server"
  | "unknown"
  | "others";

/** A sender. */
export interface IngestSender {
  /** Stable and unique: `local`, `user:<name>`, `key:<id>`, `broker:<kind>`, … A label of metrics. */
  readonly id: string;
  readonly kind: SenderKind;
  /** The user's name, the key's id or the broker's kind. */
  readonly name: string;
}

/** A request whose sender is not known (yet). */
export const UNKNOWN_SENDER: IngestSender = { id: "unknown", kind: "unknown", name: "unknown" };

/** Stands for all senders beyond those counted one by one. */
export const OTHER_SENDERS: IngestSender = { id: "others", kind: "others", name: "others" };

/** The server's own spans. */
export const OWN_SENDER: IngestSender = { id: "server", kind: "server", name: "this server" };

const LOCAL: IngestSender = { id: "local", kind: "local", name: "local" };
const known = new WeakMap<Principal, IngestSender>();

/** The sender behind a request. */
export function senderOf(principal: Principal): IngestSender {
  const cached = known.get(principal);
  if (cached !== undefined) return cached;
  const sender: IngestSender = principal.via === "local"
    ? LOCAL
    : principal.apiKeyId !== undefined
    ? { id: `key:${principal.apiKeyId}`, kind: "api_key", name: principal.apiKeyId }
    : { id: `user:${principal.username}`, kind: "user", name: principal.username };
  known.set(principal, sender);
  return sender;
}

/** Message brokers. */
export type Broker = "kafka" | "rabbitmq" | "redis";

/** The sender of messages that a broker hands over. */
export function brokerSender(broker: Broker): IngestSender {
  return { id: `broker:${broker}`, kind: "broker", name: broker };
}
