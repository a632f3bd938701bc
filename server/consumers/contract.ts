/**
 * What the consumers of all brokers have in common. A *source* is one thing that is consumed from: Kafka, RabbitMQ,
 * a Redis stream, a Redis channel.
 *
 * @module
 */

/** Names of the sources; label values of their metrics. */
export type SourceName = "kafka" | "rabbitmq" | "redis_stream" | "redis_pubsub";

/** A message as a broker delivered it. */
export interface InboundMessage {
  /** The envelope, perhaps compressed. */
  readonly body: Uint8Array;
  /** As the HTTP header of that name; null when there is none. */
  readonly contentEncoding: string | null;
  /** Deliveries before this one of which the broker knows that nothing came; 0 when it does not count. */
  readonly earlierTries: number;
}

/** What becomes of a message. */
export type Verdict =
  /** It is durable: acknowledge it. */
  | { readonly kind: "stored" }
  /** It cannot be stored, or not all of it: write it to the dead letters, then acknowledge it. */
  | {
    readonly kind: "refused";
    /** Stable word for metrics and headers. */
    readonly reason: string;
    /** For people; may quote the message. */
    readonly message: string;
    readonly tries: number;
  }
  /** The server stops: leave it unacknowledged, so that it comes again. */
  | { readonly kind: "abandoned" };

/** Works on one connection until the signal is aborted, then finishes what it took and returns; throws when it breaks. */
export type Session = (context: SessionContext) => Promise<void>;

/** What a session is given. */
export interface SessionContext {
  readonly signal: AbortSignal;
  /** To be called once messages can flow. */
  connected(): void;
}
