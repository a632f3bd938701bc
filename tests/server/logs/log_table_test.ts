import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogBuilder } from "../../../server/lake/logs/log_builder.ts";
import { LOG_COLUMNS } from "../../../server/lake/logs/schema.ts";
import { sealSegment } from "../../../server/lake/traces/segment/mod.ts";
import {
  admitAll,
  attributes,
  bool,
  bytes,
  double,
  hex,
  int,
  list,
  object,
  queryDuckDb,
  readDuckDb,
  readHyparquet,
  type Row,
  spanId,
  text,
  traceId,
} from "../segment/support.ts";
import { logRequest, logRequestJson, type RecordInit } from "./log_requests.ts";

/** 2026-01-05T10:00:00Z */
const T0_NS = 1_767_607_200_000_000_000n;
const T0_US = T0_NS / 1000n;
const NOW_MS = 1_800_000_000_000;

const builder = () => createLogBuilder({ now: () => NOW_MS });

async function stored(...records: RecordInit[]): Promise<Row[]> {
  const files = [logRequest(...records), logRequestJson(...records)].map((body, i) => {
    const made = builder();
    made.append(body, i === 0 ? "protobuf" : "json", admitAll);
    return made.encode(0, made.rowCount).bytes;
  });
  const [first, second] = await Promise.all(files.map(readDuckDb));
  const [file = new Uint8Array(0)] = files;
  const independent = await readHyparquet(file);
  assert.deepEqual(
    first?.map(({ body, attributes, event_name }) => ({ body, attributes, event_name })),
    independent.map(({ body, attributes, event_name }) => ({ body, attributes, event_name })),
  );
  // Both encodings mean the same; only the bytes, of which the id is made, differ.
  const withoutId = (rows: Row[] | undefined) => rows?.map((row) => ({ ...row, record_id: null }));
  assert.deepEqual(withoutId(first), withoutId(second));
  return first ?? [];
}

test("A record with everything fills every column", async () => {
  const [row] = await stored({
    timeUnixNano: T0_NS + 1999n,
    observedTimeUnixNano: T0_NS + 5_000_000n,
    severityNumber: 17,
    severityText: "ERROR",
    eventName: "checkout.failed",
    body: object({ reason: text("card"), retry: bool(false) }),
    attributes: attributes({ count: int(3n), ratio: double(0.5), tags: list(text("a")) }),
    droppedAttributesCount: 2,
    flags: 1,
    traceId: traceId(1),
    spanId: spanId(1),
  });
  assert.deepEqual(Object.keys(row ?? {}), LOG_COLUMNS.map(({ name }) => name));
  assert.deepEqual({ ...row, record_id: null }, {
    record_id: null,
    time: T0_US + 1n,
    observed_time: T0_US + 5000n,
    sequence: 1,
    trace_id: hex(traceId(1)),
    span_id: hex(spanId(1)),
    flags: 1,
    service_name: "shop",
    scope_name: "tests",
    scope_version: "1",
    scope_attributes: null,
    resource_attributes: '{"service.name":"shop"}',
    severity_number: 17,
    severity_text: "ERROR",
    event_name: "checkout.failed",
    body: '{"reason":"card","retry":false}',
    attributes: { count: "3", ratio: "0.5", tags: '["a"]' },
    dropped_attributes_count: 2,
  });
});

test("A record with nothing is stored at the time it arrived", async () => {
  const [row] = await stored({});
  const { time, observed_time, body, trace_id, span_id, event_name, severity_number } = row ?? {};
  const nowUs = BigInt(NOW_MS) * 1000n;
  assert.deepEqual({ time, observed_time, body, trace_id, span_id, event_name, severity_number }, {
    time: nowUs,
    observed_time: nowUs,
    body: null,
    trace_id: null,
    span_id: null,
    event_name: null,
    severity_number: 0,
  });
});

test("Without its own time a record has that of its observation", async () => {
  const [row] = await stored({ observedTimeUnixNano: T0_NS });
  assert.deepEqual([row?.["time"], row?.["observed_time"]], [T0_US, T0_US]);
});

test("An event is named by its field, else by the attribute of earlier conventions", async () => {
  const rows = await stored(
    { attributes: attributes({ "event.name": text("old") }) },
    { eventName: "new", attributes: attributes({ "event.name": text("old") }) },
    { attributes: attributes({ "event.name": int(5n) }) },
  );
  assert.deepEqual(rows.map((row) => row["event_name"]), ["old", "new", null]);
});

test("Bodies of every type are JSON text, bytes marked by a space", async () => {
  const bodies = [text("hi"), int(-5n), double(1), bool(true), bytes(new Uint8Array([1, 2]))];
  const rows = await stored(...bodies.map((body) => ({ body })));
  assert.deepEqual(rows.map((row) => row["body"]), ['"hi"', "-5", "1.0", "true", ' "AQI="']);
});

