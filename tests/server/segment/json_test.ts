import assert from "node:assert/strict";
import { test } from "node:test";
import { exportRequest } from "../../../bench/otlp_generator.ts";
import { ScouterError } from "../../../server/errors.ts";
import { createSegmentBuilder } from "../../../server/lake/traces/segment/mod.ts";
import { admitAll, readDuckDb } from "./support.ts";

const TRACE = "5b8efff798038103d269b633813fc60c";
const SPAN = "eee19b7ec3c1b174";

function body(...spans: unknown[]): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  );
}

test("JSON and protobuf of the same spans give the same file", () => {
  for (const shape of ["plain", "genai"] as const) {
    const [json, protobuf] = (["json", "protobuf"] as const).map((encoding) => {
      const builder = createSegmentBuilder();
      builder.append(exportRequest({ shape, spans: 100, seed: 5, encoding }), encoding, admitAll);
      return builder.encode(0, 100).bytes;
    });
    assert.deepEqual(json, protobuf);
  }
});

test("Both name styles, both integer forms and enum names are understood", async () => {
  const builder = createSegmentBuilder();
  const result = builder.append(
    body({
      trace_id: TRACE.toUpperCase(),
      spanId: SPAN,
      parent_span_id: null,
      name: "snake",
      kind: "SPAN_KIND_SERVER",
      start_time_unix_nano: "1767607200000001999",
      endTimeUnixNano: "1767607200250001999",
      unknownMember: [{}],
      status: { code: "STATUS_CODE_ERROR", message: "bad" },
      flags: 257,
      dropped_links_count: "2",
      attributes: [
        { key: "string", value: { stringValue: "ü\n" } },
        { key: "exact", value: { intValue: "9007199254740993" } },
        { key: "smallest", value: { int_value: "-9223372036854775808" } },
        { key: "number", value: { intValue: -5 } },
        { key: "double", value: { doubleValue: 3 } },
        { key: "infinite", value: { doubleValue: "-Infinity" } },
        { key: "bool", value: { boolValue: true } },
        { key: "bytes", value: { bytesValue: "AP8B/g==" } },
        { key: "list", value: { arrayValue: { values: [{ stringValue: "x" }, {}] } } },
        {
          key: "object",
          value: { kvlistValue: { values: [{ key: "k", value: { intValue: 1 } }] } },
        },
        { key: "none" },
      ],
      events: [{ timeUnixNano: 0, name: "e" }],
      links: [{ traceId: TRACE, spanId: SPAN, flags: 1 }],
    }),
    "json",
    admitAll,
  );
  assert.deepEqual([result.added, result.rejectedMessage], [1, ""]);
  const [row] = await readDuckDb(builder.encode(0, 1).bytes);
  assert.ok(row);
  assert.deepEqual(row["attributes"], {
    string: '"ü\\n"',
    exact: "9007199254740993",
    smallest: "-9223372036854775808",
    number: "-5",
    double: "3.0",
    infinite: "null",
    bool: "true",
    bytes: ' "AP8B/g=="',
    list: '["x",null]',
    object: '{"k":1}',
    none: "null",
  });
  const { trace_id, span_id, parent_span_id, span_kind, status_code, status_message, flags } = row;
  assert.deepEqual(
    { trace_id, span_id, parent_span_id, span_kind, status_code, status_message, flags },
    {
      trace_id: TRACE,
      span_id: SPAN,
      parent_span_id: null,
      span_kind: "SERVER",
      status_code: 2,
      status_message: "bad",
      flags: 257,
    },
  );
  assert.equal(row["start_time"], 1767607200000001n);
  assert.equal(row["duration_ms"], 250n);
  assert.equal(row["service_name"], "unknown");
  assert.equal(row["scope_name"], "unknown");
  assert.equal(row["dropped_links_count"], 2);
  assert.deepEqual(JSON.parse(String(row["links"])), [{
    trace_id: TRACE,
    span_id: SPAN,
    trace_state: "",
    attributes: [],
    dropped_attributes_count: 0,
    flags: 1,
  }]);
});

test("A span that JSON can hold but the table cannot is refused alone", () => {
  const ids = { traceId: TRACE, spanId: SPAN };
  let deep: unknown = { stringValue: "x" };
  for (let i = 0; i < 5000; i++) deep = { arrayValue: { values: [deep] } };
  const builder = createSegmentBuilder();
  const result = builder.append(
    body(
      { ...ids, traceId: "zz" },
      { ...ids, spanId: "abc" },
      { ...ids, parentSpanId: "not hex!" },
      { ...ids, startTimeUnixNano: "99999999999999999999" },
      { ...ids, startTimeUnixNano: -1 },
      { ...ids, name: "\ud800" },
      { ...ids, attributes: [{ key: "deep", value: deep }] },
      { ...ids, name: "good" },
    ),
    "json",
    admitAll,
  );
  assert.equal(result.added, 1);
  assert.deepEqual(Object.fromEntries(result.rejected), {
    invalid_trace_id: 1,
    invalid_span_id: 1,
    invalid_parent_span_id: 1,
    invalid_timestamp: 2,
    invalid_utf8: 1,
    too_deep: 1,
  });
});

test("What is not an export request is a bad request that names the place", () => {
  const builder = createSegmentBuilder();
  const failing = (bytes: Uint8Array) => {
    try {
      builder.append(bytes, "json", admitAll);
    } catch (error) {
      assert.ok(error instanceof ScouterError);
      assert.equal(error.code, "BAD_REQUEST");
      return error.message;
    }
    return assert.fail("Nothing was thrown");
  };
  const json = (value: unknown) => failing(new TextEncoder().encode(JSON.stringify(value)));
  assert.match(json([]), /\$ must be an object, got \[\]/);
  assert.match(json({ resourceSpans: {} }), /\$\.resourceSpans must be an array/);
  assert.match(failing(body({ name: 5 })), /\.scopeSpans\[0\]\.spans\[0\]\.name must be a string/);
  assert.match(failing(body({ kind: "CLIENT" })), /spans\[0\]\.kind must be .* got "CLIENT"/);
  assert.match(
    failing(body({ attributes: [{ key: "k", value: { intValue: "1.5" } }] })),
    /attributes\[0\]\.value\.intValue must be an integer/,
  );
  assert.match(
    failing(body({ attributes: [{ key: "k", value: { intValue: "9223372036854775808" } }] })),
    /a 64-bit integer/,
  );
  assert.match(
    failing(body({ attributes: [{ key: "k", value: { bytesValue: "#" } }] })),
    /a base64 string/,
  );
  assert.match(failing(body({}).subarray(0, 20)), /not valid JSON/);
  assert.match(failing(new Uint8Array([0x22, 0xff, 0x22])), /not valid UTF-8/);
  assert.equal(builder.rowCount, 0);
});
