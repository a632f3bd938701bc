import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  agentAssertion,
  agentAssertionTask,
  compileAgentAssertion,
  EvaluationError,
  type JsonValue,
  normaliseResponse,
} from "../../../sdk/evaluate/mod.ts";

describe("vendors' responses", () => {
  it("reads OpenAI chat completions with nulls, new stop reasons and content parts", () => {
    const response = normaliseResponse({
      choices: [{
        finish_reason: "something_new",
        message: {
          role: "assistant",
          tool_calls: null,
          content: [{ type: "text", text: "Hel" }, { type: "text", text: "lo" }],
        },
      }],
    });
    assert.equal(response.content, "Hello");
    assert.equal(response.finishReason, "something_new");
    assert.deepEqual(response.toolCalls, []);
    assert.deepEqual(response.usage, { inputTokens: 0, outputTokens: 0, totalTokens: 0 });
  });

  it("reads OpenAI's responses API with calls and their output", () => {
    const response = normaliseResponse({
      object: "response",
      model: "gpt-5",
      status: "completed",
      output: [
        { type: "reasoning", summary: [] },
        { type: "function_call", name: "search", arguments: '{"q":"x"}', call_id: "c1" },
        { type: "function_call_output", call_id: "c1", output: '{"hits":3}' },
        { type: "web_search_call", id: "w", status: "completed" },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Found" }] },
      ],
      usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
    });
    assert.equal(response.content, "Found");
    assert.equal(response.finishReason, "completed");
    assert.deepEqual(response.toolCalls.map((call) => call.name), ["search", "web_search"]);
    assert.deepEqual(response.toolCalls[0]?.arguments, { q: "x" });
    assert.deepEqual(response.toolCalls[0]?.result, { hits: 3 });
    assert.equal(response.usage.totalTokens, 12);
  });

  it("reads Anthropic messages with unknown blocks and stop reasons", () => {
    const response = normaliseResponse({
      model: "claude",
      role: "assistant",
      stop_reason: "refusal",
      content: [
        { type: "thinking", thinking: "…" },
        { type: "server_tool_use", id: "s", name: "web_search", input: { query: "x" } },
        { type: "text", text: "Hm" },
      ],
      usage: { input_tokens: 25, output_tokens: 10 },
    });
    assert.equal(response.content, "Hm");
    assert.equal(response.finishReason, "refusal");
    assert.deepEqual(response.toolCalls.map((call) => call.name), ["web_search"]);
    assert.equal(response.usage.totalTokens, 35);
  });

  it("reads blocked Gemini candidates", () => {
    const response = normaliseResponse({
      candidates: [{ finishReason: "SAFETY", index: 0 }],
      modelVersion: "gemini-x",
    });
    assert.equal(response.content, null);
    assert.equal(response.finishReason, "SAFETY");
    assert.equal(response.usage.inputTokens, null);
  });

  it("reads ADK events, joining calls with their answers", () => {
    const response = normaliseResponse([
      {
        content: {
          role: "model",
          parts: [{ function_call: { id: "f", name: "book", args: { n: 1 } } }],
        },
      },
      {
        content: {
          role: "user",
          parts: [{ function_response: { id: "f", response: { ok: true } } }],
        },
      },
      { content: { role: "model", parts: [{ text: "Booked" }] }, turn_complete: true },
    ]);
    assert.equal(response.format, "google.adk");
    assert.equal(response.content, "Booked");
    assert.deepEqual(response.toolCalls[0]?.result, { ok: true });
  });

  it("reads results of Vercel's AI SDK over all steps", () => {
    const response = normaliseResponse({
      text: "Sunny",
      finishReason: "stop",
      totalUsage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
      steps: [
        {
          toolCalls: [{ toolCallId: "1", toolName: "weather", input: { city: "Bern" } }],
          toolResults: [{ toolCallId: "1", toolName: "weather", output: "20 °C" }],
          response: { modelId: "m" },
        },
        { text: "Sunny", toolCalls: [], response: { modelId: "m" } },
      ],
    });
    assert.equal(response.content, "Sunny");
    assert.equal(response.model, "m");
    assert.deepEqual(response.toolCalls, [
      { name: "weather", arguments: { city: "Bern" }, callId: "1", result: "20 °C" },
    ]);
    assert.equal(response.usage.totalTokens, 7);
  });

  it("reads LangChain messages, serialised and plain, with tool answers", () => {
    const serialised = {
      lc: 1,
      type: "constructor",
      id: ["langchain_core", "messages", "AIMessage"],
      kwargs: {
        content: "",
        tool_calls: [{ name: "add", args: { a: 1 }, id: "t1", type: "tool_call" }],
        usage_metadata: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
        response_metadata: { model_name: "gpt-4o", finish_reason: "tool_calls" },
      },
    };
    const response = normaliseResponse({
      messages: [
        { type: "human", content: "1+1?" },
        serialised,
        { type: "tool", tool_call_id: "t1", content: "2" },
        { type: "ai", content: "It is 2", response_metadata: { finish_reason: "stop" } },
      ],
    });
    assert.equal(response.content, "It is 2");
    assert.equal(response.model, "gpt-4o");
    assert.equal(response.finishReason, "stop");
    assert.deepEqual(response.toolCalls, [
      { name: "add", arguments: { a: 1 }, callId: "t1", result: 2 },
    ]);
    assert.equal(response.usage.totalTokens, 3);
  });

  it("reads already normalised responses with tool results", () => {
    const response = normaliseResponse({
      model: "m",
      content: "done",
      finish_reason: "stop",
      tool_calls: [{ name: "f", arguments: { a: 1 }, result: { ok: true }, call_id: "1" }],
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
    });
    assert.deepEqual(response.toolCalls[0]?.result, { ok: true });
    assert.equal(response.usage.inputTokens, 1);
  });

  it("finds a response inside of what people log", () => {
    const context = { request: { messages: "hi" }, log: { response: { choices: [], model: "m" } } };
    assert.equal(normaliseResponse(context).model, "m");
  });

  it("does not take just anything for a response", () => {
    for (const value of [{}, { foo: 1 }, [], null, "text", { a: { b: { c: 1 } } }] as JsonValue[]) {
      assert.throws(
        () => normaliseResponse(value),
        (error) => error instanceof EvaluationError && error.code === "INVALID_PROVIDER_RESPONSE",
      );
    }
  });

  it("follows the provider that a task names", () => {
    const ambiguous = { candidates: [], partial: false };
    assert.equal(normaliseResponse(ambiguous).format, "google.adk");
    assert.equal(normaliseResponse(ambiguous, "Gemini").format, "gemini");
    assert.throws(() => normaliseResponse(ambiguous, "OpenAI"), /not a response of OpenAI/);
  });

  it("matches arguments partially, arrays exactly", () => {
    const context = {
      tool_calls: [{ name: "f", arguments: { item: { name: "widget", tags: [1, 2] } } }],
    };
    const called = (args: JsonValue): boolean =>
      compileAgentAssertion(agentAssertionTask({
        id: "t",
        assertion: agentAssertion.toolCalledWithArgs("f", args),
        operator: "Equals",
        expectedValue: true,
      }))(context).passed;
    assert.equal(called({ item: { name: "widget" } }), true);
    assert.equal(called({ item: { name: "gadget" } }), false);
    assert.equal(called({ item: { tags: [1] } }), false);
  });
});
