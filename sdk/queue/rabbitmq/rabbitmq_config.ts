/**
 * Where a RabbitMQ is.
 *
 * @module
 */

import { QueueError } from "../errors.ts";
import { address, setting, wholeNumber } from "../settings.ts";
import type { TransportConfig } from "../transport.ts";
import { RabbitMQTransport } from "./rabbitmq_transport.ts";

/** What a {@linkcode RabbitMQConfig} is made from. */
export interface RabbitMQConfigOptions {
  /** Whole address, `amqps` for TLS. */
  readonly address?: string;
  /** Host, when there is no address; else `RABBITMQ_HOST`, else `localhost`. */
  readonly host?: string;
  /** Port, when there is no address; else `RABBITMQ_PORT`, else 5672. */
  readonly port?: number;
  /** User, when there is no address; else `RABBITMQ_USERNAME`. */
  readonly username?: string;
  /** Password, when there is no address; else `RABBITMQ_PASSWORD`. */
  readonly password?: string;
  /** Queue to send to, by way of the default exchange; else `RABBITMQ_QUEUE`, else `scouter_monitoring`. */
  readonly queue?: string;
  /** Longest time in milliseconds for connecting, and again for a message; 10,000 by default. */
  readonly timeoutMs?: number;
}

/**
 * Settings of a {@linkcode RabbitMQTransport}. The address is, in this order: `address`; what is made of host, port and
 * credentials when one of them is given; `RABBITMQ_ADDR`; what is made of the other variables.
 *
 * @example
 * ```ts
 * import { RabbitMQConfig } from "@scouter/sdk/queue/rabbitmq";
 *
 * const config = new RabbitMQConfig({ host: "broker", username: "ada", password: "p/w" });
 * console.log(config.address); // "amqp://ada:p%2Fw@broker:5672/%2f"
 * ```
 */
export class RabbitMQConfig implements TransportConfig {
  /** Tells the kinds of transport apart. */
  readonly transportType = "RabbitMQ";
  /** Address with its credentials. */
  readonly address: string;
  /** The queue. */
  readonly queue: string;
  /** Longest time in milliseconds for connecting, and again for a message. */
  readonly timeoutMs: number;

  /**
   * Looks settings up.
   *
   * @throws {QueueError} `INVALID_ARGUMENT` for an unusable address, port or number
   */
  constructor(options: RabbitMQConfigOptions = {}) {
    this.address = addressOf(options);
    address("address", this.address, ["amqp:", "amqps:"], "amqp://guest:guest@localhost:5672");
    this.queue = setting(options.queue, "RABBITMQ_QUEUE") ?? "scouter_monitoring";
    if (this.queue === "") throw new QueueError("INVALID_ARGUMENT", "queue must not be empty");
    this.timeoutMs = wholeNumber("timeoutMs", options.timeoutMs, 10_000, 1);
  }

  /** Makes the transport. */
  createTransport(): RabbitMQTransport {
    return new RabbitMQTransport(this);
  }
}

function addressOf(options: RabbitMQConfigOptions): string {
  if (options.address !== undefined) return options.address;
  const inParts = [options.host, options.port, options.username, options.password]
    .some((part) => part !== undefined);
  const whole = inParts ? undefined : setting(undefined, "RABBITMQ_ADDR");
  if (whole !== undefined) return whole;
  const host = setting(options.host, "RABBITMQ_HOST") ?? "localhost";
  const port = wholeNumber(
    "port",
    options.port,
    Number(setting(undefined, "RABBITMQ_PORT") ?? 5672),
    1,
  );
  const username = setting(options.username, "RABBITMQ_USERNAME");
  const password = setting(options.password, "RABBITMQ_PASSWORD");
  if ((username === undefined) !== (password === undefined)) {
    const missing = username === undefined ? "username" : "password";
    throw new QueueError("INVALID_ARGUMENT", `${missing} is missing: a login needs both`);
  }
  const login = username === undefined || password === undefined
    ? ""
    : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  return `amqp://${login}${host}:${port}/%2f`;
}
