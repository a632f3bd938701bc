import { create, toBinary } from "@bufbuild/protobuf";
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExportTraceServiceRequestSchema,
} from "../../../server/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { createSegmentBuilder, sealSegment } from "../../../server/lake/traces/segment/mod.ts";
import { SPAN_COLUMNS } from "../../../server/lake/traces/schema.ts";
import {
  admitAll,
  attributes,
  bool,
  bytes,
  double,
  int,
  list,
  object,
  readDuckDb,
  readHyparquet,
  request,
  type Row,
  span,
  spanId,
  START_NS,
  text,
  traceId,
} from "./support.ts";

const START_US = START_NS / 1000n;

/** Every column of a span that has nothing optional. */
function bareRow(n: number): Row {
  const row: Row = Object.fromEntries(SPAN_COLUMNS.map(({ name }) => [name, null]));
  const startUs = START_US + BigInt(n) * 1000n;
  return {
    ...row,
    trace_id: "a0".repeat(12) + n.toString(16).padStart(8, "0"),
    span_id: "b0".repeat(4) + n.toString(16).padStart(8, "0"),
    flags: 0,
    trace_state: "",
    service_name: "shop",
    scope_name: "tests",
    resource_attributes: '{"service.name":"shop"}',
    span_name: `span ${n}`,
    span_kind: "INTERNAL",
    start_time: startUs,
    end_time: startUs + 2500n,
    duration_ms: 2n,
    status_code: 0,
    attributes: {},
  };
}

async function bothReaders(file: Uint8Array): Promise<Row[]> {
  const rows = await readDuckDb(file);
  assert.deepEqual(await readHyparquet(file), rows);
  return rows;
}

test("A span without anything optional has null or empty optional columns", async () => {
  const builder = createSegmentBuilder();
  const result = builder.append(request(span(1), span(2)), "protobuf", admitAll);
  assert.equal(result.added, 2);
  assert.deepEqual(await bothReaders(builder.encode(0, 2).bytes), [bareRow(1), bareRow(2)]);
});

