import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { MessagePart, SpokenMessages } from "../../../server/genai/messages/message.ts";
import { spanId, traceId } from "../traces/fixture.ts";
import { GenAiWorld, type SentSpan, type Value } from "./genai_world.ts";

/** 2026-01-05T08:00:00Z */
const T0 = 1_767_600_000_000_000;

/** Short form: `role: text`, calls as `name#id(arguments)`, results as `#id=result`. */
function shown(part: MessagePart): string {
  switch (part.kind) {
    case "text":
      return part.text;
    case "reasoning":
      return `<${part.text}>`;
    case "tool_call":
      return `${part.name}#${part.id}(${part.argumentsText})`;
    case "tool_result":
      return `#${part.id}=${part.resultText}`;
    case "other":
      return `[${part.type}]`;
  }
}

function said(messages: SpokenMessages) {
  const lines = (list: SpokenMessages["input"]) =>
    list.map(({ role, parts }) => `${role}: ${parts.map(shown).join(" | ")}`);
  return {
    system: messages.system.map(shown),
    input: lines(messages.input),
    output: lines(messages.output),
  };
}

/** The conversation that every dialect below tells. */
const WEATHER = {
  system: ["Be brief."],
  input: [
    "user: Weather in Oslo?",
    'assistant: weather#call_1({"city":"Oslo"})',
    "tool: #call_1=4 degrees",
  ],
  output: ["assistant: It is 4 degrees."],
};
const ARGUMENTS = '{"city":"Oslo"}';

