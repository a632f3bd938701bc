/**
 * What an exporter may say about itself.
 *
 * @module
 */

import type { ReadableSpan, SpanExporter } from "../opentelemetry.ts";

/** A span that has ended, as exporters get it. */
export type EndedSpan = ReadableSpan;

/** An exporter of OpenTelemetry, with Scouter's settings where it has them. */
export interface ScouterExporter extends SpanExporter {
  /** Whether it wants batches; true when it does not say. */
  readonly batchExport?: boolean;
  /** Share of traces it gets, 0 to 1; all that are recorded when it does not say. */
  readonly sampleRatio?: number;
}

/** Settings common to exporters. */
export interface ExporterOptions {
  /** Whether spans are gathered before they are exported. */
  readonly batchExport?: boolean;
  /** Share of traces the exporter gets, 0 to 1; all that are recorded by default. */
  readonly sampleRatio?: number;
}
