import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { spanId, traceId } from "../traces/fixture.ts";
import { GenAiWorld, type SentSpan, type Value } from "./genai_world.ts";

/** 2026-01-05T08:00:00Z */
const T0 = 1_767_600_000_000_000;

describe("what a GenAI span says of itself", () => {
  let world: GenAiWorld;
  before(async () => {
    world = await GenAiWorld.open();
  });
  after(async () => {
    await world.close();
  });

  async function stored(
    attributes: { readonly [key: string]: Value },
    more: Partial<SentSpan> = {},
  ) {
    world.clear();
    await world.send([{
      traceId: traceId("t"),
      spanId: spanId("s"),
      startUs: T0,
      attributes: { "gen_ai.operation.name": "chat", ...attributes },
      ...more,
    }]);
    const { spans } = await world.queries.spans({}, "newest", 10);
    const [span] = spans;
    assert.ok(span !== undefined && spans.length === 1);
    return span;
  }

  it("a span without an operation name is none, even with tokens", async () => {
    world.clear();
    await world.send([{
      traceId: traceId("t"),
      spanId: spanId("s"),
      startUs: T0,
      attributes: { "gen_ai.usage.input_tokens": 100, "gen_ai.operation.name": 7 },
    }]);
    assert.deepEqual(await world.queries.spans({}, "newest", 10), { spans: [], truncated: false });
  });

  it("finish reasons come as an array, a JSON array in a string, or one bare string", async () => {
    const reasons = async (value: Value) =>
      (await stored({ "gen_ai.response.finish_reasons": value })).finishReasons;
    assert.deepEqual(await reasons('["stop","length"]'), ["stop", "length"]);
    assert.deepEqual(await reasons("stop"), ["stop"]);
    assert.deepEqual(await reasons(["stop", 1, null, "length"]), ["stop", "length"]);
    assert.deepEqual(await reasons(5), []);
    assert.deepEqual((await stored({})).finishReasons, []);
  });

  it("stop sequences that are not a list are none", async () => {
    const stops = async (value: Value) =>
      (await stored({ "gen_ai.request.stop_sequences": value })).requestStopSequences;
    assert.deepEqual(await stops("not-an-array"), []);
    assert.deepEqual(await stops('["a","b"]'), ["a", "b"]);
    assert.deepEqual(await stops(["a"]), ["a"]);
  });

  it("numbers may be written as strings, integers as doubles", async () => {
    const span = await stored({
      "gen_ai.usage.input_tokens": "100",
      "gen_ai.usage.output_tokens": 100.75,
      "gen_ai.request.max_tokens": 100.5,
      "gen_ai.request.seed": "9223372036854775807",
      "gen_ai.request.temperature": "0.9",
      "gen_ai.request.top_p": 1,
      "gen_ai.request.frequency_penalty": "much",
      "server.port": true,
    });
    assert.equal(span.inputTokens, 100);
    assert.equal(span.outputTokens, 100);
    assert.equal(span.requestMaxTokens, 100n);
    assert.equal(span.requestSeed, 9223372036854775807n);
    assert.equal(span.requestTemperature, 0.9);
    assert.equal(span.requestTopP, 1);
    assert.equal(span.requestFrequencyPenalty, null);
    assert.equal(span.serverPort, null);
  });

  it("messages of the span win over those of its details event, which stand in for missing ones", async () => {
    const span = await stored({ "gen_ai.input.messages": '[{"role":"user"}]' }, {
      events: [{
        name: "gen_ai.client.inference.operation.details",
        attributes: {
          "gen_ai.input.messages": "from the event",
          "gen_ai.output.messages": [{ role: "assistant", n: 1 }],
          "gen_ai.response.model": "ignored",
        },
      }],
    });
    assert.equal(span.inputMessages, '[{"role":"user"}]');
    assert.equal(span.outputMessages, '[{"role":"assistant","n":1}]');
    assert.equal(span.systemInstructions, null);
    assert.equal(span.responseModel, null);
  });

  it("evaluations are the span's named evaluation events, in order", async () => {
    const span = await stored({}, {
      events: [
        {
          name: "gen_ai.evaluation.result",
          attributes: {
            "gen_ai.evaluation.name": "relevance",
            "gen_ai.evaluation.score.label": "good",
            "gen_ai.evaluation.score.value": 0.75,
            "gen_ai.evaluation.explanation": "close",
            "gen_ai.response.id": "r-1",
          },
        },
        { name: "gen_ai.evaluation.result", attributes: { "gen_ai.evaluation.name": "" } },
        { name: "gen_ai.evaluation.result", attributes: {} },
        {
          name: "gen_ai.evaluation.result",
          attributes: { "gen_ai.evaluation.name": "toxicity", "gen_ai.evaluation.score.value": 0 },
        },
        { name: "other", attributes: { "gen_ai.evaluation.name": "no" } },
      ],
    });
    assert.deepEqual(span.evalResults, [
      {
        name: "relevance",
        scoreLabel: "good",
        scoreValue: 0.75,
        explanation: "close",
        responseId: "r-1",
      },
      { name: "toxicity", scoreLabel: null, scoreValue: 0, explanation: null, responseId: null },
    ]);
  });

  it("strings of every other attribute reach their field, values of other types do not", async () => {
    const span = await stored({
      "gen_ai.response.id": "r",
      "gen_ai.output.type": "json",
      "gen_ai.agent.description": "d",
      "gen_ai.agent.version": 2,
      "gen_ai.data_source.id": "ds",
      "gen_ai.tool.call.id": "tc",
      "openai.api.type": "responses",
      "openai.response.service_tier": "scale",
      "server.address": "api.example",
      "server.port": 443,
      "gen_ai.request.choice.count": 3,
      "scouter.tracing.label": "l",
    });
    assert.equal(span.responseId, "r");
    assert.equal(span.outputType, "json");
    assert.equal(span.agentDescription, "d");
    assert.equal(span.agentVersion, null);
    assert.equal(span.dataSourceId, "ds");
    assert.equal(span.toolCallId, "tc");
    assert.equal(span.openaiApiType, "responses");
    assert.equal(span.openaiServiceTier, "scale");
    assert.equal(span.serverAddress, "api.example");
    assert.equal(span.serverPort, 443n);
    assert.equal(span.requestChoiceCount, 3n);
    assert.equal(span.label, "l");
  });
});