test("Every column of a full span reads back with its value", async () => {
  const UID = "0189d8a5-7c3b-7c3e-9d6e-6b1f0a2b3c4d";
  const body = toBinary(
    ExportTraceServiceRequestSchema,
    create(ExportTraceServiceRequestSchema, {
      resourceSpans: [{
        resource: {
          attributes: attributes({
            "service.name": text("zahlung-äöü"),
            "host.cpus": int(8n),
            "tags": list(text("a"), double(1)),
          }),
        },
        scopeSpans: [{
          scope: { name: "lib", version: "1.2", attributes: attributes({ short: bool(true) }) },
          spans: [{
            traceId: traceId(7),
            spanId: spanId(7),
            parentSpanId: spanId(6),
            traceState: "vendor=value",
            flags: 0x80000301,
            name: 'quote " and \\ and 🦜',
            kind: 3,
            startTimeUnixNano: START_NS + 1_999n,
            endTimeUnixNano: START_NS + 7_000_002_001n,
            droppedAttributesCount: 3,
            droppedEventsCount: 4,
            droppedLinksCount: 4294967295,
            status: { code: 2, message: "it broke" },
            attributes: attributes({
              "plain": text('tab\tquote"back\\slash\u0001ü'),
              "int": int(9007199254740993n),
              "negative": int(-9223372036854775808n),
              "double": double(1),
              "fraction": double(0.1),
              "nan": double(NaN),
              "flag": bool(false),
              "bytes": bytes(new Uint8Array([0, 255, 1, 254])),
              "list": list(text("x"), int(1n), {}),
              "object": object({ a: int(1n), b: object({ c: text("d") }) }),
              "unset": {},
              "scouter.tracing.label": text("the label"),
              "scouter.tracing.input": text('{"question": 1}'),
              "scouter.tracing.output": text("not json"),
              "scouter.entity.x": text(UID.replaceAll("-", "").toUpperCase()),
              "scouter.queue.record": text(UID),
              "gen_ai.operation.name": text("chat"),
              "gen_ai.provider.name": text("openai"),
              "gen_ai.request.model": text("m1"),
              "gen_ai.response.model": text("m2"),
              "gen_ai.conversation.id": text("c"),
              "gen_ai.agent.name": text("an"),
              "gen_ai.agent.id": text("ai"),
              "gen_ai.tool.name": text("tn"),
              "gen_ai.tool.type": text("tt"),
              "error.type": text("timeout"),
              "gen_ai.usage.input_tokens": int(9007199254740993n),
              "gen_ai.usage.output_tokens": double(12.9),
              "gen_ai.usage.cache_creation.input_tokens": text("150"),
              "gen_ai.usage.cache_read.input_tokens": text("many"),
              "gen_ai.input.messages": text('[{"role":"user"}]'),
              "gen_ai.output.messages": list(object({ role: text("assistant") })),
              "gen_ai.system_instructions": text("be kind"),
              "gen_ai.tool.definitions": text("[]"),
            }),
            events: [{
              timeUnixNano: 1_767_607_200_123_456_789n,
              name: "exception",
              attributes: attributes({ "exception.type": text("E"), "n": int(2n) }),
              droppedAttributesCount: 5,
            }, {}],
            links: [{
              traceId: traceId(9),
              spanId: spanId(9).slice(0, 3),
              traceState: "s=1",
              attributes: attributes({ k: text("v") }),
              droppedAttributesCount: 1,
              flags: 1,
            }],
          }],
        }],
      }],
    }),
  );
  const builder = createSegmentBuilder();
  const result = builder.append(body, "protobuf", admitAll);
  assert.deepEqual([result.added, result.rejectedMessage], [1, ""]);
  const [row] = await bothReaders(builder.encode(0, 1).bytes);
  assert.ok(row);
  const { events, links, ...rest } = row;
  assert.deepEqual(JSON.parse(String(events)), [
    {
      timestamp: "2026-01-05T10:00:00.123456Z",
      name: "exception",
      attributes: [{ key: "exception.type", value: "E" }, { key: "n", value: 2 }],
      dropped_attributes_count: 5,
    },
    {
      timestamp: "1970-01-01T00:00:00.000000Z",
      name: "",
      attributes: [],
      dropped_attributes_count: 0,
    },
  ]);
  assert.deepEqual(JSON.parse(String(links)), [{
    trace_id: "a0".repeat(12) + "00000009",
    span_id: "b0b0b0",
    trace_state: "s=1",
    attributes: [{ key: "k", value: "v" }],
    dropped_attributes_count: 1,
    flags: 1,
  }]);
  assert.deepEqual(rest, {
    trace_id: "a0".repeat(12) + "00000007",
    span_id: "b0b0b0b000000007",
    parent_span_id: "b0b0b0b000000006",
    flags: 0x80000301 | 0,
    trace_state: "vendor=value",
    service_name: "zahlung-äöü",
    scope_name: "lib",
    scope_version: "1.2",
    scope_attributes: '{"short":true}',
    resource_attributes: '{"service.name":"zahlung-äöü","host.cpus":8,"tags":["a",1.0]}',
    span_name: 'quote " and \\ and 🦜',
    span_kind: "CLIENT",
    start_time: START_US + 1n,
    end_time: START_US + 7_000_002n,
    duration_ms: 7000n,
    status_code: 2,
    status_message: "it broke",
    label: "the label",
    attributes: {
      "plain": '"tab\\tquote\\"back\\\\slash\\u0001ü"',
      "int": "9007199254740993",
      "negative": "-9223372036854775808",
      "double": "1.0",
      "fraction": "0.1",
      "nan": "null",
      "flag": "false",
      "bytes": ' "AP8B/g=="',
      "list": '["x",1,null]',
      "object": '{"a":1,"b":{"c":"d"}}',
      "unset": "null",
      "scouter.tracing.label": '"the label"',
      "scouter.entity.x": `"${UID.replaceAll("-", "").toUpperCase()}"`,
      "scouter.queue.record": `"${UID}"`,
      "gen_ai.operation.name": '"chat"',
      "gen_ai.provider.name": '"openai"',
      "gen_ai.request.model": '"m1"',
      "gen_ai.response.model": '"m2"',
      "gen_ai.conversation.id": '"c"',
      "gen_ai.agent.name": '"an"',
      "gen_ai.agent.id": '"ai"',
      "gen_ai.tool.name": '"tn"',
      "gen_ai.tool.type": '"tt"',
      "error.type": '"timeout"',
      "gen_ai.usage.input_tokens": "9007199254740993",
      "gen_ai.usage.output_tokens": "12.9",
      "gen_ai.usage.cache_creation.input_tokens": '"150"',
      "gen_ai.usage.cache_read.input_tokens": '"many"',
      "gen_ai.output.messages": '[{"role":"assistant"}]',
    },
    dropped_attributes_count: 3,
    dropped_events_count: 4,
    dropped_links_count: -1,
    input: '{"question": 1}',
    output: '"not json"',
    entity_ids: [UID],
    queue_ids: [UID],
    operation_name: "chat",
    provider_name: "openai",
    request_model: "m1",
    response_model: "m2",
    conversation_id: "c",
    agent_name: "an",
    agent_id: "ai",
    tool_name: "tn",
    tool_type: "tt",
    error_type: "timeout",
    input_tokens: 9007199254740993n,
    output_tokens: 12n,
    cache_creation_input_tokens: 150n,
    cache_read_input_tokens: null,
    input_messages: '[{"role":"user"}]',
    output_messages: '[{"role":"assistant"}]',
    system_instructions: "be kind",
    tool_definitions: "[]",
  });
  assert.deepEqual(result.side.entities, [{
    traceIdHex: "a0".repeat(12) + "00000007",
    entityUid: UID,
    taggedAtUs: Number(START_US) + 1,
    queueOwned: true,
  }]);
});

