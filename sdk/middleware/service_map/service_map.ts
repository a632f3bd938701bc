/**
 * Gathers and sends what is recorded of requests.
 *
 * @module
 */

import { context, isSpanContextValid, trace } from "@opentelemetry/api";
import { Outbox } from "../../queue/outbox.ts";
import { onBeforeExit, unrefTimer } from "../../runtime/mod.ts";
import { SERVICE_HEADER } from "../../tracing/constants.ts";
import { type HeaderCarrier, headerValues } from "../../tracing/propagation/carrier.ts";
import { LimitedWarning } from "../../tracing/warn.ts";
import {
  extractTraceId,
  normalizeEndpoint,
  type ServiceConnectionRecord,
  shortened,
} from "./record.ts";

/** Takes records; `HttpServiceMapSink` sends them to a server. */
export interface ServiceMapSink {
  /** For people, for example `http`. */
  readonly name: string;
  /**
   * Takes records. Resolves when they are stored.
   *
   * @param records At least one
   * @param signal Ends the attempt
   * @throws {TransportError} telling whether the same records may be sent again
   */
  write(records: readonly ServiceConnectionRecord[], signal: AbortSignal): Promise<void>;
  /** Closes connections. */
  close?(): Promise<void>;
}

/** What a {@linkcode ServiceMap} is made of. */
export interface ServiceMapOptions {
  /** Takes the records. */
  readonly sink: ServiceMapSink;
  /** Name of this service. */
  readonly serviceName: string;
  /** Tags of every record. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether the names and types of the fields of JSON bodies are recorded; false by default. */
  readonly captureSchema?: boolean;
  /** Longest body that is looked at, in bytes; 16 MiB by default. */
  readonly maxBodyBytes?: number;
  /** Records in one message; 100 by default. */
  readonly batchSize?: number;
  /** Longest time in milliseconds a record waits; 5,000 by default. */
  readonly flushIntervalMs?: number;
  /** Messages that may wait to be sent; beyond it the oldest is dropped and counted. 100 by default. */
  readonly maxPendingBatches?: number;
}

/** What became of the records. */
export interface ServiceMapStats {
  /** Records that were made. */
  readonly recorded: number;
  /** Records the sink took. */
  readonly sent: number;
  /** Records the sink refused. */
  readonly failed: number;
  /** Records that found too many waiting, or no time at the end. */
  readonly dropped: number;
  /** Records that wait. */
  readonly pending: number;
}

/** A request before it is answered. */
export interface IncomingRequest {
  /** HTTP method. */
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** Headers, which may tell caller and trace. */
  readonly headers: HeaderCarrier;
}

/** A request that is being answered. */
export interface OpenConnection {
  /** Ends it; only the first call counts. */
  end(status: number, requestSchema?: Readonly<Record<string, string>> | null): void;
}

const DEFAULT_DEADLINE_MS = 5_000;
const MAX_BODY_BYTES = 16 << 20;

function positive(name: string, value: number | undefined, fallback: number): number {
  const number = value ?? fallback;
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(`${name} must be a whole number ≥ 1, got ${number}`);
}

/**
 * Records which service called which: one record for each request a service answered, sent in batches in the background.
 * The middleware for fetch handlers, Hono and Node share one.
 *
 * @example
 * ```ts
 * import { ServiceMap, serviceMapMiddleware, type ServiceMapSink } from "@scouter/sdk/middleware";
 *
 * const sink: ServiceMapSink = {
 *   name: "console",
 *   write: (records) => Promise.resolve(console.log(records[0]?.endpoint)),
 * };
 * await using map = new ServiceMap({ serviceName: "cart", sink });
 * const handler = serviceMapMiddleware(map)(() => new Response("ok"));
 * await (await handler(new Request("http://localhost/items/7"))).text();
 * ```
 */
export class ServiceMap implements AsyncDisposable {
  /** Whether bodies are looked at. */
  readonly captureSchema: boolean;
  /** Longest body that is looked at, in bytes. */
  readonly maxBodyBytes: number;
  readonly #serviceName: string;
  readonly #tags: string | null;
  readonly #batchSize: number;
  readonly #flushIntervalMs: number;
  readonly #sink: ServiceMapSink;
  readonly #outbox: Outbox;
  readonly #warning = new LimitedWarning();
  readonly #stopListening: () => void;
  #waiting: ServiceConnectionRecord[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #recorded = 0;
  #late = 0;
  #closing: Promise<void> | null = null;

