/**
 * Export over OTLP/gRPC.
 *
 * @module
 */

import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { ExportResultCode } from "@opentelemetry/core";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { environment } from "../../runtime/mod.ts";
import { TracingError } from "../errors.ts";
import { headersFromEnvironment } from "../exporters/otlp_endpoint.ts";
import type { EndedSpan, ExporterOptions, ScouterExporter } from "../exporters/types.ts";
import type { ExportResult } from "../opentelemetry.ts";
import { LimitedWarning } from "../warn.ts";

/** How a {@linkcode GrpcSpanExporter} exports. */
export interface GrpcSpanExporterOptions extends ExporterOptions {
  /**
   * The server; `https` for TLS. By default `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT`, or
   * port 4317 of this machine.
   */
  readonly endpoint?: string;
  /** Milliseconds for an export with all its retries; 10,000 by default. */
  readonly timeoutMs?: number;
  /** `none` by default. */
  readonly compression?: "gzip" | "none";
  /** Metadata of every call, for example `authorization`, beside those of `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly headers?: Readonly<Record<string, string>>;
}

const METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 5_000;
const GZIP = 2;

// OTLP/gRPC, "Failures": only these may be sent again. RESOURCE_EXHAUSTED is the server's way to say "later".
const RETRYABLE: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
  status.RESOURCE_EXHAUSTED,
]);

/**
 * Exports spans over OTLP/gRPC, with retries where the server allows them.
 *
 * @example
 * ```ts
 * import { GrpcSpanExporter } from "@scouter/sdk/tracing/grpc";
 *
 * const exporter = new GrpcSpanExporter({ endpoint: "http://localhost:4317" });
 * await exporter.shutdown();
 * ```
 */
export class GrpcSpanExporter implements ScouterExporter {
  /** Whether spans are gathered before they are exported. */
  readonly batchExport: boolean;
  /** Share of traces the exporter gets. */
  declare readonly sampleRatio?: number;
  readonly #client: Client;
  readonly #metadata: Metadata;
  readonly #timeoutMs: number;
  readonly #warning = new LimitedWarning();
  #rejected = 0;

  /**
   * Makes an exporter.
   *
   * @param options Where and how
   * @throws {TracingError} `invalid_argument` when the endpoint is not an address
   */
  constructor(options: GrpcSpanExporterOptions = {}) {
    this.batchExport = options.batchExport ?? true;
    if (options.sampleRatio !== undefined) this.sampleRatio = options.sampleRatio;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    const url = grpcEndpoint(options.endpoint);
    this.#client = new Client(
      url.host,
      url.protocol === "https:" ? credentials.createSsl() : credentials.createInsecure(),
      options.compression === "gzip" ? { "grpc.default_compression_algorithm": GZIP } : {},
    );
    this.#metadata = new Metadata();
    const headers = { ...headersFromEnvironment(), ...options.headers };
    for (const [key, value] of Object.entries(headers)) {
      this.#metadata.set(key, value);
    }
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
    const body = ProtobufTraceSerializer.serializeRequest(spans);
    if (body === undefined) throw new TracingError("export_failed", "the spans cannot be encoded");
    const deadlineMs = Date.now() + this.#timeoutMs;
    for (let attempt = 0;; attempt++) {
      const answer = await this.#call(Buffer.from(body), deadlineMs);
      if (answer instanceof Uint8Array) return this.#readAnswer(answer);
      const capMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
      const pauseMs = capMs * (0.5 + Math.random() / 2);
      if (!RETRYABLE.has(answer.code) || Date.now() + pauseMs >= deadlineMs) {
        throw new TracingError("export_failed", `export over gRPC: ${answer.message}`);
      }
      await new Promise((done) => setTimeout(done, pauseMs));
    }
  }

  #call(body: Buffer, deadlineMs: number): Promise<Uint8Array | { code: number; message: string }> {
    const same = (bytes: Buffer) => bytes;
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        METHOD,
        same,
        same,
        body,
        this.#metadata,
        { deadline: deadlineMs },
        (error, answer) => resolve(error ?? answer ?? new Uint8Array()),
      );
    });
  }

  #readAnswer(answer: Uint8Array): void {
    const partial = ProtobufTraceSerializer.deserializeResponse(answer).partialSuccess;
    const rejected = Number(partial?.rejectedSpans ?? 0);
    if (rejected === 0) return;
    this.#rejected += rejected;
    this.#warning.warn(
      `the server rejected ${rejected} spans: ${partial?.errorMessage ?? "it did not say why"}`,
    );
  }

  /** Closes the connection. */
  shutdown(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}

function grpcEndpoint(given: string | undefined): URL {
  const text = given ?? environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ??
    environment("OTEL_EXPORTER_OTLP_ENDPOINT") ?? "http://localhost:4317";
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.host === "") {
    throw new TracingError(
      "invalid_argument",
      `endpoint "${text}" is not an address such as http://localhost:4317`,
    );
  }
  return url;
}
