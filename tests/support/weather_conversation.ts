/**
 * What the API has to say of the conversation of `fake_provider.ts`, whichever instrumentation told of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Client } from "@connectrpc/connect";
import type {
  GenAiMessage,
  GenAiPart,
  GenAiService,
  GenAiStep,
} from "../../sdk/gen/scouter/v1/genai_pb.ts";

/** What an instrumentation leaves out or changes before it sends; the server cannot know it. */
interface Losses {
  /** It sends no span for the call that fails. */
  readonly noFailure?: true;
  /** It does not send the model's tool call. */
  readonly noToolCall?: true;
  /** It sends the model that answered, or that was asked for, as the only one. */
  readonly oneModel?: true;
  /** It sends the bare value of a tool's only argument. */
  readonly bareArgument?: true;
  /** It names no tool in the span's attributes. */
  readonly noToolName?: true;
  /** It sends no count of cached tokens. */
  readonly noCachedTokens?: true;
}

/** Losses by service name, as the packages' pinned versions have them. */
const LOSSES: Readonly<Record<string, Losses>> = {
  node_opentelemetry_openai: { noCachedTokens: true },
  node_openinference_openai: { noFailure: true, oneModel: true },
  node_openinference_langchain: { oneModel: true, bareArgument: true },
  node_openllmetry_openai: { noFailure: true, noCachedTokens: true },
  node_openllmetry_langchain: {
    noToolCall: true,
    oneModel: true,
    noToolName: true,
    noCachedTokens: true,
  },
  python_opentelemetry_openai: { noCachedTokens: true },
  python_openinference_openai: { oneModel: true },
  python_openinference_langchain: { oneModel: true, bareArgument: true },
};

const FULL = "gpt-4o-mini-2024-07-18";

function shown({ kind }: GenAiPart): string {
  switch (kind.case) {
    case "text":
    case "reasoning":
      return kind.value.text;
    case "toolCall":
      return `${kind.value.name} ${kind.value.id} ${normalJson(kind.value.arguments?.text ?? "")}`;
    case "toolResult":
      return `${kind.value.id ?? "-"} = ${kind.value.result?.text}`;
    default:
      return `[${kind.case}]`;
  }
}

function normalJson(text: string): string {
  return text.startsWith("{") ? JSON.stringify(JSON.parse(text)) : text;
}

const lines = (messages: readonly GenAiMessage[]) =>
  messages.map(({ role, parts }) => `${role}: ${parts.map(shown).join(" | ")}`);

/** Asserts that the whole conversation of one service reads right: models, tokens, messages, tools and the failure. */
export async function assertWeatherConversation(
  client: Client<typeof GenAiService>,
  serviceName: string,
): Promise<void> {
  const losses = LOSSES[serviceName] ?? {};
  const { spans } = await client.listGenAiSpans({ filter: { serviceName } });
  const traceIds = [...new Set(spans.map(({ traceId }) => traceId))].reverse();
  const steps: GenAiStep[] = [];
  for (const value of traceIds) {
    steps.push(...(await client.getMessages({ of: { case: "traceId", value } })).steps);
  }
  steps.sort((a, b) => Number(a.startTimeUs - b.startTimeUs));
  const chats = steps.filter(({ operationName }) => operationName === "chat");
  const tools = steps.filter(({ operationName }) => operationName === "execute_tool");
  assert.equal(chats.length, losses.noFailure ? 2 : 3);
  const [question, answer, failure] = chats;
  assert.ok(question !== undefined && answer !== undefined);

  const models = (step: GenAiStep) =>
    new Set([step.requestModel, step.responseModel].filter((model) => model !== undefined));
  for (const step of [question, answer]) {
    assert.equal(step.providerName, "openai");
    assert.ok(step.statusCode !== 2);
    if (losses.oneModel) {
      assert.equal(models(step).size, 1);
      assert.match([...models(step)].join(), /^gpt-4o-mini(-2024-07-18)?$/);
    } else assert.deepEqual([...models(step)], ["gpt-4o-mini", FULL]);
    assert.ok((step.costUsd ?? 0) > 0, "a known model is priced");
    assert.deepEqual(step.system.map(shown), ["Be brief."]);
  }
  const tokens = (step: GenAiStep) => [step.inputTokens, step.outputTokens];
  assert.deepEqual([tokens(question), tokens(answer)], [[20n, 10n], [40n, 8n]]);
  if (!losses.noCachedTokens) assert.equal(answer.cacheReadInputTokens, 16n);

  const call = 'assistant: weather call_1 {"city":"Oslo"}';
  assert.deepEqual(lines(question.input), ["user: Weather in Oslo?"]);
  assert.deepEqual(lines(question.output), [losses.noToolCall ? "assistant: " : call]);
  assert.deepEqual(lines(answer.input), [
    "user: Weather in Oslo?",
    ...(losses.noToolCall ? [] : [call]),
    losses.noToolCall ? "tool: - = 4 degrees" : "tool: call_1 = 4 degrees",
  ]);
  assert.deepEqual(lines(answer.output), ["assistant: It is 4 degrees."]);

  if (serviceName.includes("langchain") || serviceName.includes("ai_sdk")) {
    assert.equal(tools.length, 1);
    const [tool] = tools;
    assert.ok(tool !== undefined);
    assert.equal(tool.toolName, losses.noToolName ? undefined : "weather");
    assert.deepEqual(lines(tool.input), [
      losses.bareArgument ? "assistant: weather call_1 Oslo" : call,
    ]);
    assert.deepEqual(lines(tool.output), ["tool: call_1 = 4 degrees"]);
  } else assert.deepEqual(tools, []);

  if (losses.noFailure) return;
  assert.ok(failure !== undefined);
  assert.equal(failure.requestModel, "broken-model");
  assert.equal(failure.statusCode, 2);
  assert.match(failure.statusMessage ?? "", /The model broken-model is broken/);
  assert.deepEqual(lines(failure.input), ["user: Hello?"]);
  assert.deepEqual(failure.output.flatMap(({ parts }) => parts), []);
  assert.equal(failure.costUsd, undefined);
}
