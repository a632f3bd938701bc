/**
 * Spans on their way to an exporter.
 *
 * @module
 */

import type { ExportResult, ReadableSpan, SpanExporter } from "./opentelemetry.ts";
import { context, TraceFlags } from "@opentelemetry/api";
import { ExportResultCode, suppressTracing } from "@opentelemetry/core";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { unrefTimer } from "../runtime/mod.ts";
import { TracingError } from "./errors.ts";
import { exporterFilter } from "./sampling.ts";
import { LimitedWarning } from "./warn.ts";

/** How spans are gathered before they are exported. */
export interface BatchConfig {
  /** Spans that may wait; what comes beyond is dropped and counted. 2,048 by default. */
  readonly maxQueueSize?: number;
  /** Longest time in milliseconds a span waits; 5,000 by default. */
  readonly scheduledDelayMs?: number;
  /** Spans in one export; 512 by default. */
  readonly maxExportBatchSize?: number;
}

/** What became of the spans of one exporter. */
export interface ExportStats {
  /** Spans the exporter took. */
  readonly exported: number;
  /** Spans the exporter could not deliver. */
  readonly failed: number;
  /** Spans that found the queue full. */
  readonly dropped: number;
  /** Spans that wait. */
  readonly queued: number;
}

/** What a {@linkcode BatchProcessor} is made of. */
export interface BatchProcessorOptions {
  readonly exporter: SpanExporter;
  /** False exports each span by itself as soon as it ends. */
  readonly batched: boolean;
  readonly config?: BatchConfig | undefined;
  /** Share of traces the exporter gets; all by default. */
  readonly sampleRatio?: number | undefined;
  /** Sees a span first; true keeps it from the exporter. */
  readonly intercept?: ((span: ReadableSpan) => boolean) | undefined;
}

function whole(name: string, value: number | undefined, fallback: number): number {
  const number = value ?? fallback;
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new TracingError("invalid_argument", `batch.${name} must be a whole number ≥ 1: ${number}`);
}

/** Gathers spans and hands them to an exporter, one export at a time; counts what cannot be delivered. */
export class BatchProcessor implements SpanProcessor {
  readonly #exporter: SpanExporter;
  readonly #accepts: (traceId: string) => boolean;
  readonly #intercept: ((span: ReadableSpan) => boolean) | undefined;
  readonly #maxQueueSize: number;
  readonly #maxBatchSize: number;
  readonly #delayMs: number;
  readonly #warning = new LimitedWarning();
  #waiting: ReadableSpan[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: Promise<void> | null = null;
  #closed = false;
  #accepted = 0;
  #exported = 0;
  #failed = 0;
  #dropped = 0;

  constructor(options: BatchProcessorOptions) {
    this.#exporter = options.exporter;
    this.#accepts = exporterFilter(options.sampleRatio);
    this.#intercept = options.intercept;
    this.#maxQueueSize = whole("maxQueueSize", options.config?.maxQueueSize, 2_048);
    const batch = options.batched
      ? whole("maxExportBatchSize", options.config?.maxExportBatchSize, 512)
      : 1;
    this.#maxBatchSize = Math.min(batch, this.#maxQueueSize);
    this.#delayMs = whole("scheduledDelayMs", options.config?.scheduledDelayMs, 5_000);
  }

  /** What became of the spans so far. */
  get stats(): ExportStats {
    return {
      exported: this.#exported,
      failed: this.#failed,
      dropped: this.#dropped,
      queued: this.#waiting.length,
    };
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const { traceId, traceFlags } = span.spanContext();
    if ((traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.#intercept?.(span) === true) return;
    if (!this.#accepts(traceId)) return;
    if (this.#closed || this.#waiting.length >= this.#maxQueueSize) {
      this.#dropped++;
      const why = this.#closed ? "tracing was shut down" : `${this.#maxQueueSize} spans wait`;
      this.#warning.warn(`span "${span.name}" dropped: ${why} (${this.#dropped} dropped so far)`);
      return;
    }
    this.#waiting.push(span);
    this.#accepted++;
    if (this.#waiting.length >= this.#maxBatchSize) this.#start();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#running !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#start();
    }, this.#delayMs);
    unrefTimer(this.#timer);
  }

  /** Exports what waits, unless that is happening. */
  #start(): Promise<void> {
    if (this.#running !== null) return this.#running;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const running = this.#run().finally(() => {
      this.#running = null;
      if (this.#waiting.length >= this.#maxBatchSize) this.#start();
      else if (this.#waiting.length > 0) this.#schedule();
    });
    this.#running = running;
    return running;
  }

  async #run(): Promise<void> {
    // Only what waits now: spans that end meanwhile must not keep a flush from ending.
    let left = this.#waiting.length;
    while (left > 0 && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, Math.min(left, this.#maxBatchSize));
      left -= batch.length;
      const problem = await this.#exportBatch(batch);
      if (problem === null) {
        this.#exported += batch.length;
      } else {
        this.#failed += batch.length;
        this.#warning.warn(`${batch.length} spans could not be exported: ${problem}`);
      }
    }
  }

  #exportBatch(batch: ReadableSpan[]): Promise<string | null> {
    return new Promise((resolve) => {
      const done = (result: ExportResult) =>
        resolve(
          result.code === ExportResultCode.SUCCESS
            ? null
            : result.error?.message ?? "the exporter did not say why",
        );
      try {
        context.with(
          suppressTracing(context.active()),
          () => this.#exporter.export(batch, done),
        );
      } catch (error) {
        resolve(error instanceof Error ? error.message : String(error));
      }
    });
  }

  /** Exports everything that ended before the call. */
  async forceFlush(): Promise<void> {
    // Until everything taken so far is settled: an export that ends may have started the next by itself.
    const target = this.#accepted;
    while (this.#exported + this.#failed < target) await this.#start();
    await this.#exporter.forceFlush?.();
  }

  /** Exports everything and closes the exporter. */
  async shutdown(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.forceFlush();
    await this.#exporter.shutdown();
  }
}
