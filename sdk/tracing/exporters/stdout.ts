/**
 * An exporter that prints spans.
 *
 * @module
 */

import type { ExportResult } from "../opentelemetry.ts";
import { ExportResultCode } from "@opentelemetry/core";
import { spanRecord } from "../span_record.ts";
import type { EndedSpan, ExporterOptions, ScouterExporter } from "./types.ts";

/** How a {@linkcode StdoutSpanExporter} prints. */
export interface StdoutSpanExporterOptions extends ExporterOptions {
  /** Writes one line; `console.log` by default. */
  readonly write?: (line: string) => void;
}

/**
 * Prints each span as one line of JSON.
 *
 * @example
 * ```ts
 * import { initTracer, shutdownTracer, StdoutSpanExporter } from "@scouter/sdk/tracing";
 *
 * initTracer({ transport: null, exporter: new StdoutSpanExporter() }).startSpan("checkout").end();
 * await shutdownTracer();
 * ```
 */
export class StdoutSpanExporter implements ScouterExporter {
  /** Whether spans are gathered before they are printed. */
  readonly batchExport: boolean;
  /** Share of traces that is printed. */
  declare readonly sampleRatio?: number;
  readonly #write: (line: string) => void;

  /**
   * Makes an exporter.
   *
   * @param options Whether spans are gathered (false by default), and where lines go
   */
  constructor(options: StdoutSpanExporterOptions = {}) {
    this.batchExport = options.batchExport ?? false;
    if (options.sampleRatio !== undefined) this.sampleRatio = options.sampleRatio;
    this.#write = options.write ?? ((line) => console.log(line));
  }

  /** Prints spans; OpenTelemetry's SDK calls this. */
  export(spans: EndedSpan[], resultCallback: (result: ExportResult) => void): void {
    for (const span of spans) this.#write(JSON.stringify(spanRecord(span)));
    resultCallback({ code: ExportResultCode.SUCCESS });
  }

  /** Nothing is kept open. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