test("Of equal attribute keys the last wins, in the map and in promoted columns", async () => {
  const builder = createSegmentBuilder();
  builder.append(
    request(span(1, {
      attributes: [
        { key: "a", value: text("first") },
        { key: "gen_ai.operation.name", value: text("first") },
        { key: "b", value: int(1n) },
        { key: "scouter.tracing.input", value: int(1n) },
        { key: "a", value: text("second") },
        { key: "gen_ai.operation.name", value: text("second") },
        { key: "scouter.tracing.tag.b", value: int(2n) },
        { key: "scouter.tracing.input", value: text("[1]") },
      ],
    })),
    "protobuf",
    admitAll,
  );
  const [row] = await bothReaders(builder.encode(0, 1).bytes);
  assert.deepEqual(row?.["attributes"], {
    a: '"second"',
    "gen_ai.operation.name": '"second"',
    b: '"2"',
  });
  assert.equal(row?.["operation_name"], "second");
  assert.equal(row?.["input"], "[1]");
});

test("Tags and baggage become side rows and attributes as the key says", async () => {
  const builder = createSegmentBuilder();
  const { side } = builder.append(
    request(
      span(1, {
        attributes: attributes({
          "scouter.tracing.tag.env": text("prod"),
          "baggage.scouter.tracing.tag.tier": double(1),
          "baggage. user ": text("ü"),
          "scouter.tracing.tag.": text("kept as it is"),
        }),
      }),
      span(1, { attributes: attributes({ "scouter.tracing.tag.env": text("prod") }) }),
    ),
    "protobuf",
    admitAll,
  );
  const traceIdHex = "a0".repeat(12) + "00000001";
  const createdAtUs = Number(START_US) + 1000;
  assert.deepEqual(side.tags, [
    { entityType: "trace", entityId: traceIdHex, key: "env", value: "prod" },
    { entityType: "trace", entityId: traceIdHex, key: "tier", value: "1" },
  ]);
  assert.deepEqual(side.baggage, [
    { createdAtUs, traceIdHex, scope: "tests", key: "scouter.tracing.tag.tier", value: "1" },
    { createdAtUs, traceIdHex, scope: "tests", key: "user", value: "ü" },
  ]);
  const [row] = await bothReaders(builder.encode(0, 1).bytes);
  assert.deepEqual(row?.["attributes"], {
    env: '"prod"',
    tier: '"1"',
    "scouter.tracing.tag.": '"kept as it is"',
  });
});

