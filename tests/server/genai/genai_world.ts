/**
 * GenAI spans sent as OTLP through the real decoder, and queries over them.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  GenAiQueries,
  type GenAiQueriesOptions,
} from "../../../server/lake/traces/genai/genai_queries.ts";
import type { PriceTable } from "../../../server/genai/price_table.ts";
import { TraceQueries } from "../../../server/lake/traces/trace_queries.ts";
import { createSegmentBuilder } from "../../../server/lake/traces/segment/mod.ts";
import { testTraceHash, TraceWorld } from "../traces/fixture.ts";

/** A value as JavaScript has it; integers become ints, other numbers doubles. */
export type Value = null | boolean | number | string | readonly Value[] | {
  readonly [key: string]: Value;
};

/** A span as a test writes it. */
export interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  service?: string;
  /** Resource attributes beside the service's name. */
  resource?: { readonly [key: string]: Value };
  name?: string;
  /** As OTLP numbers them; internal when absent. */
  kind?: 1 | 2 | 3 | 4 | 5;
  startUs: number;
  endUs?: number;
  status?: 0 | 1 | 2;
  attributes: { readonly [key: string]: Value };
  events?: readonly { name: string; attributes: { readonly [key: string]: Value } }[];
}

function anyValue(value: Value): unknown {
  if (value === null) return {};
  switch (typeof value) {
    case "boolean":
      return { boolValue: value };
    case "string":
      return { stringValue: value };
    case "number":
      return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  return Array.isArray(value)
    ? { arrayValue: { values: value.map(anyValue) } }
    : { kvlistValue: { values: keyValues(value as { readonly [key: string]: Value }) } };
}

function keyValues(values: { readonly [key: string]: Value }): unknown[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

/** One OTLP JSON export request. */
export function otlpJson(spans: readonly SentSpan[]): Uint8Array {
  const nanos = (us: number) => `${us}000`;
  return new TextEncoder().encode(JSON.stringify({
    resourceSpans: spans.map((span) => ({
      resource: {
        attributes: keyValues({ "service.name": span.service ?? "svc", ...span.resource }),
      },
      scopeSpans: [{
        scope: { name: "test" },
        spans: [{
          traceId: span.traceId,
          spanId: span.spanId,
          ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
          name: span.name ?? "op",
          kind: span.kind ?? 1,
          startTimeUnixNano: nanos(span.startUs),
          endTimeUnixNano: nanos(span.endUs ?? span.startUs + 1000),
          status: { code: span.status ?? 0 },
          attributes: keyValues(span.attributes),
          events: (span.events ?? []).map((event) => ({
            timeUnixNano: nanos(span.startUs),
            name: event.name,
            attributes: keyValues(event.attributes),
          })),
        }],
      }],
    })),
  }));
}

/** A {@linkcode TraceWorld} that takes OTLP and answers GenAI questions. */
export class GenAiWorld {
  readonly traces: TraceWorld;
  readonly queries: GenAiQueries;
  #files = 0;

  private constructor(traces: TraceWorld, prices: GenAiQueriesOptions["prices"]) {
    this.traces = traces;
    this.queries = new GenAiQueries({
      store: {
        acquire: () => ({
          snapshot: { id: 0, deltaVersion: 0, files: [...traces.files] },
          release() {},
          [Symbol.dispose]() {},
        }),
      },
      engine: traces.engine,
      traceIdHash: testTraceHash,
      ...(prices === undefined ? {} : { prices }),
    });
  }

  /** Questions about traces that know prices. */
  pricedTraces(table: PriceTable): TraceQueries {
    return new TraceQueries({
      store: {
        acquire: () => ({
          snapshot: { id: 0, deltaVersion: 0, files: [...this.traces.files] },
          release() {},
          [Symbol.dispose]() {},
        }),
      },
      engine: this.traces.engine,
      traceIdHash: testTraceHash,
      prices: { table: () => Promise.resolve(table) },
    });
  }

  static async open(prices?: GenAiQueriesOptions["prices"]): Promise<GenAiWorld> {
    return new GenAiWorld(await TraceWorld.open(), prices);
  }

  /** Decodes one export request and stores its spans as one file. */
  async send(spans: readonly SentSpan[]): Promise<void> {
    const builder = createSegmentBuilder();
    builder.append(otlpJson(spans), "json", () => true);
    const { bytes, rows, minStartUs, maxStartUs, maxEndUs, services } = builder.encode(
      0,
      builder.rowCount,
    );
    const path = join(this.traces.dir, `sent-${this.#files++}.parquet`);
    await writeFile(path, bytes);
    this.traces.files.push({
      path,
      sizeBytes: bytes.length,
      tier: "hot",
      rows,
      minStartUs,
      maxStartUs,
      maxEndUs,
      services,
      mayContainTrace: () => true,
    });
  }

  /** Forgets all spans. */
  clear(): void {
    this.traces.files.length = 0;
  }

  close(): Promise<void> {
    return this.traces.close();
  }
}
