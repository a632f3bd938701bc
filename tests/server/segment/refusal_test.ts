import assert from "node:assert/strict";
import { test } from "node:test";
import type { RejectReason } from "../../../server/lake/traces/contract.ts";
import { createSegmentBuilder } from "../../../server/lake/traces/segment/mod.ts";
import {
  admitAll,
  type AnyInit,
  attributes,
  int,
  list,
  readDuckDb,
  request,
  requestWithResource,
  span,
  type SpanInit,
  text,
} from "./support.ts";

function nested(depth: number): AnyInit {
  let value = text("bottom");
  for (let i = 0; i < depth; i++) value = list(value);
  return value;
}

/** Replaces the bytes of `marker` by as many 0xff. */
function spoil(body: Uint8Array, marker: string): Uint8Array {
  const spoilt = body.slice();
  const wanted = new TextEncoder().encode(marker);
  for (let at = 0; at + wanted.length <= body.length; at++) {
    if (wanted.every((byte, i) => body[at + i] === byte)) {
      spoilt.fill(0xff, at, at + wanted.length);
    }
  }
  return spoilt;
}

const CASES: [string, RejectReason, SpanInit][] = [
  ["a trace id of 15 bytes", "invalid_trace_id", { traceId: new Uint8Array(15).fill(1) }],
  ["a trace id of zeros", "invalid_trace_id", { traceId: new Uint8Array(16) }],
  ["no span id", "invalid_span_id", { spanId: new Uint8Array(0) }],
  ["a span id of zeros", "invalid_span_id", { spanId: new Uint8Array(8) }],
  ["a parent of 9 bytes", "invalid_parent_span_id", { parentSpanId: new Uint8Array(9).fill(1) }],
  ["a start in the year 2500", "invalid_timestamp", { startTimeUnixNano: 2n ** 64n - 1n }],
  ["values nested 65 deep", "too_deep", { attributes: attributes({ deep: nested(65) }) }],
  ["an invalid name", "invalid_utf8", { name: "SPOIL" }],
  ["an invalid key", "invalid_utf8", { attributes: attributes({ SPOIL: text("") }) }],
  ["an invalid value", "invalid_utf8", { attributes: attributes({ k: text("a SPOIL") }) }],
  ["an invalid long value", "invalid_utf8", {
    attributes: attributes({ k: text("x".repeat(5000) + "SPOIL") }),
  }],
  ["an invalid message", "invalid_utf8", {
    attributes: attributes({ "gen_ai.input.messages": text("SPOIL") }),
  }],
  ["an invalid baggage value", "invalid_utf8", {
    attributes: attributes({ "baggage.k": text("SPOIL") }),
  }],
  ["an invalid event name", "invalid_utf8", { events: [{ name: "SPOIL" }] }],
  ["an invalid link state", "invalid_utf8", { links: [{ traceState: "SPOIL" }] }],
  ["an invalid status", "invalid_utf8", { status: { code: 2, message: "SPOIL" } }],
  ["an invalid trace state", "invalid_utf8", { traceState: "SPOIL" }],
  ["too many bytes", "span_too_large", { name: "x".repeat(70_000) }],
];

for (const [what, reason, init] of CASES) {
  test(`A span with ${what} is refused alone as ${reason}`, async () => {
    const builder = createSegmentBuilder({ maxSpanBytes: 65_536 });
    const more = {
      attributes: attributes({ a: text("1"), "gen_ai.usage.input_tokens": text("5") }),
    };
    const body = spoil(request(span(1, more), span(2, init), span(3, more)), "SPOIL");
    const admitted: number[] = [];
    const result = builder.append(body, "protobuf", (bytes, _, spanIdAt) => {
      admitted.push(bytes[spanIdAt + 7] ?? -1);
      return true;
    });
    assert.equal(result.added, 2);
    assert.deepEqual([...result.rejected], [[reason, 1]]);
    assert.match(result.rejectedMessage, /^Span 2 of the request/);
    assert.deepEqual(admitted, [1, 3], "only valid spans are offered for admission");
    const rows = await readDuckDb(builder.encode(0, 2).bytes);
    assert.deepEqual(rows.map((row) => row["span_name"]), ["span 1", "span 3"]);
    assert.deepEqual(rows.map((row) => row["attributes"]), [
      { a: '"1"', "gen_ai.usage.input_tokens": '"5"' },
      { a: '"1"', "gen_ai.usage.input_tokens": '"5"' },
    ]);
  });
}

