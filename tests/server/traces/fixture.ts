/**
 * Spans as plain objects, written to Parquet files in the columns of the span table, and a store that serves them.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { QueryEngine, QueryParam } from "../../../server/lake/query/contract.ts";
import { openQueryEngine } from "../../../server/lake/query/engine.ts";
import type { SnapshotLease, SpanFile } from "../../../server/lake/traces/contract.ts";
import { SPAN_COLUMNS } from "../../../server/lake/traces/schema.ts";
import { TraceQueries } from "../../../server/lake/traces/trace_queries.ts";
import type { Metrics } from "../../../server/telemetry/contract.ts";

/** A span as a test writes it; absent fields are those of a plain successful root span. */
export interface TestSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string | null;
  service?: string;
  name?: string;
  kind?: string;
  startUs: number;
  endUs?: number;
  status?: 0 | 1 | 2;
  statusMessage?: string | null;
  /** Values are JSON text. */
  attributes?: Record<string, string>;
  resource?: Record<string, unknown>;
  events?: unknown[];
  links?: unknown[];
  entityIds?: string[];
  queueIds?: string[];
  /** Any other column by name. */
  columns?: Record<string, string | number | null>;
}

const series = { add() {}, set() {}, observe() {} };
/** Metrics nobody reads. */
export const NO_METRICS: Metrics = {
  counter: () => series,
  gauge: () => series,
  histogram: () => series,
};

/** Ids of the right length from a short name. */
export const traceId = (name: string | number) =>
  createHash("md5").update(`trace ${name}`).digest("hex");
export const spanId = (name: string | number) =>
  createHash("md5").update(`span ${name}`).digest("hex").slice(0, 16);

/** Any hash does, as long as files and queries use the same. */
export function testTraceHash(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset + at).getBigUint64(0, true);
}

const hashOf = (hex: string) => testTraceHash(Uint8Array.from(Buffer.from(hex, "hex")), 0);

const SQL_TYPES: Readonly<Record<string, string>> = {
  binary: "BLOB",
  string: "VARCHAR",
  integer: "INTEGER",
  long: "BIGINT",
  double: "DOUBLE",
  timestamp: "TIMESTAMPTZ",
  "map<string,string>": "MAP(VARCHAR, VARCHAR)",
  "array<string>": "VARCHAR[]",
};

/** One row by column, in forms that JSON can carry. */
function row(span: TestSpan): Record<string, unknown> {
  const end = span.endUs ?? span.startUs + 1000;
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId ?? null,
    flags: 1,
    trace_state: "",
    service_name: span.service ?? "svc",
    scope_name: "scope",
    scope_version: null,
    scope_attributes: null,
    resource_attributes: JSON.stringify(span.resource ?? { "service.name": span.service ?? "svc" }),
    span_name: span.name ?? "op",
    span_kind: span.kind ?? "INTERNAL",
    start_time: span.startUs,
    end_time: end,
    duration_ms: Math.max(0, Math.floor((end - span.startUs) / 1000)),
    status_code: span.status ?? 0,
    status_message: span.statusMessage ?? null,
    attributes: Object.entries(span.attributes ?? {}).map(([k, v]) => ({ k, v })),
    events: span.events === undefined ? null : JSON.stringify(span.events),
    links: span.links === undefined ? null : JSON.stringify(span.links),
    entity_ids: span.entityIds ?? null,
    queue_ids: span.queueIds ?? null,
    ...span.columns,
  };
}

/** Files of spans and queries over them. */
export class TraceWorld {
  readonly dir: string;
  readonly engine: QueryEngine;
  readonly queries: TraceQueries;
  readonly files: SpanFile[] = [];
  /** Files handed to the engine since the last `resetCounts`, once per statement that names them. */
  filesRead = 0;
  /** Leases taken and not released. */
  leases = 0;
  #snapshotId = 0;

  private constructor(dir: string, engine: QueryEngine) {
    this.dir = dir;
    this.engine = engine;
    this.queries = new TraceQueries({
      engine: {
        defaultTimeoutMs: 30_000,
        query: (sql, params, options) => {
          for (const param of params ?? []) this.filesRead += countFiles(param);
          return engine.query(sql, params, options);
        },
        close: () => engine.close(),
      },
      traceIdHash: testTraceHash,
      store: { acquire: () => this.#lease() },
    });
  }

  static async open(): Promise<TraceWorld> {
    const dir = await mkdtemp(join(tmpdir(), "trace-queries-"));
    const engine = await openQueryEngine({
      memoryLimitBytes: 512 * 2 ** 20,
      threads: 2,
      tempDir: join(dir, "spill"),
      defaultTimeoutMs: 60_000,
      metrics: NO_METRICS,
    });
    return new TraceWorld(dir, engine);
  }

  /** Writes one file. */
  async write(spans: readonly TestSpan[]): Promise<void> {
    if (spans.length === 0) return;
    const name = join(this.dir, `f${this.files.length}-${this.#snapshotId++}`);
    await writeFile(`${name}.json`, spans.map((span) => JSON.stringify(row(span))).join("\n"));
    const read = SPAN_COLUMNS.map(({ name, type }) => {
      if (type === "binary") return `unhex("${name}") AS "${name}"`;
      if (type === "timestamp") return `make_timestamptz("${name}"::BIGINT) AS "${name}"`;
      if (type.startsWith("map")) {
        return `coalesce(map_from_entries("${name}"), MAP {})::${SQL_TYPES[type]} AS "${name}"`;
      }
      return `"${name}"::${SQL_TYPES[type]} AS "${name}"`;
    });
    const raw = SPAN_COLUMNS.map(({ name, type }) => {
      const sql = type === "binary"
        ? "VARCHAR"
        : type === "timestamp"
        ? "BIGINT"
        : type.startsWith("map")
        ? "STRUCT(k VARCHAR, v VARCHAR)[]"
        : SQL_TYPES[type];
      return `'${name}': '${sql}'`;
    });
    await this.engine.query(
      `COPY (SELECT ${read.join(", ")} FROM read_json('${name}.json', format = 'newline_delimited',
        columns = {${raw.join(", ")}}) ORDER BY start_time) TO '${name}.parquet' (FORMAT parquet)`,
    );
    this.files.push(spanFile(`${name}.parquet`, spans));
  }

  resetCounts(): void {
    this.filesRead = 0;
  }

  async close(): Promise<void> {
    await this.engine.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  #lease(): SnapshotLease {
    this.leases++;
    let open = true;
    const release = () => {
      if (open) this.leases--;
      open = false;
    };
    return {
      snapshot: { id: this.#snapshotId, deltaVersion: 0, files: [...this.files] },
      release,
      [Symbol.dispose]: release,
    };
  }
}

function countFiles(param: QueryParam): number {
  if (!Array.isArray(param)) return 0;
  return param.filter((path) => typeof path === "string" && path.endsWith(".parquet")).length;
}

function spanFile(path: string, spans: readonly TestSpan[]): SpanFile {
  const hashes = new Set(spans.map((span) => hashOf(span.traceId)));
  const starts = spans.map((span) => span.startUs);
  return {
    path,
    sizeBytes: 1,
    tier: "table",
    rows: spans.length,
    minStartUs: Math.min(...starts),
    maxStartUs: Math.max(...starts),
    maxEndUs: Math.max(...spans.map((span) => span.endUs ?? span.startUs + 1000)),
    services: [...new Set(spans.map((span) => span.service ?? "svc"))],
    mayContainTrace: (hash) => hashes.has(hash),
  };
}
