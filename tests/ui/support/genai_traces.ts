/**
 * Traces of agents that talk with people: priced and unpriced models, tools that fail, conversations of several turns.
 *
 * @module
 */

import { spanIdOf, type TestSpan, traceIdOf } from "./spans.ts";

const MODELS = [
  ["gpt-4o-mini", "openai"],
  ["claude-sonnet-4-5", "anthropic"],
  ["gemini-2.5-flash", "gcp.gemini"],
  ["house-llm-7b", "vllm"],
] as const;
const AGENTS = ["support", "planner", "researcher"] as const;
const TOOLS = ["find_order", "search_docs", "run_sql", "send_mail"] as const;
const QUESTIONS = [
  "Where is my order 1042?",
  "Can I still change the address?",
  "And when will it arrive then?",
  "Thank you! Could you also tell me how to return it?",
];

const text = (role: string, content: string) => ({ role, parts: [{ type: "text", content }] });

/** One turn of a conversation: an agent, a call that asks for a tool, the tool, and the answer. */
export function turn(
  number: number,
  startMs: number,
  conversation: string,
  question: string,
): TestSpan[] {
  const [model, provider] = MODELS[number % 7 === 6 ? 3 : number % 3] ?? MODELS[0];
  const agent = AGENTS[(number >> 2) % AGENTS.length] ?? "support";
  const tool = TOOLS[number % TOOLS.length] ?? "find_order";
  const failed = number % 11 === 5;
  const traceId = traceIdOf(0x6e0a1000 + number);
  const span = (
    at: number,
    parent: number | null,
    name: string,
    fromMs: number,
    durationMs: number,
    attributes: Readonly<Record<string, string | number>>,
    error?: string,
  ): TestSpan => ({
    traceId,
    spanId: spanIdOf(number * 16 + at),
    ...(parent === null ? {} : { parentSpanId: spanIdOf(number * 16 + parent) }),
    name,
    service: `${agent}-agent`,
    startMs: startMs + fromMs,
    durationMs,
    attributes: {
      ...attributes,
      "gen_ai.conversation.id": conversation,
      "customer.tier": number % 4 === 0 ? "gold" : "free",
    },
    ...(error === undefined ? {} : { error }),
  });
  const firstMs = 700 + ((number * 137) % 900);
  const toolMs = 120 + ((number * 211) % 1800);
  const lastMs = 900 + ((number * 89) % 1400);
  const call = { type: "tool_call", id: `call_${number}`, name: tool, arguments: { n: number } };
  const asked = [text("system", "You help customers of a shop."), text("user", question)];
  const result = failed ? "connection refused" : `{"status":"shipped","day":"Tuesday"}`;
  const answer = failed
    ? "I cannot reach the order system right now. Please try again soon."
    : "It was shipped and arrives on Tuesday.";
  const chat = (input: unknown, output: unknown, tokens: readonly [number, number]) => ({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": provider,
    "gen_ai.request.model": model,
    "gen_ai.usage.input_tokens": tokens[0],
    "gen_ai.usage.output_tokens": tokens[1],
    "gen_ai.input.messages": JSON.stringify(input),
    "gen_ai.output.messages": JSON.stringify([output]),
  });
  return [
    span(1, null, `invoke_agent ${agent}`, 0, firstMs + toolMs + lastMs + 60, {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": agent,
    }),
    span(
      2,
      1,
      `chat ${model}`,
      10,
      firstMs,
      chat(asked, { role: "assistant", parts: [call], finish_reason: "tool_call" }, [
        1200 + (number % 13) * 140,
        60 + (number % 5) * 12,
      ]),
    ),
    span(
      3,
      1,
      `execute_tool ${tool}`,
      20 + firstMs,
      toolMs,
      {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": tool,
        "gen_ai.tool.call.id": call.id,
        "gen_ai.tool.call.arguments": JSON.stringify(call.arguments),
        "gen_ai.tool.call.result": result,
        ...(failed ? { "error.type": "ECONNREFUSED" } : {}),
      },
      failed ? "connection refused" : undefined,
    ),
    span(
      4,
      1,
      `chat ${model}`,
      40 + firstMs + toolMs,
      lastMs,
      chat(
        [
          ...asked,
          { role: "assistant", parts: [call] },
          { role: "tool", parts: [{ type: "tool_call_response", id: call.id, result }] },
        ],
        { ...text("assistant", answer), finish_reason: number % 9 === 0 ? "length" : "stop" },
        [1500 + (number % 13) * 140, 220 + (number % 7) * 30],
      ),
    ),
  ];
}

/** Turns of the last hour; four of each conversation. The service stood still for ten minutes. */
export function genAiTraces(turns: number, nowMs: number): TestSpan[] {
  return Array.from({ length: turns }, (_, i) => {
    const part = i / turns;
    const startMs = nowMs - 3_500_000 + part * (part > 0.6 ? 3_400_000 : 2_400_000);
    return turn(i, startMs, `chat-${2000 + (i >> 2)}`, QUESTIONS[i % 4] ?? "");
  }).flat();
}
