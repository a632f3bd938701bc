/**
 * Sample traces of a small shop with an agent, sent like any others.
 *
 * @module
 */

import { SAMPLE_MARK } from "../../lake/traces/sample_mark.ts";
import { BASE_URL } from "./place.ts";
import { randomId } from "./snippets.ts";

type Value = string | number;

const [SHOP, PAYMENTS, ORDERS, AGENT] = SAMPLE_MARK.services;

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

const MODEL = "gpt-4o-mini";
/** How many traces the sample has. */
export const SAMPLE_TRACES = 160;
/** Two hours, so that the last one has one before it to be compared with. */
const SPREAD_MS = 118 * 60_000;
/** In the last part of the sample the database is slow and the order service refuses: what changed shows it. */
const TROUBLE_FROM = 0.85;

/** Sends the sample traces, started within the last two hours. @throws When the server does not take them. */
export async function sendSampleData(nowMs: number): Promise<void> {
  const resourceSpans = Array.from({ length: SAMPLE_TRACES }, (_, i) => {
    const startMs = nowMs - 5000 - ((SAMPLE_TRACES - 1 - i) * SPREAD_MS) / SAMPLE_TRACES;
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
  const trouble = i > SAMPLE_TRACES * TROUBLE_FROM;
  const slow = trouble ? i % 3 === 0 : i % 17 === 0;
  const failed = i % 23 === 4;
  const queryMs = slow ? 1300 : 18 + (i % 5) * 7;
  return {
    name: "POST /checkout",
    service: SHOP,
    fromMs: 0,
    durationMs: queryMs + 130,
    kind: 2,
    attributes: { "http.request.method": "POST", "http.route": "/checkout" },
    ...(failed ? { error: "payment declined" } : {}),
    children: [
      {
        name: "SELECT cart_items",
        service: SHOP,
        fromMs: 10,
        durationMs: queryMs,
        kind: 3,
        ...(trouble && slow ? { error: "lock wait timeout exceeded" } : {}),
        attributes: { "db.system.name": "postgresql", "db.collection.name": "cart_items" },
      },
      {
        name: "POST /charge",
        service: PAYMENTS,
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
  const failed = i > SAMPLE_TRACES * TROUBLE_FROM;
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
    service: AGENT,
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
        service: AGENT,
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
          service: ORDERS,
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
    name: `chat ${MODEL}`,
    service: AGENT,
    fromMs,
    durationMs,
    kind: 3,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": MODEL,
      "gen_ai.response.model": MODEL,
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
        attributes: [
          attribute("service.name", span.service),
          attribute(SAMPLE_MARK.key, SAMPLE_MARK.value),
        ],
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