describe("messages of a model call", () => {
  let world: GenAiWorld;
  before(async () => {
    world = await GenAiWorld.open();
  });
  after(async () => {
    await world.close();
  });

  async function steps(...spans: readonly Partial<SentSpan>[]) {
    world.clear();
    await world.send(spans.map((span, at) => ({
      traceId: traceId("t"),
      spanId: spanId(at),
      startUs: T0 + at * 1000,
      attributes: {},
      ...span,
    })));
    return (await world.queries.transcript({ traceId: traceId("t") })).steps;
  }

  async function only(
    attributes: { readonly [key: string]: Value },
    events: SentSpan["events"] = [],
  ) {
    const [step] = await steps({ attributes, events });
    assert.ok(step !== undefined);
    return said(step.messages);
  }

  it("of the OpenTelemetry conventions, as text or structured", async () => {
    const input = [
      { role: "user", parts: [{ type: "text", content: "Weather in Oslo?" }] },
      {
        role: "assistant",
        parts: [{ type: "tool_call", id: "call_1", name: "weather", arguments: { city: "Oslo" } }],
      },
      {
        role: "tool",
        parts: [{ type: "tool_call_response", id: "call_1", response: "4 degrees" }],
      },
    ];
    const output = [{
      role: "assistant",
      parts: [{ type: "text", content: "It is 4 degrees." }],
      finish_reason: "stop",
    }];
    const system = [{ type: "text", content: "Be brief." }];
    const operation = { "gen_ai.operation.name": "chat" };
    const asText = {
      ...operation,
      "gen_ai.input.messages": JSON.stringify(input),
      "gen_ai.output.messages": JSON.stringify(output),
      "gen_ai.system_instructions": JSON.stringify(system),
    };
    const structured = {
      "gen_ai.input.messages": input,
      "gen_ai.output.messages": output,
      "gen_ai.system_instructions": system,
    };
    assert.deepEqual(await only(asText), WEATHER);
    assert.deepEqual(await only({ ...operation, ...structured }), WEATHER);
    const event = { name: "gen_ai.client.inference.operation.details", attributes: structured };
    assert.deepEqual(await only(operation, [event]), WEATHER);
  });

  it("of OpenInference, spelled out over attributes", async () => {
    assert.deepEqual(
      await only({
        "openinference.span.kind": "LLM",
        "llm.input_messages.0.message.role": "system",
        "llm.input_messages.0.message.content": "Be brief.",
        "llm.input_messages.1.message.role": "user",
        "llm.input_messages.1.message.contents.0.message_content.type": "text",
        "llm.input_messages.1.message.contents.0.message_content.text": "Weather in Oslo?",
        "llm.input_messages.2.message.role": "assistant",
        "llm.input_messages.2.message.tool_calls.0.tool_call.id": "call_1",
        "llm.input_messages.2.message.tool_calls.0.tool_call.function.name": "weather",
        "llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments": ARGUMENTS,
        "llm.input_messages.3.message.role": "tool",
        "llm.input_messages.3.message.tool_call_id": "call_1",
        "llm.input_messages.3.message.content": "4 degrees",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "It is 4 degrees.",
        "input.value": "{ not looked at }",
      }),
      WEATHER,
    );
  });

  it("in order beyond nine messages, whose indexes do not sort as texts", async () => {
    const attributes: { [key: string]: Value } = { "openinference.span.kind": "LLM" };
    for (let i = 11; i >= 0; i--) {
      attributes[`llm.input_messages.${i}.message.role`] = "user";
      attributes[`llm.input_messages.${i}.message.content`] = `m${i}`;
    }
    const { input } = await only(attributes);
    assert.deepEqual(input, Array.from({ length: 12 }, (_, i) => `user: m${i}`));
  });

  it("of OpenLLMetry, spelled out over attributes", async () => {
    assert.deepEqual(
      await only({
        "llm.request.type": "chat",
        "gen_ai.prompt.0.role": "system",
        "gen_ai.prompt.0.content": "Be brief.",
        "gen_ai.prompt.1.role": "user",
        "gen_ai.prompt.1.content": JSON.stringify([{ type: "text", text: "Weather in Oslo?" }]),
        "gen_ai.prompt.2.role": "assistant",
        "gen_ai.prompt.2.tool_calls.0.id": "call_1",
        "gen_ai.prompt.2.tool_calls.0.name": "weather",
        "gen_ai.prompt.2.tool_calls.0.arguments": ARGUMENTS,
        "gen_ai.prompt.3.role": "tool",
        "gen_ai.prompt.3.tool_call_id": "call_1",
        "gen_ai.prompt.3.content": "4 degrees",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "It is 4 degrees.",
        "gen_ai.completion.0.finish_reason": "stop",
      }),
      WEATHER,
    );
  });

  it("of the AI SDK, with its own parts", async () => {
    assert.deepEqual(
      await only({
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.prompt.messages": JSON.stringify([
          { role: "system", content: "Be brief." },
          { role: "user", content: [{ type: "text", text: "Weather in Oslo?" }] },
          {
            role: "assistant",
            content: [{
              type: "tool-call",
              toolCallId: "call_1",
              toolName: "weather",
              input: { city: "Oslo" },
            }],
          },
          {
            role: "tool",
            content: [{
              type: "tool-result",
              toolCallId: "call_1",
              toolName: "weather",
              output: { type: "text", value: "4 degrees" },
            }],
          },
        ]),
        "ai.response.text": "It is 4 degrees.",
        "ai.response.finishReason": "stop",
      }),
      WEATHER,
    );
    const calls = await only({
      "ai.operationId": "ai.generateText.doGenerate",
      "ai.response.toolCalls": JSON.stringify([
        { toolCallId: "call_1", toolName: "weather", input: ARGUMENTS },
      ]),
    });
    assert.deepEqual(calls.output, ['assistant: weather#call_1({"city":"Oslo"})']);
  });

  it("of one event a message, as earlier conventions had it", async () => {
    const call = [{
      id: "call_1",
      type: "function",
      function: { name: "weather", arguments: ARGUMENTS },
    }];
    assert.deepEqual(
      await only({ "gen_ai.operation.name": "chat", "gen_ai.system": "openai" }, [
        { name: "gen_ai.system.message", attributes: { content: "Be brief." } },
        { name: "gen_ai.user.message", attributes: { content: "Weather in Oslo?" } },
        { name: "gen_ai.assistant.message", attributes: { tool_calls: call } },
        { name: "gen_ai.tool.message", attributes: { id: "call_1", content: "4 degrees" } },
        {
          name: "gen_ai.choice",
          attributes: {
            index: 0,
            finish_reason: "stop",
            message: { role: "assistant", content: "It is 4 degrees." },
          },
        },
      ]),
      WEATHER,
    );
  });

  it("of the frameworks and other providers, inside any of these", async () => {
    const inputs: readonly unknown[] = [
      // LangChain, serialised.
      [[
        {
          lc: 1,
          type: "constructor",
          id: ["langchain", "HumanMessage"],
          kwargs: { content: "Hi" },
        },
        {
          lc: 1,
          type: "constructor",
          id: ["langchain", "AIMessage"],
          kwargs: { content: "", tool_calls: [{ name: "f", args: { a: 1 }, id: "c" }] },
        },
        {
          lc: 1,
          type: "constructor",
          id: ["langchain", "ToolMessage"],
          kwargs: { content: "ok", tool_call_id: "c" },
        },
      ]],
      // Anthropic.
      [
        { role: "user", content: "Hi" },
        { role: "assistant", content: [{ type: "tool_use", id: "c", name: "f", input: { a: 1 } }] },
        { role: "tool", content: [{ type: "tool_result", tool_use_id: "c", content: "ok" }] },
      ],
      // OpenAI.
      [
        { role: "user", content: "Hi" },
        {
          role: "assistant",
          content: null,
          tool_calls: [{
            id: "c",
            type: "function",
            function: { name: "f", arguments: '{"a":1}' },
          }],
        },
        { role: "tool", tool_call_id: "c", content: "ok" },
      ],
      // Gemini, which has no ids.
      [
        { role: "user", parts: [{ text: "Hi" }] },
        { role: "model", parts: [{ functionCall: { id: "c", name: "f", args: { a: 1 } } }] },
        { role: "tool", parts: [{ functionResponse: { id: "c", name: "f", response: "ok" } }] },
      ],
    ];
    for (const input of inputs) {
      const found = await only({
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": JSON.stringify(input),
      });
      assert.deepEqual(found.input, ["user: Hi", 'assistant: f#c({"a":1})', "tool: #c=ok"]);
    }
  });

  it("nothing a client may send breaks it", async () => {
    const texts = [
      "",
      "[",
      "[[[]]]",
      "null",
      "5",
      '"x"',
      "{}",
      "[null,1,{}]",
      '[{"role":5}]',
      "[{",
    ];
    for (const text of texts) {
      const found = await only({
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": text,
        "llm.input_messages.x": text,
        "llm.input_messages.0": text,
        "llm.input_messages.0.message.__proto__.content": "odd",
        "gen_ai.prompt.0.tool_calls": text,
        "ai.prompt": text,
      }, [{ name: "gen_ai.choice", attributes: { message: text } }]);
      assert.ok(Array.isArray(found.input));
    }
  });

  it("tools show their call and result in every dialect", async () => {
    const dialects: readonly { readonly [key: string]: Value }[] = [
      {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "weather",
        "gen_ai.tool.call.id": "call_1",
        "gen_ai.tool.call.arguments": ARGUMENTS,
        "gen_ai.tool.call.result": "4 degrees",
      },
      {
        "openinference.span.kind": "TOOL",
        "tool.name": "weather",
        "tool_call.id": "call_1",
        "input.value": ARGUMENTS,
        "output.value": "4 degrees",
      },
      {
        "ai.operationId": "ai.toolCall",
        "ai.toolCall.name": "weather",
        "ai.toolCall.id": "call_1",
        "ai.toolCall.args": ARGUMENTS,
        "ai.toolCall.result": "4 degrees",
      },
    ];
    for (const attributes of dialects) {
      assert.deepEqual(await only(attributes), {
        system: [],
        input: ['assistant: weather#call_1({"city":"Oslo"})'],
        output: ["tool: #call_1=4 degrees"],
      });
    }
  });

  it("what a call only repeats is marked, so that the rest reads as the conversation", async () => {
    const chat = (input: readonly string[], output: string): Partial<SentSpan> => ({
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.system_instructions": '[{"type":"text","content":"Be brief."}]',
        "gen_ai.input.messages": JSON.stringify(input.map((text, i) => ({
          role: i % 2 === 0 ? "user" : "assistant",
          parts: [{ type: "text", content: text }],
        }))),
        "gen_ai.output.messages": JSON.stringify([
          { role: "assistant", parts: [{ type: "text", content: output }] },
        ]),
      },
    });
    const found = await steps(
      chat(["yes"], "a"),
      chat(["yes", "a", "yes"], "b"),
      // The client cut off the beginning.
      chat(["yes", "b", "no"], "c"),
      chat(["other"], "d"),
    );
    assert.deepEqual(
      found.map(({ messages, repeats }) => [
        repeats.system,
        ...messages.input.slice(repeats.input).map(({ parts }) => parts.map(shown).join()),
        ...messages.output.map(({ parts }) => parts.map(shown).join()),
      ]),
      [[false, "yes", "a"], [true, "yes", "b"], [true, "no", "c"], [true, "other", "d"]],
    );
  });

  it("an agent's answer that its last call gave is marked, and steps know what they happened within", async () => {
    const answer = '[{"role":"assistant","parts":[{"type":"text","content":"done"}]}]';
    const asked = '[{"role":"user","parts":[{"type":"text","content":"go"}]}]';
    const found = await steps(
      {
        attributes: {
          "gen_ai.operation.name": "invoke_agent",
          "gen_ai.input.messages": asked,
          "gen_ai.output.messages": answer,
        },
      },
      // Between agent and call lies a span of no GenAI operation.
      { attributes: { plain: true }, parentSpanId: spanId(0) },
      {
        parentSpanId: spanId(1),
        attributes: {
          "gen_ai.operation.name": "chat",
          "gen_ai.input.messages": asked,
          "gen_ai.output.messages": answer,
        },
      },
    );
    assert.deepEqual(found.map(({ parent }) => parent), [-1, 0]);
    assert.deepEqual(found.map(({ repeats }) => repeats.output), [[true], [false]]);
    assert.deepEqual(found.map(({ repeats }) => repeats.input), [0, 1]);
  });

  it("a conversation takes in the unnamed steps of its traces and no other conversation's", async () => {
    world.clear();
    const span = (trace: string, at: number, attributes: { [key: string]: Value }): SentSpan => ({
      traceId: traceId(trace),
      spanId: spanId(at),
      startUs: T0 + at * 1000,
      attributes: { "gen_ai.operation.name": "chat", ...attributes },
    });
    await world.send([
      span("a", 1, { "gen_ai.conversation.id": "c" }),
      span("a", 2, {}),
      span("a", 3, { "gen_ai.conversation.id": "other" }),
      span("b", 4, {}),
      span("d", 5, { "gen_ai.conversation.id": "c" }),
    ]);
    const { steps: found } = await world.queries.transcript({ conversationId: "c" });
    assert.deepEqual(found.map(({ span }) => span.spanId), [spanId(1), spanId(2), spanId(5)]);
    const late = await world.queries.transcript({ conversationId: "c", startUs: T0 + 5000 });
    assert.deepEqual(late.steps.map(({ span }) => span.spanId), [spanId(5)]);
  });
});
