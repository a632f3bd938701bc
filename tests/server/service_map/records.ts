/**
 * Connection records as the middleware of existing clients sends them: an Arrow IPC stream with string views.
 *
 * @module
 */

import {
  Bool,
  DateDay,
  Field,
  Float64,
  Int64,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  Vector,
} from "apache-arrow";

/** One request answered. */
export interface TestRecord {
  source: string;
  destination?: string;
  endpoint?: string;
  method?: string;
  status?: number;
  latencyMs?: number;
  atUs?: bigint;
  traceId?: string | null;
}

/** The schema of a client's model, as Pydantic writes it. */
export const RECORD_SCHEMA = JSON.stringify({
  type: "object",
  properties: {
    source_service: { type: "string" },
    destination_service: { type: "string" },
    endpoint: { type: "string" },
    method: { type: "string" },
    status_code: { type: "integer" },
    latency_ms: { type: "number" },
    timestamp: { type: "string", format: "date-time" },
    trace_id: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
    error: { type: "boolean" },
    source_verified: { type: "boolean", default: false },
    tags: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
    request_schema: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
  },
  required: [
    "source_service",
    "destination_service",
    "endpoint",
    "method",
    "status_code",
    "latency_ms",
    "timestamp",
    "error",
  ],
});

const timestamp = new TimestampMicrosecond("UTC");

/** The bytes of one batch. */
export function recordsIpc(
  records: readonly TestRecord[],
  createdUs = BigInt(Date.now()) * 1000n,
): Uint8Array {
  const batchId = crypto.randomUUID();
  // deno-lint-ignore no-explicit-any
  const columns: [name: string, type: any, values: unknown[]][] = [
    ["destination_service", new Utf8(), records.map((r) => r.destination ?? "cart")],
    ["endpoint", new Utf8(), records.map((r) => r.endpoint ?? "/items/{id}")],
    ["error", new Bool(), records.map((r) => (r.status ?? 200) >= 500)],
    ["latency_ms", new Float64(), records.map((r) => r.latencyMs ?? 1.5)],
    ["method", new Utf8(), records.map((r) => r.method ?? "GET")],
    ["request_schema", new Utf8(), records.map(() => null)],
    ["source_service", new Utf8(), records.map((r) => r.source)],
    ["source_verified", new Bool(), records.map(() => false)],
    ["status_code", new Int64(), records.map((r) => BigInt(r.status ?? 200))],
    ["tags", new Utf8(), records.map(() => '{"team":"shop"}')],
    ["timestamp", timestamp, records.map((r) => r.atUs ?? createdUs)],
    ["trace_id", new Utf8(), records.map((r) => r.traceId ?? null)],
    ["scouter_created_at", timestamp, records.map(() => createdUs)],
    [
      "scouter_partition_date",
      new DateDay(),
      records.map(() => new Date(Number(createdUs / 1000n))),
    ],
    ["scouter_batch_id", new Utf8(), records.map(() => batchId)],
  ];
  const vectors = columns.map(([, type, values]): Vector => {
    if (type === timestamp) {
      const data = BigInt64Array.from(values.filter((value) => typeof value === "bigint"));
      return new Vector([makeData({ type: timestamp, data })]);
    }
    const builder = makeBuilder({ type, nullValues: [null] });
    for (const value of values) builder.append(value);
    return builder.finish().toVector();
  });
  const fields = columns.map(([name, type], at) =>
    new Field(name, type, vectors[at]?.nullCount !== 0)
  );
  const schema = new Schema(fields);
  const data = vectors.flatMap((vector) => vector.data);
  const writer = new RecordBatchStreamWriter();
  const struct = makeData({
    type: new Struct(fields),
    length: records.length,
    nullCount: 0,
    children: data,
  });
  writer.write(new RecordBatch(schema, struct));
  writer.close();
  return writer.toUint8Array(true);
}
