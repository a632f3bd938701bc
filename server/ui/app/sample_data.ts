/**
 * Sample traces of a small shop with an agent, sent like any others.
 *
 * @module
 */

import { BASE_URL } from "./place.ts";
import { randomId } from "./snippets.ts";

type Value = string | number;

interface SampleSpan {
  readonly name: string;
  readonly service: string;
  /** From the start of the trace, ms. */
  readonly fromMs: number;
  readonly durationMs: number;
  /** OTLP: 1 internal, 2 server, 3 client. */
  readonly kind: 1 | 2 | 3;
  readonly error?: string;
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly children?: readonly SampleSpan[];
}

const TRACES = 60;
const SPREAD_MS = 50 * 60_000;

/** Sends the sample traces, started within the last 50 minutes. @throws When the server does not take them. */
export async function sendSampleData(nowMs: number): Promise<void> {
  const resourceSpans = Array.from({ length: TRACES }, (_, i) => {
    const startMs = nowMs - 5000 - ((TRACES - 1 - i) * SPREAD_MS) / TRACES;
    return flatten(i % 4 === 3 ? agentRun(i) : checkout(i), randomId(16), "", startMs);
  }).flat();
  const response = await fetch(`${BASE_URL}v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans }),
  });
  if (!response.ok) {
    throw new Error(`The server answered ${response.status} to the sample data.`);
  }
}

function checkout(i: number): SampleSpan {
  const slow = i % 7 === 0;
  const failed = i % 9 === 4;
  const queryMs = slow ? 1300 : 18 + (i % 5) * 7;
  return {
    name: "POST /checkout",
    service: "shop",
    fromMs: 0,
    durationMs: queryMs + 130,
    kind: 2,
    attributes: { "http.request.method": "POST", "http.route": "/checkout" },
    ...(failed ? { error: "payment declined" } : {}),
    children: [
      {
        name: "SELECT cart_items",
        service: "shop",
        fromMs: 10,
        durationMs: queryMs,
        kind: 3,
        attributes: { "db.system.name": "postgresql", "db.collection.name": "cart_items" },
      },
      {
        name: "POST /charge",
        service: "payments",
        fromMs: queryMs + 20,
        durationMs: 95,
        kind: 2,
        attributes: { "http.request.method": "POST", "http.route": "/charge" },
        ...(failed ? { error: "payment declined" } : {}),
      },
    ],
  };
}

function agentRun(i: number): SampleSpan {
  const order = 1000 + i;
  const failed = i % 3 === 0;
  const question = `Where is my order ${order}?`;
  const call = {
    type: "tool_call",
    id: `call_${order}`,
    name: "find_order",
    arguments: { order },
  };
  const result = failed ? "connection refused" : '{"status":"shipped","day":"Tuesday"}';
  const answer = failed
    ? "I cannot reach the order system right now. Please try again in a few minutes."
    : `Your order ${order} was shipped and arrives on Tuesday.`;
  const asked = [
    { role: "system", parts: [{ type: "text", content: "You help customers of a small shop." }] },
    { role: "user", parts: [{ type: "text", content: question }] },
  ];
  return {
    name: "invoke_agent support",
    service: "support-agent",
    fromMs: 0,
    durationMs: 3600,
    kind: 2,
    attributes: {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "support",
      "gen_ai.conversation.id": `sample-${order}`,
    },
    children: [
      chat(60, 1300, 380 + i, 31, asked, [
        { role: "assistant", parts: [call], finish_reason: "tool_call" },
      ]),
      {
        name: "execute_tool find_order",
        service: "support-agent",
        fromMs: 1400,
        durationMs: 620,
        kind: 1,
        attributes: {
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.tool.name": "find_order",
          "gen_ai.tool.call.id": call.id,
          "gen_ai.tool.call.arguments": JSON.stringify(call.arguments),
          "gen_ai.tool.call.result": result,
        },
        ...(failed ? { error: "orders: connection refused" } : {}),
        children: [{
          name: "GET /orders/{id}",
          service: "orders",
          fromMs: 1420,
          durationMs: 580,
          kind: 2,
          attributes: { "http.request.method": "GET", "http.route": "/orders/{id}" },
          ...(failed ? { error: "connection refused" } : {}),
        }],
      },
      chat(2050, 1500, 450 + i, 58, [
        ...asked,
        { role: "assistant", parts: [call] },
        { role: "tool", parts: [{ type: "tool_call_response", id: call.id, result }] },
      ], [
        { role: "assistant", parts: [{ type: "text", content: answer }], finish_reason: "stop" },
      ]),
    ],
  };
}

function chat(
  fromMs: number,
  durationMs: number,
  inputTokens: number,
  outputTokens: number,
  input: unknown,
  output: unknown,
): SampleSpan {
  return {
    name: "chat sample-model",
    service: "support-agent",
    fromMs,
    durationMs,
    kind: 3,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "sample",
      "gen_ai.request.model": "sample-model",
      "gen_ai.usage.input_tokens": inputTokens,
      "gen_ai.usage.output_tokens": outputTokens,
      "gen_ai.input.messages": JSON.stringify(input),
      "gen_ai.output.messages": JSON.stringify(output),
    },
  };
}

/** A span and all below it in OTLP JSON, one resource each. */
function flatten(
  span: SampleSpan,
  traceId: string,
  parentSpanId: string,
  startMs: number,
): unknown[] {
  const spanId = randomId(8);
  const nanos = (ms: number) => `${Math.round(ms * 1000)}000`;
  const fromMs = startMs + span.fromMs;
  return [
    {
      resource: {
        attributes: [attribute("service.name", span.service), attribute("sample", "yes")],
      },
      scopeSpans: [{
        scope: { name: "scouter.sample" },
        spans: [{
          traceId,
          spanId,
          parentSpanId,
          name: span.name,
          kind: span.kind,
          startTimeUnixNano: nanos(fromMs),
          endTimeUnixNano: nanos(fromMs + span.durationMs),
          attributes: Object.entries(span.attributes ?? {}).map(([key, value]) =>
            attribute(key, value)
          ),
          status: span.error === undefined ? {} : { code: 2, message: span.error },
        }],
      }],
    },
    ...(span.children ?? []).flatMap((child) => flatten(child, traceId, spanId, startMs)),
  ];
}

function attribute(key: string, value: Value) {
  return {
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: String(value) },
  };
}
