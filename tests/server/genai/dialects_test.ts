import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ATTRIBUTE_ALIASES } from "../../../server/genai/conventions.ts";
import type { GenAiSpan } from "../../../server/lake/traces/genai/genai_spans.ts";
import { spanId, traceId } from "../traces/fixture.ts";
import { GenAiWorld, type Value } from "./genai_world.ts";

/** 2026-01-05T08:00:00Z */
const T0 = 1_767_600_000_000_000;

describe("GenAI spans under other names", () => {
  let world: GenAiWorld;
  before(async () => {
    world = await GenAiWorld.open();
  });
  after(async () => {
    await world.close();
  });

  async function stored(
    ...spans: readonly { readonly [key: string]: Value }[]
  ): Promise<readonly GenAiSpan[]> {
    world.clear();
    await world.send(spans.map((attributes, at) => ({
      traceId: traceId(at),
      spanId: spanId(at),
      startUs: T0 + at,
      attributes,
    })));
    return (await world.queries.spans({}, "oldest", 100)).spans;
  }

  function fields(span: GenAiSpan | undefined) {
    assert.ok(span !== undefined, "no GenAI span");
    const { operationName, providerName, requestModel, responseModel, conversationId } = span;
    const { agentName, toolName, inputTokens, outputTokens } = span;
    const { cacheCreationInputTokens, cacheReadInputTokens } = span;
    return Object.fromEntries(
      Object.entries({
        operationName,
        providerName,
        requestModel,
        responseModel,
        conversationId,
        agentName,
        toolName,
        inputTokens,
        outputTokens,
        cacheCreationInputTokens,
        cacheReadInputTokens,
      }).filter(([, value]) => value !== null),
    );
  }

  it("OpenInference: a model call, an agent and a tool", async () => {
    const [llm, agent, tool, ...rest] = await stored(
      {
        "openinference.span.kind": "LLM",
        "llm.provider": "openai",
        "llm.system": "openai",
        "llm.model_name": "gpt-4o-mini",
        "llm.token_count.prompt": 12,
        "llm.token_count.completion": 34,
        "llm.token_count.total": 46,
        "llm.token_count.prompt_details.cache_read": 5,
        "session.id": "s-1",
      },
      { "openinference.span.kind": "AGENT", "agent.name": "planner", "session.id": "s-1" },
      { "openinference.span.kind": "TOOL", "tool.name": "search" },
      { "openinference.span.kind": "CHAIN", "session.id": "s-1" },
    );
    assert.deepEqual(fields(llm), {
      operationName: "chat",
      providerName: "openai",
      requestModel: "gpt-4o-mini",
      conversationId: "s-1",
      inputTokens: 12,
      outputTokens: 34,
      cacheReadInputTokens: 5,
    });
    assert.deepEqual(fields(agent), {
      operationName: "invoke_agent",
      agentName: "planner",
      conversationId: "s-1",
    });
    assert.deepEqual(fields(tool), { operationName: "execute_tool", toolName: "search" });
    assert.deepEqual(rest, []);
  });

  it("OpenLLMetry: a model call with names of earlier conventions", async () => {
    const [llm, ...rest] = await stored(
      {
        "llm.request.type": "chat",
        "gen_ai.system": "OpenAI",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.prompt_tokens": 10,
        "gen_ai.usage.completion_tokens": 20,
        "gen_ai.usage.cache_read_input_tokens": 3,
        "traceloop.association.properties.session_id": "s-2",
      },
      { "traceloop.span.kind": "workflow" },
    );
    assert.deepEqual(fields(llm), {
      operationName: "chat",
      providerName: "openai",
      requestModel: "gpt-4o",
      responseModel: "gpt-4o-2024-08-06",
      conversationId: "s-2",
      inputTokens: 10,
      outputTokens: 20,
      cacheReadInputTokens: 3,
    });
    assert.deepEqual(rest, []);
  });

  it("AI SDK: only the spans that call a model or a tool", async () => {
    const spans = await stored(
      { "ai.operationId": "ai.generateText", "ai.usage.promptTokens": 5 },
      {
        "ai.operationId": "ai.generateText.doGenerate",
        "gen_ai.system": "openai.chat",
        "gen_ai.request.model": "gpt-4o",
        "ai.model.id": "gpt-4o",
        "ai.usage.promptTokens": 5,
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 6,
      },
      { "ai.operationId": "ai.toolCall", "ai.toolCall.name": "weather" },
    );
    assert.deepEqual(spans.map(fields), [
      {
        operationName: "chat",
        providerName: "openai",
        requestModel: "gpt-4o",
        inputTokens: 5,
        outputTokens: 6,
      },
      { operationName: "execute_tool", toolName: "weather" },
    ]);
  });

  it("the conventions' own name always goes first, in whatever order they come", async () => {
    const own = { "gen_ai.operation.name": "text_completion", "gen_ai.usage.input_tokens": 1 };
    const other = { "llm.request.type": "chat", "gen_ai.usage.prompt_tokens": 2 };
    for (const span of await stored({ ...own, ...other }, { ...other, ...own })) {
      assert.deepEqual(fields(span), { operationName: "text_completion", inputTokens: 1 });
    }
    // A name that says nothing usable leaves the place to the next.
    const [odd] = await stored({
      "gen_ai.operation.name": 5,
      "openinference.span.kind": "constructor",
      "llm.request.type": "rerank",
      "gen_ai.usage.input_tokens": "many",
      "llm.token_count.prompt": "7",
    });
    assert.deepEqual(fields(odd), { operationName: "rerank", inputTokens: 7 });
  });

  it("names that are common elsewhere mean nothing alone, and every attribute stays as sent", async () => {
    world.clear();
    const attributes = { "session.id": "browser", "tool.name": "hammer", "agent.name": "rum" };
    await world.send([{ traceId: traceId("x"), spanId: spanId("x"), startUs: T0, attributes }]);
    const { spans: [plain] } = await world.traces.queries.spans({
      traceId: traceId("x"),
      detail: "full",
    });
    assert.deepEqual(
      Object.fromEntries(plain?.attributes.map(({ key, value }) => [key, value]) ?? []),
      attributes,
    );
    assert.equal(plain?.genAi.conversationId, null);
    assert.equal(plain?.genAi.toolName, null);
    assert.equal(plain?.genAi.agentName, null);
  });

  it("the table names every attribute once and never one of the conventions' present names", () => {
    const names = ATTRIBUTE_ALIASES.map((alias) => alias.attribute);
    assert.equal(new Set(names).size, names.length);
    assert.ok(!names.includes("gen_ai.operation.name"));
    for (const { values } of ATTRIBUTE_ALIASES) {
      for (const key of values?.keys() ?? []) assert.equal(key, key.toLowerCase());
    }
  });
});
