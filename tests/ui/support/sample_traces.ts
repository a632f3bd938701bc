/**
 * Traces that look like a small shop's with an agent.
 *
 * @module
 */

import { spanIdOf, type TestSpan, traceIdOf } from "./spans.ts";

const OPERATIONS = [
  ["checkout", "POST /checkout"],
  ["cart", "GET /cart"],
  ["catalog", "GET /item/{id}"],
  ["search", "GET /search"],
] as const;

/** Traces of one to three spans over the last hour; every ninth failed. */
export function shopTraces(count: number, nowMs: number): TestSpan[] {
  return Array.from({ length: count }, (_, i): TestSpan[] => {
    const [service, name] = OPERATIONS[i % OPERATIONS.length] ?? OPERATIONS[0];
    const traceId = traceIdOf(0x5ca1ab1e + i * 7919);
    const startMs = nowMs - 3_500_000 + (i * 3_400_000) / count;
    const durationMs = 20 + ((i * i * 37) % 2400);
    const failed = i % 9 === 0 ? { error: "payment refused" } : {};
    const spanId = spanIdOf(1000 + i * 4);
    const root = { traceId, spanId, name, service, startMs, durationMs, kind: 2, ...failed };
    const child: TestSpan = {
      traceId,
      spanId: spanIdOf(1001 + i * 4),
      parentSpanId: spanId,
      name: "SELECT items",
      service: "database",
      startMs: startMs + 2,
      durationMs: durationMs / 2,
      kind: 3,
    };
    return i % 2 === 0 ? [root, child] : [root];
  }).flat();
}

/** The same run when all goes well: the tool answers, a second one is called, and the answer is another. */
export function goodAgentTrace(traceId: string, startMs: number): TestSpan[] {
  const bad = agentTrace(traceId, startMs);
  const [agent, asking, tool, request, answering] = bad;
  if (!agent || !asking || !tool || !request || !answering) return [];
  const well = ({ error: _, ...span }: TestSpan): TestSpan => span;
  const parcel: TestSpan = {
    traceId,
    spanId: spanIdOf(7),
    parentSpanId: spanIdOf(1),
    name: "execute_tool track_parcel",
    service: "support-agent",
    startMs: startMs + 1800,
    durationMs: 300,
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "track_parcel",
    },
  };
  const said = JSON.stringify([{
    role: "assistant",
    parts: [{ type: "text", content: "Your order 1042 arrives on Tuesday." }],
    finish_reason: "stop",
  }]);
  return [
    { ...agent, durationMs: 3600 },
    asking,
    { ...well(tool), durationMs: 240 },
    {
      ...well(request),
      durationMs: 200,
      attributes: { "http.request.method": "GET", "http.response.status_code": 200 },
    },
    parcel,
    {
      ...answering,
      startMs: startMs + 2150,
      durationMs: 1400,
      attributes: {
        ...answering.attributes,
        "gen_ai.usage.output_tokens": 24,
        "gen_ai.output.messages": said,
      },
    },
  ];
}

/** An agent's run: model, tool, failing tool, model again. */
export function agentTrace(traceId: string, startMs: number): TestSpan[] {
  const span = (
    number: number,
    parent: number | null,
    name: string,
    service: string,
    fromMs: number,
    durationMs: number,
    more: Partial<TestSpan> = {},
  ): TestSpan => ({
    traceId,
    spanId: spanIdOf(number),
    ...(parent === null ? {} : { parentSpanId: spanIdOf(parent) }),
    name,
    service,
    startMs: startMs + fromMs,
    durationMs,
    ...more,
  });
  const model = { "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai" };
  const text = (role: string, content: string) => ({ role, parts: [{ type: "text", content }] });
  return [
    span(1, null, "invoke_agent support", "support-agent", 0, 4200, {
      kind: 2,
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "support",
        "gen_ai.conversation.id": "conversation-1",
      },
    }),
    span(2, 1, "chat gpt-4o", "support-agent", 50, 1400, {
      kind: 3,
      attributes: {
        ...model,
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 412,
        "gen_ai.usage.output_tokens": 38,
        "gen_ai.input.messages": JSON.stringify([
          text("system", "You help customers of a shop."),
          text("user", "Where is my order 1042?"),
        ]),
        "gen_ai.output.messages": JSON.stringify([{
          role: "assistant",
          parts: [{
            type: "tool_call",
            id: "call_1",
            name: "find_order",
            arguments: { order: 1042 },
          }],
          finish_reason: "tool_call",
        }]),
      },
      events: [{ name: "first token", atMs: startMs + 420 }],
    }),
    span(3, 1, "execute_tool find_order", "support-agent", 1500, 900, {
      attributes: {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "find_order",
        "gen_ai.tool.call.id": "call_1",
      },
      error: "orders: connection refused",
    }),
    span(4, 3, "GET /orders/1042", "orders", 1520, 850, {
      kind: 2,
      error: "connection refused",
      attributes: { "http.request.method": "GET", "error.type": "ECONNREFUSED" },
    }),
    span(5, 1, "chat gpt-4o", "support-agent", 2450, 1700, {
      kind: 3,
      attributes: {
        ...model,
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 466,
        "gen_ai.usage.output_tokens": 61,
        "gen_ai.input.messages": JSON.stringify([
          text("system", "You help customers of a shop."),
          text("user", "Where is my order 1042?"),
          {
            role: "assistant",
            parts: [{
              type: "tool_call",
              id: "call_1",
              name: "find_order",
              arguments: { order: 1042 },
            }],
          },
          {
            role: "tool",
            parts: [{ type: "tool_call_response", id: "call_1", result: "connection refused" }],
          },
        ]),
        "gen_ai.output.messages": JSON.stringify([{
          ...text("assistant", "I cannot reach the order system right now. Please try again soon."),
          finish_reason: "stop",
        }]),
      },
    }),
    span(6, 99, "flush metrics", "support-agent", 4100, 60),
  ];
}
