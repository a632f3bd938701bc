/**
 * The tracer provider.
 *
 * @module
 */

import type { Attributes, OtelTracerProvider } from "./opentelemetry.ts";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { defaultResource, type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { type SpanProcessor, TracerProvider as SdkTracerProvider } from "@opentelemetry/sdk-trace";
import { environment, onBeforeExit } from "../runtime/mod.ts";
import { type AttributeInput, toAttributes } from "./attribute_value.ts";
import { type BatchConfig, BatchProcessor, type ExportStats } from "./batch.ts";
import { DEFAULT_SCOPE, DEFAULT_SERVICE_NAME, SCOPE, SERVICE_NAME } from "./constants.ts";
import { TracingError } from "./errors.ts";
import { HttpSpanExporter, type HttpSpanExporterOptions } from "./exporters/otlp_http.ts";
import type { ScouterExporter } from "./exporters/types.ts";
import { captureLocally } from "./local_capture.ts";
import type { Transport, TransportConfig } from "../queue/transport.ts";
import { TransportSpanExporter } from "./exporters/transport_exporter.ts";
import type { SpanQueue } from "./queue.ts";
import { providerSampler } from "./sampling.ts";
import { ScouterTracer } from "./tracer.ts";

/**
 * How spans get to Scouter: an exporter, the settings of OTLP over HTTP, what carries a queue's messages (Kafka, RabbitMQ,
 * Redis, HTTP and gRPC with login; the transport or its settings), or null for not at all.
 */
export type SpanTransport =
  | ScouterExporter
  | HttpSpanExporterOptions
  | Transport
  | TransportConfig
  | null;

/** What a {@linkcode ScouterTracerProvider} is made of. */
export interface TracerProviderOptions {
  /** Way to Scouter; OTLP over HTTP to the addresses of OpenTelemetry's environment variables by default. */
  readonly transport?: SpanTransport;
  /** A second exporter beside Scouter's. */
  readonly exporter?: ScouterExporter;
  /** How spans are gathered; given, it makes every exporter gather. */
  readonly batch?: BatchConfig;
  /** Share of new traces that is recorded, 0 to 1; all by default. A caller's decision is followed. */
  readonly sampleRatio?: number;
  /** Queue of `span.addQueueItem()`. */
  readonly queue?: SpanQueue;
  /** Attributes of every span; those that name the service (`service.*`) become the resource. */
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  /** Name of the service; by default `service.name` of `attributes`, then `OTEL_SERVICE_NAME`. */
  readonly serviceName?: string;
  /** Attributes of the resource. */
  readonly resource?: Readonly<Record<string, AttributeInput>>;
  /** Name of the scope; a resource attribute. */
  readonly scope?: string;
  /** Profile that spans belong to unless another is active. */
  readonly defaultEntityUid?: string;
}

/** Export statistics by exporter; null for an exporter that is not there. */
export interface ProviderStats {
  /** The way to Scouter. */
  readonly scouter: ExportStats | null;
  /** The second exporter. */
  readonly exporter: ExportStats | null;
}

// One for the process: contexts of several providers must nest in each other.
let contextManager: AsyncLocalStorageContextManager | null = null;

function ensureContextManager(): void {
  if (contextManager !== null) return;
  const manager = new AsyncLocalStorageContextManager();
  manager.enable();
  // False when the application has one of its own, which then serves as well.
  if (context.setGlobalContextManager(manager)) contextManager = manager;
}

/** Takes the context manager away again if it is ours. */
export function releaseContextManager(): void {
  if (contextManager === null) return;
  context.disable();
  contextManager = null;
}

/** Name of the service, wherever it is told. */
export function resolveServiceName(options: TracerProviderOptions): string {
  const given = options.serviceName ?? options.resource?.[SERVICE_NAME] ??
    options.attributes?.[SERVICE_NAME];
  return typeof given === "string" && given !== ""
    ? given
    : environment("OTEL_SERVICE_NAME") ?? DEFAULT_SERVICE_NAME;
}

/**
 * Makes tracers whose spans go to Scouter and, optionally, to a second exporter.
 *
 * @example
 * ```ts
 * import { ScouterTracerProvider, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const exporter = new TestSpanExporter();
 * const provider = new ScouterTracerProvider({ transport: exporter, attributes: { region: "eu" } });
 * provider.getTracer("shop").startSpan("checkout").end();
 * await provider.shutdown();
 * console.log(exporter.spans.length); // 1
 * ```
 */
export class ScouterTracerProvider implements OtelTracerProvider {
  /** Name of the service. */
  readonly serviceName: string;
  readonly #options: TracerProviderOptions;
  readonly #defaultAttributes: Attributes;
  readonly #resource: Resource;
  readonly #scouter: BatchProcessor | null;
  readonly #second: BatchProcessor | null;
  readonly #byService = new Map<string, SdkTracerProvider>();
  readonly #tracers = new Map<string, ScouterTracer>();
  #queue: SpanQueue | undefined;
  readonly #stopListening: () => void;
  #shutdown: Promise<void> | null = null;

  /**
   * Makes a provider.
   *
   * @param options What it is made of
   * @throws {TracingError} `invalid_argument` when a setting cannot be used
   */
  constructor(options: TracerProviderOptions = {}) {
    ensureContextManager();
    this.#options = options;
    this.#queue = options.queue;
    this.serviceName = resolveServiceName(options);
    const all = toAttributes(options.attributes ?? {});
    const isService = ([key]: [string, unknown]) => key.startsWith("service.");
    const entries = Object.entries(all);
    this.#defaultAttributes = Object.fromEntries(entries.filter((entry) => !isService(entry)));
    this.#resource = defaultResource().merge(resourceFromAttributes({
      ...resourceFromEnvironment(),
      ...Object.fromEntries(entries.filter(isService)),
      ...toAttributes(options.resource ?? {}),
      [SCOPE]: options.scope ?? DEFAULT_SCOPE,
    }));
    this.#scouter = this.#processor(transportOf(options.transport), true);
    this.#second = this.#processor(options.exporter ?? null, false);
    // Timers of batches do not keep a process alive; a program that just ends must not lose its last spans.
    this.#stopListening = onBeforeExit(() => this.#flushBeforeExit());
  }

  #flushBeforeExit(): void {
    for (const processor of [this.#scouter, this.#second]) {
      if (processor !== null && processor.stats.queued > 0) void processor.forceFlush();
    }
  }

  #processor(exporter: ScouterExporter | null, capture: boolean): BatchProcessor | null {
    if (exporter === null) return null;
    return new BatchProcessor({
      exporter,
      batched: this.#options.batch !== undefined || exporter.batchExport !== false,
      config: this.#options.batch,
      sampleRatio: exporter.sampleRatio,
      intercept: capture ? captureLocally : undefined,
    });
  }

  /** What became of the spans so far. */
  get stats(): ProviderStats {
    return { scouter: this.#scouter?.stats ?? null, exporter: this.#second?.stats ?? null };
  }

  /** Sets the queue of `span.addQueueItem()`. */
  setQueue(queue: SpanQueue | undefined): void {
    this.#queue = queue;
  }

  /**
   * Makes a tracer, or finds the one that was made before.
   *
   * @param name Name of the scope
   * @param version Version of the scope
   * @param options `schemaUrl`: schema of the attributes; `serviceName`: a service other than the provider's
   */
  getTracer(
    name: string,
    version?: string,
    options: { readonly schemaUrl?: string; readonly serviceName?: string } = {},
  ): ScouterTracer {
    const service = options.serviceName ?? this.serviceName;
    const key = JSON.stringify([name, version ?? "", options.schemaUrl ?? "", service]);
    const known = this.#tracers.get(key);
    if (known !== undefined) return known;
    const inner = this.#providerOf(service).getTracer(
      name,
      version,
      options.schemaUrl === undefined ? {} : { schemaUrl: options.schemaUrl },
    );
    const tracer = new ScouterTracer({
      inner,
      defaultAttributes: this.#defaultAttributes,
      defaultEntityUid: this.#options.defaultEntityUid,
      queue: () => this.#queue,
    });
    this.#tracers.set(key, tracer);
    return tracer;
  }

  /** A resource belongs to a provider, so each service has one; they share the way out. */
  #providerOf(service: string): SdkTracerProvider {
    const known = this.#byService.get(service);
    if (known !== undefined) return known;
    const provider = new SdkTracerProvider({
      resource: this.#resource.merge(resourceFromAttributes({ [SERVICE_NAME]: service })),
      sampler: providerSampler(this.#options.sampleRatio),
      spanProcessors: [
        this.#scouter ?? CAPTURE_ONLY,
        ...(this.#second === null ? [] : [this.#second]),
      ],
    });
    this.#byService.set(service, provider);
    return provider;
  }

  /**
   * Exports everything that has ended.
   *
   * @param timeoutMs Milliseconds to wait; 30,000 by default
   * @throws {TracingError} `export_failed` when it takes longer
   */
  async forceFlush(timeoutMs: number = 30_000): Promise<void> {
    await within(timeoutMs, Promise.all([this.#scouter?.forceFlush(), this.#second?.forceFlush()]));
  }

  /**
   * Exports everything that has ended and closes the exporters. Spans that end later are dropped and counted.
   *
   * @param timeoutMs Milliseconds to wait; 30,000 by default
   * @throws {TracingError} `export_failed` when it takes longer
   */
  shutdown(timeoutMs: number = 30_000): Promise<void> {
    this.#stopListening();
    this.#shutdown ??= within(
      timeoutMs,
      Promise.all([this.#scouter?.shutdown(), this.#second?.shutdown()]),
    );
    return this.#shutdown;
  }

  /** The same as {@linkcode ScouterTracerProvider.shutdown}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}

/** Without a way to Scouter spans can still be captured. */
const CAPTURE_ONLY: SpanProcessor = {
  onStart: () => {},
  onEnd: (span) => void captureLocally(span),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function transportOf(transport: SpanTransport | undefined): ScouterExporter | null {
  if (transport === null) return null;
  if (transport !== undefined && "export" in transport) return transport;
  if (transport !== undefined && ("send" in transport || "createTransport" in transport)) {
    return new TransportSpanExporter({ transport });
  }
  return new HttpSpanExporter(transport);
}

function resourceFromEnvironment(): Attributes {
  const attributes: Attributes = {};
  for (const pair of (environment("OTEL_RESOURCE_ATTRIBUTES") ?? "").split(",")) {
    const equals = pair.indexOf("=");
    if (equals < 1) continue;
    attributes[pair.slice(0, equals).trim()] = decodeURIComponent(pair.slice(equals + 1).trim());
  }
  return attributes;
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TracingError("export_failed", `spans were not sent within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
