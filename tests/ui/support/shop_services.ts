/**
 * Traces of services that call each other.
 *
 * @module
 */

import { spanIdOf, type TestSpan, traceIdOf } from "./spans.ts";

/** A call: the server's span of a service, and the calls it makes in turn. */
export interface Call {
  readonly service: string;
  readonly name: string;
  readonly durationMs: number;
  readonly error?: string;
  /** A database or the like that sends no spans: the caller's span alone. */
  readonly system?: string;
  readonly calls?: readonly Call[];
}

/** The spans of one trace: for each call a SERVER span, or a CLIENT span for a system that sends none. */
export function spansOfCall(call: Call, traceId: string, startMs: number): TestSpan[] {
  let number = 0;
  const walk = (call: Call, parent: string | null, caller: string, atMs: number): TestSpan[] => {
    const spanId = spanIdOf(++number);
    const own: TestSpan = {
      traceId,
      spanId,
      ...(parent === null ? {} : { parentSpanId: parent }),
      name: call.name,
      service: call.system === undefined ? call.service : caller,
      startMs: atMs,
      durationMs: call.durationMs,
      kind: call.system === undefined ? 2 : 3,
      ...(call.error === undefined ? {} : { error: call.error }),
      ...(call.system === undefined ? {} : { attributes: { "db.system.name": call.system } }),
    };
    let nextMs = atMs + 1;
    return [
      own,
      ...(call.calls ?? []).flatMap((inner) => {
        const spans = walk(inner, spanId, call.service, nextMs);
        nextMs += inner.durationMs + 1;
        return spans;
      }),
    ];
  };
  return walk(call, null, "", startMs);
}

/** A shop of nine services and three stores over the last hour. */
export function shopCalls(count: number, nowMs: number): TestSpan[] {
  return Array.from({ length: count }, (_, i) => {
    const wave = 1 + Math.sin(i / 9) / 3;
    const ms = (base: number) => Math.round(base * wave + (i * 37) % 23);
    const refused = i % 11 === 3 ? { error: "card declined" } : {};
    const query = (system: string, name: string, base: number): Call => ({
      service: system,
      system,
      name,
      durationMs: ms(base),
    });
    const auth: Call = {
      service: "auth",
      name: "Verify",
      durationMs: ms(12),
      calls: [query("redis", "GET session", 2)],
    };
    const catalog: Call = {
      service: "catalog",
      name: "ListItems",
      durationMs: ms(60),
      ...(i % 47 === 5 ? { error: "deadline exceeded" } : {}),
      calls: [query("postgresql", "SELECT items", 30)],
    };
    const checkout: Call = {
      service: "checkout",
      name: "POST /checkout",
      durationMs: ms(420),
      ...refused,
      calls: [
        {
          service: "cart",
          name: "GetCart",
          durationMs: ms(25),
          calls: [query("redis", "HGETALL cart", 3)],
        },
        {
          service: "payments",
          name: "Charge",
          durationMs: ms(240),
          ...refused,
          calls: [query("postgresql", "INSERT payment", 18)],
        },
        {
          service: "shipping",
          name: "Quote",
          durationMs: ms(40),
          calls: [query("kafka", "orders publish", 4)],
        },
        { service: "email", name: "SendReceipt", durationMs: ms(35) },
      ],
    };
    const root: Call = {
      service: "gateway",
      name: i % 3 === 0 ? "POST /checkout" : i % 3 === 1 ? "GET /items" : "GET /search",
      durationMs: ms(i % 3 === 0 ? 480 : 110),
      ...(i % 3 === 0 ? refused : {}),
      calls: i % 3 === 0
        ? [auth, checkout]
        : i % 3 === 1
        ? [auth, catalog]
        : [auth, { service: "search", name: "Query", durationMs: ms(70), calls: [catalog] }],
    };
    return spansOfCall(
      root,
      traceIdOf(0x5e411ce + i * 6007),
      nowMs - 3_500_000 + i * (3_450_000 / count),
    );
  }).flat();
}

/** A tree of services, each calling up to three others; `failing` fails in every call. */
export function crowdCalls(services: number, failing: number, nowMs: number): TestSpan[] {
  const name = (i: number) => `service-${String(i).padStart(3, "0")}`;
  const call = (i: number): Call => ({
    service: name(i),
    name: "Handle",
    durationMs: 5 + i,
    ...(i === failing ? { error: "out of memory" } : {}),
    calls: [1, 2, 3].map((k) => i * 3 + k).filter((k) => k < services).map(call),
  });
  return spansOfCall(call(0), traceIdOf(0xc0ffee), nowMs - 60_000);
}
