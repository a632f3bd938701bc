/**
 * An exporter that keeps spans, for tests.
 *
 * @module
 */

import type { ExportResult } from "../opentelemetry.ts";
import { ExportResultCode } from "@opentelemetry/core";
import {
  baggageOf,
  type BaggageRecord,
  type SpanRecord,
  spanRecord,
  tagsOf,
} from "../span_record.ts";
import type { TagRecord } from "../span_record.ts";
import type { EndedSpan, ExporterOptions, ScouterExporter } from "./types.ts";

/**
 * Keeps spans in memory.
 *
 * @example
 * ```ts
 * import { initTracer, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const exporter = new TestSpanExporter({ batchExport: false });
 * initTracer({ transport: exporter }).startSpan("checkout", { tags: { tenant: "acme" } }).end();
 * await shutdownTracer();
 * console.log(exporter.spans[0]?.span_name, exporter.tags);
 * ```
 */
export class TestSpanExporter implements ScouterExporter {
  /** Whether spans are gathered before they are exported. */
  readonly batchExport: boolean;
  /** Share of traces the exporter gets. */
  declare readonly sampleRatio?: number;
  readonly #ended: EndedSpan[] = [];

  /**
   * Makes an exporter.
   *
   * @param options Whether spans are gathered (true by default), and which share is wanted
   */
  constructor(options: ExporterOptions = {}) {
    this.batchExport = options.batchExport ?? true;
    if (options.sampleRatio !== undefined) this.sampleRatio = options.sampleRatio;
  }

  /** Spans in the order in which they ended. */
  get spans(): readonly SpanRecord[] {
    return this.#ended.map(spanRecord);
  }

  /** The same spans as OpenTelemetry has them. */
  get ended(): readonly EndedSpan[] {
    return this.#ended;
  }

  /** Baggage of the spans. */
  get baggage(): readonly BaggageRecord[] {
    return this.#ended.flatMap(baggageOf);
  }

  /** Tags of the spans. */
  get tags(): readonly TagRecord[] {
    return this.#ended.flatMap(tagsOf);
  }

  /** Forgets everything. */
  clear(): void {
    this.#ended.length = 0;
  }

  /** Keeps spans; OpenTelemetry's SDK calls this. */
  export(spans: EndedSpan[], resultCallback: (result: ExportResult) => void): void {
    this.#ended.push(...spans);
    resultCallback({ code: ExportResultCode.SUCCESS });
  }

  /** Does nothing: what was kept can still be read. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
