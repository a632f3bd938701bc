/**
 * Where a Redis is.
 *
 * @module
 */

import { address, setting, wholeNumber } from "../settings.ts";
import { QueueError } from "../errors.ts";
import type { TransportConfig } from "../transport.ts";
import { RedisTransport } from "./redis_transport.ts";

/** What a {@linkcode RedisConfig} is made from. */
export interface RedisConfigOptions {
  /** Address, `rediss` for TLS; else `REDIS_ADDR`, else `redis://127.0.0.1:6379`. */
  readonly address?: string;
  /** Channel to publish to; else `REDIS_CHANNEL`, else `scouter_monitoring`. */
  readonly channel?: string;
  /**
   * Stream to append to instead of publishing; else `REDIS_STREAM`, else none. A stream keeps messages until the server
   * has stored them; a channel has them only for whoever listens at that moment.
   */
  readonly stream?: string;
  /** Entries the stream keeps, about; older ones are removed. 1,000,000 by default; 0 for no limit. */
  readonly streamMaxEntries?: number;
  /** Longest time in milliseconds for connecting, and again for a message; 10,000 by default. */
  readonly timeoutMs?: number;
}

/**
 * Settings of a {@linkcode RedisTransport}.
 *
 * @example
 * ```ts
 * import { RedisConfig } from "@scouter/sdk/queue/redis";
 *
 * const config = new RedisConfig({ address: "redis://cache:6379", stream: "scouter_monitoring" });
 * console.log(config.transportType, config.stream); // "Redis" "scouter_monitoring"
 * ```
 */
export class RedisConfig implements TransportConfig {
  /** Tells the kinds of transport apart. */
  readonly transportType = "Redis";
  /** Address with its credentials. */
  readonly address: string;
  /** Channel that is published to when there is no stream. */
  readonly channel: string;
  /** Stream that is appended to; null for publishing. */
  readonly stream: string | null;
  /** Entries the stream keeps, about; 0 for no limit. */
  readonly streamMaxEntries: number;
  /** Longest time in milliseconds for connecting, and again for a message. */
  readonly timeoutMs: number;

  /**
   * Looks settings up.
   *
   * @throws {QueueError} `INVALID_ARGUMENT` for an unusable address or number
   */
  constructor(options: RedisConfigOptions = {}) {
    this.address = setting(options.address, "REDIS_ADDR") ?? "redis://127.0.0.1:6379";
    address("address", this.address, ["redis:", "rediss:"], "redis://127.0.0.1:6379");
    this.channel = setting(options.channel, "REDIS_CHANNEL") ?? "scouter_monitoring";
    this.stream = setting(options.stream, "REDIS_STREAM") ?? null;
    if (this.channel === "" || this.stream === "") {
      throw new QueueError("INVALID_ARGUMENT", "channel and stream must not be empty");
    }
    const { streamMaxEntries, timeoutMs } = options;
    this.streamMaxEntries = wholeNumber("streamMaxEntries", streamMaxEntries, 1_000_000);
    this.timeoutMs = wholeNumber("timeoutMs", timeoutMs, 10_000, 1);
  }

  /** Makes the transport. */
  createTransport(): RedisTransport {
    return new RedisTransport(this);
  }
}
