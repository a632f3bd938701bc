/**
 * Messages over gRPC.
 *
 * @module
 */

import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type { Credentials } from "../../client/config.ts";
import { AuthService } from "../../gen/scouter/grpc/v1/auth_pb.ts";
import { MessageService } from "../../gen/scouter/grpc/v1/message_pb.ts";
import { withinTime } from "../time_limit.ts";
import { type Transport, TransportError } from "../transport.ts";
import type { GrpcConfig } from "./grpc_config.ts";

/** Refusals that stay what they are however often the message comes. */
const FINAL: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
]);

const UTF8 = new TextEncoder();
/** Where a server puts a token that follows one that has ended. */
const REFRESHED = "x-refreshed-token";

/**
 * Hands messages to a server's `MessageService`; resolves when the server has stored them. Logs in where there is a user,
 * and again when the login has ended.
 *
 * @example
 * ```ts
 * import { GrpcConfig } from "@scouter/sdk/queue/grpc";
 *
 * const transport = new GrpcConfig({ serverUri: "http://localhost:50051" }).createTransport();
 * console.log(transport.name); // "grpc"
 * await transport.close();
 * ```
 */
export class GrpcTransport implements Transport {
  /** For people. */
  readonly name = "grpc";
  readonly #client: Client;
  readonly #config: GrpcConfig;
  readonly #credentials: Credentials;
  #token: string | null;
  #login: Promise<void> | null = null;

  /**
   * Made by {@linkcode GrpcConfig.createTransport}.
   *
   * @param config where and how
   * @param who who calls; nobody by default
   */
  constructor(config: GrpcConfig, who: Credentials = { kind: "none" }) {
    this.#config = config;
    this.#credentials = who;
    this.#token = who.kind === "api_key" ? who.key : who.kind === "token" ? who.token : null;
    this.#client = new Client(
      new URL(config.serverUri).host,
      config.isEncrypted ? credentials.createSsl() : credentials.createInsecure(),
      {
        // The queue decides when to send again; the connection itself must be back by then.
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.max_reconnect_backoff_ms": 1_000,
        "grpc.keepalive_timeout_ms": config.keepAliveTimeoutMs,
        "grpc.keepalive_permit_without_calls": config.keepAliveWhileIdle ? 1 : 0,
        ...(config.keepAliveIntervalMs !== null && {
          "grpc.keepalive_time_ms": config.keepAliveIntervalMs,
        }),
      },
    );
  }

  /** Checks that the server is there, and logs in where there is a user. */
  async connect(signal: AbortSignal): Promise<void> {
    const what = `gRPC at ${this.#config.serverUri}`;
    await withinTime(what, this.#config.connectTimeoutMs, signal, () => this.#ready());
    await this.#ensureToken(signal);
  }

  /** Hands a message over. */
  async send(message: string, signal: AbortSignal): Promise<void> {
    await this.#ensureToken(signal);
    const request = { messageRecord: UTF8.encode(message) };
    const sent = this.#token;
    try {
      await this.#call(MessageService.method.insertMessage, request, signal);
    } catch (error) {
      const ended = error instanceof GrpcError && error.status === status.UNAUTHENTICATED;
      if (!ended || this.#credentials.kind !== "password") throw error;
      if (this.#token === sent) this.#token = null;
      await this.#ensureToken(signal);
      await this.#call(MessageService.method.insertMessage, request, signal);
    }
  }

  /** Closes the connection. */
  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  #ready(): Promise<void> {
    const deadline = Date.now() + this.#config.connectTimeoutMs;
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(
        deadline,
        (error) => error === undefined ? resolve() : reject(error),
      );
    });
  }

  async #ensureToken(signal: AbortSignal): Promise<void> {
    if (this.#token !== null || this.#credentials.kind !== "password") return;
    const { username, password } = this.#credentials;
    this.#login ??= this.#call(AuthService.method.login, { username, password }, signal)
      .then(({ token }) => void (this.#token = token))
      .finally(() => this.#login = null);
    await this.#login;
  }

  #call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    signal: AbortSignal,
  ): Promise<MessageShape<O>> {
    signal.throwIfAborted();
    const metadata = new Metadata();
    if (this.#token !== null) metadata.set("authorization", `Bearer ${this.#token}`);
    return new Promise((resolve, reject) => {
      const abort = () => call.cancel();
      const call = this.#client.makeUnaryRequest(
        `/${method.parent.typeName}/${method.name}`,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.from(toBinary(method.input, create(method.input, request))),
        metadata,
        { deadline: Date.now() + this.#config.timeoutMs },
        (error, answer) => {
          signal.removeEventListener("abort", abort);
          if (signal.aborted) reject(signal.reason);
          else if (error !== null) reject(translated(method.name, error));
          else resolve(fromBinary(method.output, answer ?? new Uint8Array()));
        },
      );
      call.on("metadata", (answer) => this.#keepRefreshed(answer));
      call.on("status", (answer) => this.#keepRefreshed(answer.metadata));
      signal.addEventListener("abort", abort);
    });
  }

  #keepRefreshed(metadata: Metadata): void {
    const [token] = metadata.get(REFRESHED);
    if (token !== undefined) this.#token = token.toString();
  }
}

/** A call that failed, with gRPC's status. */
class GrpcError extends TransportError {
  readonly status: number;

  constructor(message: string, cause: ServiceError) {
    super(message, { cause, retry: !FINAL.has(cause.code), retryAfterMs: retryAfter(cause) });
    this.status = cause.code;
  }
}

function translated(name: string, error: ServiceError): GrpcError {
  return new GrpcError(`${name}: ${status[error.code]}: ${error.details}`, error);
}

/** A time to wait, as servers that also speak HTTP give it. */
function retryAfter({ metadata }: ServiceError): number | undefined {
  const [seconds] = metadata?.get("retry-after") ?? [];
  const ms = seconds === undefined ? NaN : Number(seconds.toString()) * 1_000;
  return ms >= 0 ? ms : undefined;
}
