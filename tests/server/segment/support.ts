/**
 * Reads span files with two independent Parquet readers, and builds requests with protobuf-es.
 *
 * @module
 */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  DuckDBBlobValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBTimestampTZValue,
} from "@duckdb/node-api";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ExportTraceServiceRequestSchema,
} from "../../../server/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { AnyValueSchema } from "../../../server/gen/opentelemetry/proto/common/v1/common_pb.ts";
import type { SpanSchema } from "../../../server/gen/opentelemetry/proto/trace/v1/trace_pb.ts";

export type SpanInit = MessageInitShape<typeof SpanSchema>;
export type AnyInit = MessageInitShape<typeof AnyValueSchema>;

/** A row with blobs in hex, timestamps and longs as bigints, maps as objects. */
export type Row = Record<string, unknown>;

/** Lowercase hex of bytes. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromDuckDb(value: unknown): unknown {
  if (value instanceof DuckDBBlobValue) return hex(value.bytes);
  if (value instanceof DuckDBTimestampTZValue) return value.micros;
  if (value instanceof DuckDBListValue) return [...value.items];
  if (value instanceof DuckDBMapValue) {
    return Object.fromEntries(value.entries.map(({ key, value }) => [String(key), value]));
  }
  return value;
}

/** Runs SQL over the file, which is called `spans`. */
export async function queryDuckDb(bytes: Uint8Array, sql: string): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "scouter-segment-"));
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const path = join(folder, "spans.parquet");
    await writeFile(path, bytes);
    await connection.run(`create view spans as select * from read_parquet('${path}')`);
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjects().map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fromDuckDb(value)]))
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}

/** All rows by DuckDB, in file order. */
export function readDuckDb(bytes: Uint8Array): Promise<Row[]> {
  return queryDuckDb(bytes, "select * from spans");
}

const BLOBS = ["trace_id", "span_id", "parent_span_id", "record_id"];
const TIMES = ["start_time", "end_time", "time", "observed_time"];

/** All rows by hyparquet. */
export async function readHyparquet(bytes: Uint8Array): Promise<Row[]> {
  const file = bytes.slice().buffer;
  const parsers = {
    timestampFromMilliseconds: (ms: bigint) => ms * 1000n,
    timestampFromMicroseconds: (us: bigint) => us,
    timestampFromNanoseconds: (ns: bigint) => ns / 1000n,
    dateFromDays: (days: number) => days,
    stringFromBytes: (text: Uint8Array) =>
      text && new TextDecoder("utf-8", { fatal: true }).decode(text),
  };
  const rows = await parquetReadObjects({ file, compressors, utf8: false, parsers });
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        if (value === undefined) return [name, null];
        if (BLOBS.includes(name) && value instanceof Uint8Array) return [name, hex(value)];
        if (TIMES.includes(name)) return [name, BigInt(value)];
        return [name, value];
      }),
    )
  );
}

/** 16 bytes of a trace id that ends in `n`. */
export function traceId(n: number): Uint8Array {
  const bytes = new Uint8Array(16).fill(0xa0);
  new DataView(bytes.buffer).setUint32(12, n);
  return bytes;
}

/** 8 bytes of a span id that ends in `n`. */
export function spanId(n: number): Uint8Array {
  const bytes = new Uint8Array(8).fill(0xb0);
  new DataView(bytes.buffer).setUint32(4, n);
  return bytes;
}

export const START_NS = 1_767_607_200_000_000_000n;

/** A valid span numbered `n`, starting `n` milliseconds after {@linkcode START_NS}. */
export function span(n: number, init: SpanInit = {}): SpanInit {
  return {
    traceId: traceId(n),
    spanId: spanId(n),
    name: `span ${n}`,
    kind: 1,
    startTimeUnixNano: START_NS + BigInt(n) * 1_000_000n,
    endTimeUnixNano: START_NS + BigInt(n) * 1_000_000n + 2_500_000n,
    ...init,
  };
}

export const text = (value: string): AnyInit => ({ value: { case: "stringValue", value } });
export const int = (value: bigint): AnyInit => ({ value: { case: "intValue", value } });
export const double = (value: number): AnyInit => ({ value: { case: "doubleValue", value } });
export const bool = (value: boolean): AnyInit => ({ value: { case: "boolValue", value } });
export const bytes = (value: Uint8Array): AnyInit => ({ value: { case: "bytesValue", value } });
export const list = (...values: AnyInit[]): AnyInit => ({
  value: { case: "arrayValue", value: { values } },
});
export const object = (entries: Record<string, AnyInit>): AnyInit => ({
  value: {
    case: "kvlistValue",
    value: { values: Object.entries(entries).map(([key, value]) => ({ key, value })) },
  },
});

/** Attributes in order. */
export function attributes(entries: Record<string, AnyInit>): { key: string; value: AnyInit }[] {
  return Object.entries(entries).map(([key, value]) => ({ key, value }));
}

/** A request of one resource (service "shop") and one scope ("tests"). */
export function request(...spans: SpanInit[]): Uint8Array {
  return requestWithResource(attributes({ "service.name": text("shop") }), ...spans);
}

/** A request of one resource with the given attributes and one scope ("tests"). */
export function requestWithResource(
  resource: { key: string; value: AnyInit }[],
  ...spans: SpanInit[]
): Uint8Array {
  return toBinary(
    ExportTraceServiceRequestSchema,
    create(ExportTraceServiceRequestSchema, {
      resourceSpans: [{
        resource: { attributes: resource },
        scopeSpans: [{ scope: { name: "tests" }, spans }],
      }],
    }),
  );
}

export const admitAll = (): boolean => true;
