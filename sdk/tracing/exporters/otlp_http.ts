/**
 * Export over OTLP/HTTP.
 *
 * @module
 */

import type { ExportResult } from "../opentelemetry.ts";
import { ExportResultCode } from "@opentelemetry/core";
// Not loaded on first use: in Deno a dynamic import leaves its caller's async context active in the event loop, and every
// later span would find tracing suppressed.
import {
  type IExportTraceServiceResponse,
  type ISerializer,
  JsonTraceSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import { TracingError } from "../errors.ts";
import { LimitedWarning } from "../warn.ts";
import { HttpSender } from "./http_sender.ts";
import { headersFromEnvironment, tracesEndpoint } from "./otlp_endpoint.ts";
import type { EndedSpan, ExporterOptions, ScouterExporter } from "./types.ts";

/** Encodings of OTLP/HTTP. */
export type OtlpProtocol = "HttpBinary" | "HttpJson";

/** How an {@linkcode HttpSpanExporter} exports. */
export interface HttpSpanExporterOptions extends ExporterOptions {
  /** Protobuf (`HttpBinary`) by default. */
  readonly protocol?: OtlpProtocol;
  /** The server, or its whole address for traces; see the README for the environment variables that are read else. */
  readonly endpoint?: string;
  /** Milliseconds for an export with all its retries; 10,000 by default. */
  readonly timeoutMs?: number;
  /** `none` by default. */
  readonly compression?: "gzip" | "none";
  /** Further headers, for example `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Another `fetch`, for proxies and tests. */
  readonly fetch?: typeof globalThis.fetch;
}

type TraceSerializer = ISerializer<EndedSpan[], IExportTraceServiceResponse>;

/**
 * Exports spans over OTLP/HTTP as protobuf or JSON, with retries where the server allows them.
 *
 * @example
 * ```ts
 * import { HttpSpanExporter, initTracer, shutdownTracer } from "@scouter/sdk/tracing";
 *
 * const transport = new HttpSpanExporter({ endpoint: "http://localhost:4318", compression: "gzip" });
 * initTracer({ serviceName: "shop", transport });
 * await shutdownTracer();
 * ```
 */
export class HttpSpanExporter implements ScouterExporter {
  /** Whether spans are gathered before they are exported. */
  readonly batchExport: boolean;
  /** Share of traces the exporter gets. */
  declare readonly sampleRatio?: number;
  /** Where spans are sent. */
  readonly url: string;
  readonly #serializer: TraceSerializer;
  readonly #sender: HttpSender;
  readonly #warning = new LimitedWarning();
  #rejected = 0;

  /**
   * Makes an exporter.
   *
   * @param options Where and how
   * @throws {TracingError} `invalid_argument` when the endpoint is not an address
   */
  constructor(options: HttpSpanExporterOptions = {}) {
    this.batchExport = options.batchExport ?? true;
    if (options.sampleRatio !== undefined) this.sampleRatio = options.sampleRatio;
    this.url = tracesEndpoint(options.endpoint);
    const json = options.protocol === "HttpJson";
    this.#serializer = json ? JsonTraceSerializer : ProtobufTraceSerializer;
    this.#sender = new HttpSender({
      url: this.url,
      headers: {
        ...headersFromEnvironment(),
        ...options.headers,
        "content-type": json ? "application/json" : "application/x-protobuf",
      },
      timeoutMs: options.timeoutMs ?? 10_000,
      compression: options.compression ?? "none",
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    });
  }

  /** Spans the server took no responsibility for although it accepted their export. */
  get rejected(): number {
    return this.#rejected;
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
    const body = this.#serializer.serializeRequest(spans);
    if (body === undefined) throw new TracingError("export_failed", "the spans cannot be encoded");
    const answer = await this.#sender.send(new Uint8Array(body));
    if (answer.length === 0) return;
    const partial = this.#partialSuccess(answer);
    const rejected = Number(partial?.rejectedSpans ?? 0);
    if (rejected === 0) return;
    this.#rejected += rejected;
    this.#warning.warn(
      `the server rejected ${rejected} spans: ${partial?.errorMessage ?? "it did not say why"}`,
    );
  }

  /** A 2xx means the spans were taken, whatever its body looks like. */
  #partialSuccess(answer: Uint8Array): IExportTraceServiceResponse["partialSuccess"] {
    try {
      return this.#serializer.deserializeResponse(answer).partialSuccess;
    } catch {
      this.#warning.warn(`${this.url} took the spans but its answer is no OTLP response`);
      return undefined;
    }
  }

  /** Gives up what is being sent. */
  shutdown(): Promise<void> {
    this.#sender.close();
    return Promise.resolve();
  }

  /** Nothing waits inside the exporter. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }
}
