/**
 * Export over what carries queue messages: a broker, or the server's interface for messages.
 *
 * @module
 */

import { ExportResultCode } from "@opentelemetry/core";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { backoffMs, sleep } from "../../client/backoff.ts";
import type { Transport, TransportConfig } from "../../queue/transport.ts";
import { TracingError } from "../errors.ts";
import type { ExportResult } from "../opentelemetry.ts";
import type { EndedSpan, ExporterOptions, ScouterExporter } from "./types.ts";

/** How a {@linkcode TransportSpanExporter} exports. */
export interface TransportSpanExporterOptions extends ExporterOptions {
  /** Carries the messages: any transport of `@scouter/sdk/queue`, or its settings. */
  readonly transport: Transport | TransportConfig;
  /** Milliseconds for an export with all its retries; 10,000 by default. */
  readonly timeoutMs?: number;
  /**
   * Longest message in UTF-16 units; batches that make a longer one are sent in parts. 900,000 by default, which brokers
   * take as they come out of the box.
   */
  readonly maxMessageLength?: number;
  /** Whether the transport is closed with the exporter; true by default. False when a queue uses it too. */
  readonly closeTransport?: boolean;
}

const BACKOFF = { firstMs: 200, maxMs: 5_000 };
const DEFAULT_MAX_LENGTH = 900_000;

/** Looks at the members and not at the class: a transport may come from another copy of the package. */
function retryOf(error: unknown): { readonly retry: boolean; readonly afterMs: number } {
  if (typeof error !== "object" || error === null) return { retry: false, afterMs: 0 };
  const retry = "retry" in error && error.retry === true;
  const after = "retryAfterMs" in error ? error.retryAfterMs : undefined;
  return { retry, afterMs: typeof after === "number" ? after : 0 };
}

/**
 * Exports spans as messages, for services that reach Scouter through Kafka, RabbitMQ or Redis, or log in at its HTTP
 * interface. A message holds an OTLP/JSON export request. What the transport says may be sent again is sent again; the
 * server stores a span that arrives twice once.
 *
 * @example
 * ```ts
 * import { MockTransport } from "@scouter/sdk/queue";
 * import { initTracer, shutdownTracer, TransportSpanExporter } from "@scouter/sdk/tracing";
 *
 * const transport = new MockTransport();
 * const tracer = initTracer({ transport: new TransportSpanExporter({ transport }) });
 * tracer.withSpan("checkout", () => {});
 * await shutdownTracer();
 * console.log(transport.messages.length); // 1
 * ```
 */
export class TransportSpanExporter implements ScouterExporter {
  /** Whether spans are gathered before they are exported. */
  readonly batchExport: boolean;
  /** Share of traces the exporter gets. */
  declare readonly sampleRatio?: number;
  readonly #transport: Transport;
  readonly #timeoutMs: number;
  readonly #maxLength: number;
  readonly #closeTransport: boolean;
  readonly #close = new AbortController();

  /**
   * Makes an exporter.
   *
   * @param options The transport, and how it is used
   */
  constructor(options: TransportSpanExporterOptions) {
    this.batchExport = options.batchExport ?? true;
    if (options.sampleRatio !== undefined) this.sampleRatio = options.sampleRatio;
    const { transport } = options;
    this.#transport = "createTransport" in transport ? transport.createTransport() : transport;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#maxLength = options.maxMessageLength ?? DEFAULT_MAX_LENGTH;
    this.#closeTransport = options.closeTransport ?? true;
  }

  /** Sends spans; OpenTelemetry's SDK calls this. */
  export(spans: EndedSpan[], resultCallback: (result: ExportResult) => void): void {
    this.#export(spans).then(
      () => resultCallback({ code: ExportResultCode.SUCCESS }),
      (error: unknown) =>
        resultCallback({
          code: ExportResultCode.FAILED,
          error: error instanceof Error ? error : new TracingError("export_failed", String(error)),
        }),
    );
  }

  async #export(spans: EndedSpan[]): Promise<void> {
    const signal = AbortSignal.any([this.#close.signal, AbortSignal.timeout(this.#timeoutMs)]);
    for (const message of this.#messages(spans)) await this.#send(message, signal);
  }

  /** The spans as messages that are not too long; a single span that is goes as it is, for the other side to judge. */
  *#messages(spans: EndedSpan[]): Generator<string> {
    const message = messageOf(spans);
    if (message.length <= this.#maxLength || spans.length < 2) {
      yield message;
      return;
    }
    const parts = Math.min(spans.length, Math.ceil(message.length / this.#maxLength) + 1);
    const size = Math.ceil(spans.length / parts);
    for (let at = 0; at < spans.length; at += size) {
      yield* this.#messages(spans.slice(at, at + size));
    }
  }

  async #send(message: string, signal: AbortSignal): Promise<void> {
    let problem = `not taken within ${this.#timeoutMs} ms`;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await this.#transport.send(message, signal);
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
        const { retry, afterMs } = retryOf(error);
        if (!retry) break;
        await sleep(Math.max(afterMs, backoffMs(attempt, BACKOFF, Math.random())), signal);
      }
    }
    throw new TracingError("export_failed", `spans over ${this.#transport.name}: ${problem}`);
  }

  /** Nothing waits inside the exporter. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  /** Gives up what is being sent and closes the transport. */
  async shutdown(): Promise<void> {
    this.#close.abort();
    if (this.#closeTransport) await this.#transport.close?.();
  }
}

const DECODER = new TextDecoder();

/** The envelope's form for spans. */
function messageOf(spans: EndedSpan[]): string {
  const bytes = JsonTraceSerializer.serializeRequest(spans);
  if (bytes === undefined) throw new TracingError("export_failed", "the spans cannot be encoded");
  return `{"request":${DECODER.decode(bytes)}}`;
}
