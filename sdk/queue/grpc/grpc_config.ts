/**
 * Where a server is that is reached over gRPC.
 *
 * @module
 */

import type { Credentials } from "../../client/config.ts";
import { credentialsOf } from "../../client/config.ts";
import { address, setting, wholeNumber } from "../settings.ts";
import type { TransportConfig } from "../transport.ts";
import { GrpcTransport } from "./grpc_transport.ts";

/** What a {@linkcode GrpcConfig} is made from. */
export interface GrpcConfigOptions {
  /** Address, `https` for TLS; else `SCOUTER_GRPC_URI`, else `http://localhost:50051`. */
  readonly serverUri?: string;
  /** An API key (`sk_…`); else `SCOUTER_API_KEY`. */
  readonly apiKey?: string;
  /** An access token; else `SCOUTER_AUTH_TOKEN`. */
  readonly authToken?: string;
  /** A user's name; else `SCOUTER_USERNAME`. */
  readonly username?: string;
  /** The user's password; else `SCOUTER_PASSWORD`. */
  readonly password?: string;
  /** Longest time in seconds for a call; 60 by default. */
  readonly timeoutSecs?: number;
  /** Longest time in seconds for connecting; 10 by default. */
  readonly connectTimeoutSecs?: number;
  /** Seconds between signs of life; none by default. */
  readonly keepAliveIntervalSecs?: number;
  /** Seconds to wait for the answer to a sign of life; 20 by default. */
  readonly keepAliveTimeoutSecs?: number;
  /** Whether signs of life are also sent while there is no call; false by default. */
  readonly keepAliveWhileIdle?: boolean;
}

/**
 * Settings of a {@linkcode GrpcTransport}.
 *
 * @example
 * ```ts
 * import { GrpcConfig } from "@scouter/sdk/queue/grpc";
 *
 * const config = new GrpcConfig({ serverUri: "https://scouter.example:50051" });
 * console.log(config.transportType, config.isEncrypted); // "Grpc" true
 * ```
 */
export class GrpcConfig implements TransportConfig {
  /** Tells the kinds of transport apart. */
  readonly transportType = "Grpc";
  /** Address of the server. */
  readonly serverUri: string;
  /** Longest time in milliseconds for a call. */
  readonly timeoutMs: number;
  /** Longest time in milliseconds for connecting. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between signs of life; null for none. */
  readonly keepAliveIntervalMs: number | null;
  /** Milliseconds to wait for the answer to a sign of life. */
  readonly keepAliveTimeoutMs: number;
  /** Whether signs of life are also sent while there is no call. */
  readonly keepAliveWhileIdle: boolean;
  readonly #credentials: Credentials;

  /**
   * Looks settings up.
   *
   * @throws {QueueError} `INVALID_ARGUMENT` for an unusable address or number
   * @throws {ClientError} `INVALID_ARGUMENT` for half a login
   */
  constructor(options: GrpcConfigOptions = {}) {
    this.serverUri = setting(options.serverUri, "SCOUTER_GRPC_URI") ?? "http://localhost:50051";
    address("serverUri", this.serverUri, ["http:", "https:"], "http://localhost:50051");
    this.#credentials = credentialsOf(options);
    const milliseconds = (name: string, given: number | undefined, fallback: number) =>
      wholeNumber(name, given, fallback, 1) * 1_000;
    this.timeoutMs = milliseconds("timeoutSecs", options.timeoutSecs, 60);
    this.connectTimeoutMs = milliseconds("connectTimeoutSecs", options.connectTimeoutSecs, 10);
    const interval = options.keepAliveIntervalSecs;
    this.keepAliveIntervalMs = interval === undefined
      ? null
      : milliseconds("keepAliveIntervalSecs", interval, 0);
    this.keepAliveTimeoutMs = milliseconds(
      "keepAliveTimeoutSecs",
      options.keepAliveTimeoutSecs,
      20,
    );
    this.keepAliveWhileIdle = options.keepAliveWhileIdle ?? false;
  }

  /** Whether the connection is encrypted. */
  get isEncrypted(): boolean {
    return new URL(this.serverUri).protocol === "https:";
  }

  /** Makes the transport. */
  createTransport(): GrpcTransport {
    return new GrpcTransport(this, this.#credentials);
  }
}