test("Entities on events are queue-owned only beside a queue record in the same event", () => {
  const [a, b, record] = [1, 2, 3].map((n) => `0189d8a5-7c3b-7c3e-9d6e-00000000000${n}`);
  assert.ok(a && b && record);
  const builder = createSegmentBuilder();
  const { side } = builder.append(
    request(span(1, {
      events: [
        {
          attributes: attributes({
            "scouter.queue.record": text(record),
            "scouter.entity": text(a),
          }),
        },
        {
          attributes: attributes({
            "scouter.entity.b": text(b),
            "scouter.entity.c": text("no uuid"),
          }),
        },
      ],
    })),
    "protobuf",
    admitAll,
  );
  assert.deepEqual(side.entities.map(({ entityUid, queueOwned }) => [entityUid, queueOwned]), [
    [a, true],
    [b, false],
  ]);
});

test("An inference-details event supplies the messages that the span lacks", async () => {
  const builder = createSegmentBuilder();
  builder.append(
    request(span(1, {
      attributes: attributes({ "gen_ai.input.messages": text("from the span") }),
      events: [{
        name: "gen_ai.client.inference.operation.details",
        attributes: attributes({
          "gen_ai.input.messages": text("from the event"),
          "gen_ai.output.messages": text("from the event"),
        }),
      }],
    })),
    "protobuf",
    admitAll,
  );
  const [row] = await bothReaders(builder.encode(0, 1).bytes);
  assert.equal(row?.["input_messages"], "from the span");
  assert.equal(row?.["output_messages"], "from the event");
});

test("Any row range over several row groups reads back as the same rows", async () => {
  const builder = createSegmentBuilder();
  const init = (n: number) => ({
    attributes: n % 3 === 0 ? [] : attributes({
      [`key ${n % 5}`]: text(`value ${n}`),
      ...(n % 7 === 0 ? { "gen_ai.usage.input_tokens": int(BigInt(n)) } : {}),
    }),
    ...(n % 11 === 0 ? { status: { code: 2 as const, message: `broken ${n % 4}` } } : {}),
    ...(n % 2 === 0 ? { parentSpanId: spanId(n + 1) } : {}),
  });
  const expected = (n: number): Row => ({
    ...bareRow(n),
    attributes: n % 3 === 0 ? {} : {
      [`key ${n % 5}`]: `"value ${n}"`,
      ...(n % 7 === 0 ? { "gen_ai.usage.input_tokens": String(n) } : {}),
    },
    input_tokens: n % 3 !== 0 && n % 7 === 0 ? BigInt(n) : null,
    ...(n % 11 === 0 ? { status_code: 2, status_message: `broken ${n % 4}` } : {}),
    parent_span_id: n % 2 === 0 ? "b0b0b0b0" + (n + 1).toString(16).padStart(8, "0") : null,
  });
  const total = 8_700;
  for (let from = 0; from < total; from += 300) {
    const spans = Array.from({ length: 300 }, (_, i) => span(from + i, init(from + i)));
    builder.append(request(...spans), "protobuf", admitAll);
  }
  for (const [from, to] of [[0, 1], [7, 9], [8191, 8193], [13, 8_699]] as const) {
    const file = builder.encode(from, to);
    const rows = await bothReaders(file.bytes);
    assert.deepEqual(rows, Array.from({ length: to - from }, (_, i) => expected(from + i)));
    assert.equal(file.rows, to - from);
    assert.equal(BigInt(file.minStartUs), START_US + BigInt(from) * 1000n);
    assert.equal(BigInt(file.maxStartUs), START_US + BigInt(to - 1) * 1000n);
    assert.equal(BigInt(file.maxEndUs), START_US + BigInt(to - 1) * 1000n + 2500n);
  }
  const sealed = sealSegment(builder.detach().payload);
  assert.equal(builder.rowCount, 0);
  assert.equal(sealed.length, 1);
  const rows = await bothReaders(sealed[0]?.bytes ?? new Uint8Array());
  assert.deepEqual(rows, Array.from({ length: total }, (_, i) => expected(i)));
});