  /**
   * Makes a recorder.
   *
   * @param options Name of this service, where records go, and how they are gathered
   * @throws {RangeError} when a size or time is not a whole number above 0
   */
  constructor(options: ServiceMapOptions) {
    this.#sink = options.sink;
    this.#serviceName = shortened(options.serviceName);
    this.#tags = options.tags === undefined ? null : JSON.stringify(options.tags);
    this.captureSchema = options.captureSchema ?? false;
    this.maxBodyBytes = positive("maxBodyBytes", options.maxBodyBytes, MAX_BODY_BYTES);
    this.#batchSize = positive("batchSize", options.batchSize, 100);
    this.#flushIntervalMs = positive("flushIntervalMs", options.flushIntervalMs, 5_000);
    this.#outbox = new Outbox({
      transport: {
        name: options.sink.name,
        send: (message, signal) => options.sink.write(JSON.parse(message), signal),
      },
      maxPending: positive("maxPendingBatches", options.maxPendingBatches, 100),
      overflow: "dropOldest",
      retry: {},
      random: Math.random,
      kept: null,
      tell: ({ message }) => this.#warning.warn(`service map: ${message}`),
    });
    this.#stopListening = onBeforeExit(() => this.#publish());
  }

  /** What became of the records so far. */
  get stats(): ServiceMapStats {
    const { sent, failed, dropped } = this.#outbox.counts;
    const pending = this.#outbox.items + this.#waiting.length;
    return { recorded: this.#recorded, sent, failed, dropped: dropped + this.#late, pending };
  }

  /**
   * Starts the clock of a request.
   *
   * @param request What came
   */
  begin(request: IncomingRequest): OpenConnection {
    const startMs = performance.now();
    const timestamp = new Date().toISOString();
    const source = headerValues(request.headers, SERVICE_HEADER)[0]?.trim() ?? "";
    const span = trace.getSpanContext(context.active());
    const traceId = span !== undefined && isSpanContextValid(span)
      ? span.traceId
      : extractTraceId(headerValues(request.headers, "traceparent")[0]);
    let ended = false;
    return {
      end: (status, requestSchema = null) => {
        if (ended) return;
        ended = true;
        this.record({
          source_service: source === "" ? "unknown" : shortened(source),
          destination_service: this.#serviceName,
          endpoint: normalizeEndpoint(request.path),
          method: request.method,
          status_code: status,
          latency_ms: Math.round((performance.now() - startMs) * 1e3) / 1e3,
          timestamp,
          trace_id: traceId,
          error: status >= 500,
          source_verified: false,
          tags: this.#tags,
          request_schema: requestSchema === null ? null : JSON.stringify(requestSchema),
        });
      },
    };
  }

  /** Takes a record. Never throws. */
  record(record: ServiceConnectionRecord): void {
    this.#recorded++;
    if (this.#closing !== null) {
      this.#late++;
      this.#warning.warn(`service map: ${this.#late} requests ended after shutdown()`);
      return;
    }
    this.#waiting.push(record);
    if (this.#waiting.length >= this.#batchSize) return this.#publish();
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#publish(), this.#flushIntervalMs);
    unrefTimer(this.#timer);
  }

  #publish(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const records = this.#waiting;
    if (records.length === 0) return;
    this.#waiting = [];
    const message = JSON.stringify(records);
    this.#outbox.push({ message, key: "", items: records.length, records: records.length });
  }

  /** Sends everything; resolves when nothing waits any more. */
  async flush(): Promise<void> {
    this.#publish();
    await this.#outbox.idle();
  }

  /**
   * Sends everything and closes the sink. What is not sent when the time is over is dropped and counted.
   *
   * @param options Time for it: 5,000 milliseconds by default
   */
  shutdown(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#shutdown(options.deadlineMs ?? DEFAULT_DEADLINE_MS);
    return this.#closing;
  }

  async #shutdown(deadlineMs: number): Promise<void> {
    this.#stopListening();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => timer = setTimeout(resolve, deadlineMs));
    await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    this.#outbox.close();
    await this.#sink.close?.();
  }

  /** Shuts down, so that `await using` does it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
