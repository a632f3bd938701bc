/**
 * A store in a temporary folder, and an independent view of what it holds.
 *
 * @module
 */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openQueryEngine } from "../../../server/lake/query/engine.ts";
import type { QueryEngine } from "../../../server/lake/query/contract.ts";
import type { SideRows, SpanSnapshot, SpanStore } from "../../../server/lake/traces/contract.ts";
import {
  type DurableSpanStore,
  openSpanStore,
  type SegmentCodec,
  type SpanStoreLimits,
  type StoreHook,
} from "../../../server/lake/traces/store/mod.ts";
import type { TableShape } from "../../../server/lake/traces/store/table_shape.ts";
import type { Metrics } from "../../../server/telemetry/contract.ts";
import { fakeCodec, type FakeSpan } from "./fake_codec.ts";

/** Metrics that can be asked. */
export class CountingMetrics implements Metrics {
  readonly values = new Map<string, number>();

  counter(name: string) {
    return { add: (value = 1, labels = {}) => this.#add(name, value, labels) };
  }

  gauge(name: string) {
    return { set: (value: number) => void this.values.set(name, value) };
  }

  histogram(name: string) {
    return { observe: () => this.#add(`${name}_count`, 1, {}) };
  }

  get(name: string): number {
    return this.values.get(name) ?? 0;
  }

  #add(name: string, value: number, labels: Record<string, string>): void {
    for (
      const key of [
        name,
        ...Object.entries(labels).map(([label, text]) => `${name}{${label}=${text}}`),
      ]
    ) {
      this.values.set(key, this.get(key) + value);
    }
  }
}

export class World {
  readonly dir: string;
  readonly engine: QueryEngine;
  readonly side: SideRows[] = [];
  metrics = new CountingMetrics();
  /** The segment format: by default a stand-in. */
  codec: SegmentCodec | undefined = fakeCodec;
  /** The table; that of spans when absent. */
  table: TableShape | undefined;
  /** Makes the relational store fail. */
  sideDown = false;
  hook: StoreHook = () => {};
  #stores: SpanStore[] = [];

  private constructor(dir: string, engine: QueryEngine) {
    this.dir = dir;
    this.engine = engine;
  }

  static async make(dir?: string): Promise<World> {
    const root = dir ?? await Deno.makeTempDir({ prefix: "span-store-" });
    const engine = await openQueryEngine({
      memoryLimitBytes: 512 * 1024 * 1024,
      threads: 2,
      tempDir: join(root, "spill"),
      defaultTimeoutMs: 60_000,
      metrics: new CountingMetrics(),
    });
    return new World(root, engine);
  }

  async open(limits: Partial<SpanStoreLimits> = {}): Promise<DurableSpanStore> {
    this.metrics = new CountingMetrics();
    const store = await openSpanStore({
      dir: join(this.dir, "spans"),
      tableDir: join(this.dir, "lake", "trace_spans"),
      engine: this.engine,
      sideRows: {
        write: (side) => {
          if (this.sideDown) return Promise.reject(new Error("relational store is down"));
          this.side.push(side);
          return Promise.resolve();
        },
      },
      metrics: this.metrics,
      ...(this.codec === undefined ? {} : { codec: this.codec }),
      ...(this.table === undefined ? {} : { table: this.table }),
      limits: { commitQuietMs: 1, ...limits },
      hook: (point) => this.hook(point),
    });
    this.#stores.push(store);
    return store;
  }

  async end(): Promise<void> {
    this.hook = () => {};
    for (const store of this.#stores) await store.close().catch(() => {});
    await this.engine.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** Span ids in a snapshot as hex, sorted, read by DuckDB. */
export async function idsOf(engine: QueryEngine, snapshot: SpanSnapshot): Promise<string[]> {
  if (snapshot.files.length === 0) return [];
  const paths = snapshot.files.map(({ path }) => `'${path}'`).join(", ");
  const result = await engine.query(
    `SELECT lower(hex(span_id)) FROM read_parquet([${paths}], union_by_name = true, hive_partitioning = false) ORDER BY 1`,
  );
  return (result.columns[0] ?? []).map(String);
}

/** Span ids that a query would see now. */
export async function storedIds(engine: QueryEngine, store: SpanStore): Promise<string[]> {
  using lease = store.acquire();
  return await idsOf(engine, lease.snapshot);
}

const DAY_START_US = Date.UTC(2026, 4, 10) * 1000;

/** Spans numbered from `first` on; five to a trace; `day` days after 2026-05-10. */
export function makeSpans(first: number, count: number, day = 0): FakeSpan[] {
  return Array.from({ length: count }, (_, i) => ({
    t: (0x7000_0000 + Math.floor((first + i) / 5)).toString(16).padStart(32, "1"),
    s: spanId(first + i),
    us: DAY_START_US + day * 86_400_000_000 + (first + i) * 1000,
    svc: `service-${(first + i) % 3}`,
  }));
}

/** The id of the span with a number. */
export const spanId = (number: number): string => (number + 1).toString(16).padStart(16, "0");

/** The sorted ids of spans `first` to `first + count - 1`. */
export const spanIds = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => spanId(first + i)).sort();

/** The same spans as an OTLP JSON export request, for the real format. */
export function otlpBody(spans: readonly FakeSpan[]): Uint8Array {
  const resourceSpans = spans.map(({ t, s, us, svc }) => ({
    resource: { attributes: [{ key: "service.name", value: { stringValue: svc } }] },
    scopeSpans: [{
      spans: [{
        traceId: t,
        spanId: s,
        name: "work",
        kind: 1,
        startTimeUnixNano: `${us}000`,
        endTimeUnixNano: `${us + 10}000`,
        attributes: [{ key: "number", value: { intValue: String(us % 1000) } }],
      }],
    }],
  }));
  return new TextEncoder().encode(JSON.stringify({ resourceSpans }));
}