test("A span of empty events that would swell past the limit is refused", () => {
  const builder = createSegmentBuilder({ maxSpanBytes: 65_536 });
  const body = request(span(1, { events: Array.from({ length: 20_000 }, () => ({})) }), span(2));
  const result = builder.append(body, "protobuf", admitAll);
  assert.deepEqual([result.added, ...result.rejected], [1, ["span_too_large", 1]]);
});

test("A resource of many equal and many distinct keys keeps the last of each", async () => {
  const keys = Array.from({ length: 30_000 }, (_, i) => ({
    key: `k${i % 9_000}`,
    value: int(BigInt(i)),
  }));
  const builder = createSegmentBuilder();
  builder.append(requestWithResource(keys, span(1)), "protobuf", admitAll);
  const [row] = await readDuckDb(builder.encode(0, 1).bytes);
  const stored = JSON.parse(String(row?.["resource_attributes"]));
  assert.equal(Object.keys(stored).length, 9_000);
  assert.deepEqual([stored["k0"], stored["k2999"], stored["k3000"]], [27_000, 29_999, 21_000]);
});

test("Values nested 64 deep are stored", () => {
  const builder = createSegmentBuilder();
  const body = request(span(1, { attributes: attributes({ deep: nested(64) }) }));
  assert.equal(builder.append(body, "protobuf", admitAll).added, 1);
});

test("Every span of a resource that is not UTF-8 is refused", () => {
  const builder = createSegmentBuilder();
  const result = builder.append(spoil(request(span(1), span(2)), "shop"), "protobuf", admitAll);
  assert.deepEqual([result.added, ...result.rejected], [0, ["invalid_utf8", 2]]);
});

test("A span that is not admitted leaves no row and no side row", async () => {
  const builder = createSegmentBuilder();
  const init = {
    attributes: attributes({ "scouter.tracing.tag.k": text("v"), a: text("b") }),
    events: [{ name: "e" }],
  };
  const body = request(span(1, init), span(2, init));
  const result = builder.append(body, "protobuf", (bytes, _, at) => bytes[at + 7] === 2);
  assert.deepEqual([result.added, result.deduplicated, result.rejected.size], [1, 1, 0]);
  assert.equal(result.side.tags.length, 1);
  const rows = await readDuckDb(builder.encode(0, 1).bytes);
  assert.deepEqual(rows.map((row) => row["span_name"]), ["span 2"]);
});

test("End before start has duration 0, end 0 means end equals start", async () => {
  const builder = createSegmentBuilder();
  const startTimeUnixNano = 5_000_000_000n;
  builder.append(
    request(
      span(1, { startTimeUnixNano, endTimeUnixNano: 4_000_000_000n }),
      span(2, { startTimeUnixNano, endTimeUnixNano: 0n }),
      span(3, { startTimeUnixNano: 999n, endTimeUnixNano: 1_000_998n }),
    ),
    "protobuf",
    admitAll,
  );
  const rows = await readDuckDb(builder.encode(0, 3).bytes);
  assert.deepEqual(
    rows.map((row) => [row["start_time"], row["end_time"], row["duration_ms"]]),
    [[5_000_000n, 4_000_000n, 0n], [5_000_000n, 5_000_000n, 0n], [0n, 1000n, 0n]],
  );
});

test("An all-zero parent is no parent", async () => {
  const builder = createSegmentBuilder();
  builder.append(request(span(1, { parentSpanId: new Uint8Array(8) })), "protobuf", admitAll);
  const [row] = await readDuckDb(builder.encode(0, 1).bytes);
  assert.equal(row?.["parent_span_id"], null);
});