test("An id of wrong length or of zeros belongs to no trace", async () => {
  const rows = await stored(
    { traceId: new Uint8Array(16), spanId: spanId(1) },
    { traceId: traceId(1).subarray(0, 8), spanId: spanId(1) },
    { traceId: traceId(1), spanId: new Uint8Array(8) },
    { traceId: traceId(1), spanId: spanId(1).subarray(0, 4) },
  );
  assert.deepEqual(rows.map((row) => [row["trace_id"], row["span_id"]]), [
    [null, null],
    [null, null],
    [hex(traceId(1)), null],
    [hex(traceId(1)), null],
  ]);
});

test("What cannot be stored is refused alone, with the reason", async () => {
  const made = createLogBuilder({ maxRecordBytes: 1000, now: () => NOW_MS });
  const bad = logRequestJson({ body: text("bad: \uD800") });
  const result = made.append(bad, "json", admitAll);
  assert.deepEqual([...result.rejected], [["invalid_utf8", 1]]);
  const mixed = made.append(
    logRequest(
      { body: text("good") },
      { timeUnixNano: 2n ** 64n - 1n },
      { body: text("x".repeat(2000)) },
    ),
    "protobuf",
    admitAll,
  );
  assert.equal(mixed.added, 1);
  assert.deepEqual([...mixed.rejected], [["invalid_timestamp", 1], ["record_too_large", 1]]);
  assert.match(mixed.rejectedMessage, /Log record 2 of the request was refused: a time/);
  const rows = await readDuckDb(made.encode(0, made.rowCount).bytes);
  assert.deepEqual(rows.map((row) => row["body"]), ['"good"']);
});

test("A malformed request leaves nothing behind", () => {
  const made = builder();
  const good = logRequest({ body: text("good"), attributes: attributes({ k: text("v") }) });
  for (const end of [good.length - 1, good.length - 7, 5]) {
    assert.throws(
      () => made.append(good.subarray(0, end), "protobuf", admitAll),
      /not a valid OTLP ExportLogsServiceRequest in protobuf/,
    );
    assert.equal(made.rowCount, 0);
  }
  const json = new TextEncoder().encode('{"resourceLogs":[{"scopeLogs":5}]}');
  assert.throws(
    () => made.append(json, "json", admitAll),
    /ExportLogsServiceRequest in JSON: \$\.resourceLogs\[0\]\.scopeLogs must be an array/,
  );
});

test("The same request makes the same ids, and records alike within it different ones", async () => {
  const tick: RecordInit = { timeUnixNano: T0_NS, body: text("tick") };
  const body = logRequest(tick, tick, { timeUnixNano: T0_NS, body: text("tock") });
  const seen: string[] = [];
  const made = builder();
  const admit = (buffer: Uint8Array, traceIdAt: number, spanIdAt: number) => {
    const id = hex(buffer.subarray(traceIdAt, traceIdAt + 16)) +
      hex(buffer.subarray(spanIdAt, spanIdAt + 8));
    const isNew = !seen.includes(id);
    seen.push(id);
    return isNew;
  };
  assert.equal(made.append(body, "protobuf", admit).added, 3);
  assert.equal(made.append(body, "protobuf", admit).deduplicated, 3);
  assert.equal(new Set(seen).size, 3);
  const rows = await readDuckDb(made.encode(0, made.rowCount).bytes);
  assert.deepEqual(rows.map((row) => row["record_id"]), seen.slice(0, 3));
});

test("Sealed files are sorted by time, split by date, and told of in the log", async () => {
  const made = builder();
  const dayNs = 86_400_000_000_000n;
  const at = (ns: bigint, severityNumber: number): RecordInit => ({
    timeUnixNano: T0_NS + ns,
    severityNumber,
    body: int(ns),
    traceId: traceId(Number(ns % 7n)),
    spanId: spanId(1),
  });
  made.append(
    logRequest(at(3000n, 9), at(dayNs, 17), at(1000n, 1), { timeUnixNano: T0_NS + 2000n }),
    "protobuf",
    admitAll,
  );
  const files = sealSegment(made.detach().payload);
  assert.equal(made.rowCount, 0);
  assert.deepEqual(files.map(({ partitionDate, rows }) => [partitionDate, rows]), [
    ["2026-01-05", 3],
    ["2026-01-06", 1],
  ]);
  const [first] = files;
  assert.ok(first !== undefined);
  const rows = await queryDuckDb(first.bytes, "select body, severity_number from spans");
  assert.deepEqual(rows.map((row) => row["body"]), ["1000", null, "3000"]);
  assert.deepEqual(first.services, ["shop"]);
  // The record without a trace adds no hash.
  assert.equal(first.traceHashes.length, 2);
  const stats = JSON.parse(first.deltaStats);
  assert.equal(stats.numRecords, 3);
  assert.deepEqual(stats.minValues, {
    service_name: "shop",
    time: "2026-01-05T10:00:00.000Z",
    severity_number: 0,
  });
  assert.deepEqual(stats.maxValues, {
    service_name: "shop",
    time: "2026-01-05T10:00:00.001Z",
    severity_number: 9,
  });
  assert.equal(stats.nullCount.trace_id, 1);
  assert.equal(stats.nullCount.body, 1);
});
