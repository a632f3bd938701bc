/**
 * What carries messages to a server or broker.
 *
 * @module
 */

/** Carries messages; made by the user and closed by the queue it is given to. */
export interface Transport {
  /** For people and statistics, for example `http`. */
  readonly name: string;
  /**
   * Makes sure that messages can be sent, for programs that want to know at their start.
   *
   * @param signal ends the attempt
   */
  connect?(signal: AbortSignal): Promise<void>;
  /**
   * Sends one message. Resolves when the other side has taken it.
   *
   * @param message JSON text of the envelope
   * @param signal ends the attempt
   * @throws {TransportError} telling whether the same message may be sent again
   */
  send(message: string, signal: AbortSignal): Promise<void>;
  /** Closes connections. */
  close?(): Promise<void>;
}

/** Kinds of transport, by the names that profiles and other clients of Scouter use. */
export type TransportType = "RabbitMQ" | "Kafka" | "Http" | "Redis" | "Grpc" | "Mock" | "Other";

/**
 * Settings of a transport, looked up in arguments and environment. A queue given one makes the transport itself; the kinds
 * that need a broker's client are in modules of their own, so that nobody loads a client that is not used.
 */
export interface TransportConfig {
  /** Tells the kinds apart. */
  readonly transportType: TransportType;
  /**
   * Makes a transport; connects to nothing yet.
   *
   * @throws {QueueError} `UNSUPPORTED_RUNTIME` where the transport's client cannot run
   */
  createTransport(): Transport;
}

/** What a {@linkcode TransportError} is made from. */
export interface TransportErrorOptions extends ErrorOptions {
  /** Whether the same message may be sent again; true by default. */
  readonly retry?: boolean;
  /** Milliseconds the other side asks to wait. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A message that was not taken.
 *
 * @example
 * ```ts
 * import { TransportError } from "@scouter/sdk/queue";
 *
 * const refused = new TransportError("the broker knows no such topic", { retry: false });
 * console.log(refused.retry); // false
 * ```
 */
export class TransportError extends Error {
  /** The class, for messages. */
  override readonly name = "TransportError";
  /** Stable code. */
  readonly code = "TRANSPORT_FAILED";
  /** Whether the same message may be sent again. */
  readonly retry: boolean;
  /** Milliseconds the other side asks to wait; undefined when it does not say. */
  readonly retryAfterMs: number | undefined;

  /**
   * Makes an error.
   *
   * @param message what happened
   * @param options whether and when to try again, and the cause
   */
  constructor(message: string, options: TransportErrorOptions = {}) {
    super(message, options);
    this.retry = options.retry ?? true;
    this.retryAfterMs = options.retryAfterMs;
  }
}
