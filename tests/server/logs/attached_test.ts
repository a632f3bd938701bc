import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { GenAiQueries } from "../../../server/lake/traces/genai/genai_queries.ts";
import { LOG_CODEC } from "../../../server/lake/logs/log_builder.ts";
import { LogQueries } from "../../../server/lake/logs/log_queries.ts";
import { LOG_TABLE } from "../../../server/lake/logs/schema.ts";
import { traceIdHash } from "../../../server/lake/traces/segment/mod.ts";
import type { DurableSpanStore } from "../../../server/lake/traces/store/mod.ts";
import { otlpJson } from "../genai/genai_world.ts";
import {
  attributes,
  double,
  hex,
  list,
  object,
  spanId,
  text,
  traceId,
} from "../segment/support.ts";
import { World } from "../store/world.ts";
import { logRequest, type RecordInit } from "./log_requests.ts";

const T0_US = 1_767_607_200_000_000;
const T0_NS = BigInt(T0_US) * 1000n;

describe("log records of spans", () => {
  let spanWorld: World;
  let logWorld: World;
  let spans: DurableSpanStore;
  let stored: DurableSpanStore;
  let queries: GenAiQueries;
  let logs: LogQueries;

  before(async () => {
    spanWorld = await World.make();
    spanWorld.codec = undefined;
    spans = await spanWorld.open();
    logWorld = await World.make();
    logWorld.codec = LOG_CODEC;
    logWorld.table = LOG_TABLE;
    stored = await logWorld.open();
    logs = new LogQueries({ store: stored, engine: logWorld.engine, traceIdHash });
    queries = new GenAiQueries({ store: spans, engine: spanWorld.engine, traceIdHash, logs });
  });
  after(async () => {
    await spanWorld.end();
    await logWorld.end();
  });

  const sendSpan = (n: number) =>
    spans.ingest(
      otlpJson([{
        traceId: hex(traceId(n)),
        spanId: hex(spanId(n)),
        startUs: T0_US + n,
        attributes: { "gen_ai.operation.name": "chat" },
      }]),
      "json",
    );
  const sendLogs = (n: number, ...records: RecordInit[]) =>
    stored.ingest(
      logRequest(...records.map((record, i) => ({
        traceId: traceId(n),
        spanId: spanId(n),
        timeUnixNano: T0_NS + BigInt(i) * 1000n,
        ...record,
      }))),
      "protobuf",
    );
  const evaluation = (name: string, value: number): RecordInit => ({
    eventName: "gen_ai.evaluation.result",
    attributes: attributes({
      "gen_ai.evaluation.name": text(name),
      "gen_ai.evaluation.score.value": double(value),
      "gen_ai.evaluation.score.label": text("pass"),
      "gen_ai.evaluation.explanation": text("as asked"),
      "gen_ai.response.id": text("r-1"),
    }),
  });
  const details: RecordInit = {
    eventName: "gen_ai.client.inference.operation.details",
    attributes: attributes({
      "gen_ai.input.messages": list(object({
        role: text("user"),
        parts: list(object({ type: text("text"), content: text("Hi") })),
      })),
      "gen_ai.output.messages": text(
        '[{"role":"assistant","parts":[{"type":"text","content":"Hello"}]}]',
      ),
    }),
  };

  for (const [order, n] of [["before", 1], ["after", 2]] as const) {
    it(`evaluations and messages that come ${order} their span appear with it`, async () => {
      if (order === "after") await sendSpan(n);
      await sendLogs(n, evaluation("relevance", 0.9), details, evaluation("tone", 1));
      await stored.flush();
      if (order === "before") await sendSpan(n);
      const { steps } = await queries.transcript({ traceId: hex(traceId(n)) });
      assert.deepEqual(steps.map(({ messages }) => [messages.input, messages.output]), [[
        [{ role: "user", name: null, parts: [{ kind: "text", text: "Hi" }], finishReason: null }],
        [{
          role: "assistant",
          name: null,
          parts: [{ kind: "text", text: "Hello" }],
          finishReason: null,
        }],
      ]]);
      const { spans: found } = await queries.spans({}, "newest", 1);
      assert.equal(found[0]?.spanId, hex(spanId(n)));
      assert.deepEqual(found[0]?.evalResults, [
        {
          name: "relevance",
          scoreLabel: "pass",
          scoreValue: 0.9,
          explanation: "as asked",
          responseId: "r-1",
        },
        {
          name: "tone",
          scoreLabel: "pass",
          scoreValue: 1,
          explanation: "as asked",
          responseId: "r-1",
        },
      ]);
      assert.deepEqual(JSON.parse(found[0]?.inputMessages ?? ""), [
        { role: "user", parts: [{ type: "text", content: "Hi" }] },
      ]);
      assert.deepEqual(steps[0]?.span.evalResults, found[0]?.evalResults);
    });
  }

  it("an evaluation reported in another span goes to the span whose response it names", async () => {
    const span = (n: number, at: number, more: { readonly [key: string]: string }) => ({
      traceId: hex(traceId(7)),
      spanId: hex(spanId(n)),
      startUs: T0_US + at,
      attributes: { "gen_ai.operation.name": "chat", ...more },
    });
    await spans.ingest(
      otlpJson([
        span(70, 1, { "gen_ai.response.id": "r-1" }),
        span(71, 2, { "gen_ai.response.id": "of the judge" }),
      ]),
      "json",
    );
    await sendLogs(7, { ...evaluation("tone", 1), spanId: spanId(71) });
    await sendLogs(7, { ...evaluation("truth", 0), spanId: spanId(79) });
    const { steps } = await queries.transcript({ traceId: hex(traceId(7)) });
    assert.deepEqual(
      steps.map(({ span }) => span.evalResults.map(({ name }) => name).sort()),
      [["tone", "truth"], []],
    );
  });

  it("messages of earlier conventions, one event each, are read from their bodies", async () => {
    await sendSpan(3);
    await sendLogs(
      3,
      { eventName: "gen_ai.user.message", body: object({ content: text("Weather?") }) },
      {
        attributes: attributes({ "event.name": text("gen_ai.choice") }),
        body: object({
          index: double(0),
          finish_reason: text("tool_calls"),
          message: object({
            role: text("assistant"),
            tool_calls: list(object({
              id: text("c1"),
              type: text("function"),
              function: object({ name: text("weather"), arguments: text("{}") }),
            })),
          }),
        }),
      },
    );
    const { steps } = await queries.transcript({ traceId: hex(traceId(3)) });
    assert.deepEqual(steps[0]?.messages.input.map(({ parts }) => parts), [
      [{ kind: "text", text: "Weather?" }],
    ]);
    assert.deepEqual(steps[0]?.messages.output, [{
      role: "assistant",
      name: null,
      parts: [{ kind: "tool_call", id: "c1", name: "weather", argumentsText: "{}" }],
      finishReason: "tool_calls",
    }]);
  });

  it("records of one instant stand in the order they were sent, also after sealing and merging", async () => {
    const names = Array.from({ length: 40 }, (_, i) => `message ${i}`);
    await sendLogs(6, ...names.map((body) => ({ body: text(body), timeUnixNano: T0_NS })));
    await stored.flush();
    const bodies = async () =>
      (await logs.ofTrace({ traceId: hex(traceId(6)), limit: 100 })).records
        .map(({ body }) => body?.value);
    assert.deepEqual(await bodies(), names);
    await stored.compact();
    assert.deepEqual(await bodies(), names);
  });

  it("records of a trace are listed oldest first, of one span, of some severity, up to a limit", async () => {
    await sendLogs(
      4,
      { body: text("second"), timeUnixNano: T0_NS + 9000n, severityNumber: 17 },
      { body: text("first"), timeUnixNano: T0_NS, severityNumber: 9 },
      { body: text("elsewhere"), timeUnixNano: T0_NS + 20_000n, spanId: spanId(99) },
    );
    const trace = hex(traceId(4));
    const bodies = async (request: Partial<Parameters<LogQueries["ofTrace"]>[0]>) => {
      const found = await logs.ofTrace({ traceId: trace, limit: 10, ...request });
      return [found.records.map(({ body }) => body?.value), found.truncated];
    };
    assert.deepEqual(await bodies({}), [["first", "second", "elsewhere"], false]);
    assert.deepEqual(await bodies({ spanId: hex(spanId(4)) }), [["first", "second"], false]);
    assert.deepEqual(await bodies({ minSeverityNumber: 13 }), [["second"], false]);
    assert.deepEqual(await bodies({ limit: 2 }), [["first", "second"], true]);
    assert.deepEqual(await bodies({ traceId: "f".repeat(32) }), [[], false]);
    await stored.flush();
    await stored.compact();
    assert.deepEqual(await bodies({}), [["first", "second", "elsewhere"], false]);
  });

  it("a request sent twice is stored once", async () => {
    const body = logRequest({ traceId: traceId(5), body: text("once"), timeUnixNano: T0_NS });
    assert.equal((await stored.ingest(body, "protobuf")).accepted, 1);
    const again = await stored.ingest(body, "protobuf");
    assert.deepEqual([again.accepted, again.deduplicated, again.rejected], [0, 1, 0]);
  });

  it("old dates are dropped with the retention", async () => {
    const world = await World.make();
    world.codec = LOG_CODEC;
    world.table = LOG_TABLE;
    try {
      const store = await world.open({ retentionDays: 30 });
      await store.ingest(
        logRequest(
          { timeUnixNano: 1_000_000_000n * 1_000_000_000n, body: text("old") },
          { timeUnixNano: BigInt(Date.now()) * 1_000_000n, body: text("new") },
        ),
        "protobuf",
      );
      await store.flush();
      await store.retain();
      using lease = store.acquire();
      assert.deepEqual(lease.snapshot.files.map(({ rows, tier }) => [rows, tier]), [[1, "table"]]);
      lease.release();
    } finally {
      await world.end();
    }
  });
});
