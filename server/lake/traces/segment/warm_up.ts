/**
 * Runs the codec on made-up spans, so that the first real request finds compiled code.
 *
 * @module
 */
import type { Sealer } from "./sealer.ts";
import { createSegmentBuilder } from "./builder.ts";

const ROUNDS = 12;
const SPANS = 512;

function request(round: number): Uint8Array {
  const attributes = (span: number) => [
    { key: "http.request.method", value: { stringValue: "GET" } },
    { key: "http.response.status_code", value: { intValue: "200" } },
    { key: "url.path", value: { stringValue: `/warm/up/${span}` } },
    { key: "ratio", value: { doubleValue: span / 7 } },
    { key: "cached", value: { boolValue: true } },
    { key: "gen_ai.operation.name", value: { stringValue: "chat" } },
    { key: "gen_ai.usage.input_tokens", value: { intValue: String(span) } },
    {
      key: "gen_ai.input.messages",
      value: { stringValue: `[{"role":"user","content":"${"x".repeat(300)}"}]` },
    },
  ];
  const spans = Array.from({ length: SPANS }, (_, span) => ({
    traceId: (round * SPANS + span + 1).toString(16).padStart(32, "0"),
    spanId: (span + 1).toString(16).padStart(16, "0"),
    name: `warm up ${span % 10}`,
    kind: 2,
    startTimeUnixNano: String(1_767_607_200_000_000_000n + BigInt((span * 7919) % SPANS) * 1000n),
    endTimeUnixNano: "1767607201000000000",
    attributes: attributes(span),
    events: span % 8 === 0 ? [{ timeUnixNano: "1767607200500000000", name: "event" }] : [],
    status: {},
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "warm-up" } }] };
  return new TextEncoder().encode(
    JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
  );
}

/**
 * Decodes, encodes and seals synthetic spans and throws them away. Takes some hundred milliseconds of CPU.
 *
 * @param sealer the worker to warm up as well
 */
export async function warmUpCodec(sealer: Sealer): Promise<void> {
  const builder = createSegmentBuilder();
  for (let round = 0; round < ROUNDS; round++) {
    builder.append(request(round), "json", () => true);
    builder.encode(round * SPANS, builder.rowCount);
  }
  await sealer.seal(builder.detach());
}
