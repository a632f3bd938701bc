/**
 * Sends spans as OTLP/HTTP JSON, which is what the OpenTelemetry protocol defines for them.
 *
 * @module
 */

import assert from "node:assert/strict";

/** A span as a test describes it. */
export interface TestSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly service: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly error?: string;
  readonly kind?: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly events?: readonly {
    readonly name: string;
    readonly atMs: number;
    readonly attributes?: Readonly<Record<string, string | number>>;
  }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

/** Sends and waits for the acknowledgement. */
export async function sendSpans(url: string, spans: readonly TestSpan[]): Promise<void> {
  const response = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      resourceSpans: spans.map((span) => ({
        resource: { attributes: [attribute("service.name", span.service)] },
        scopeSpans: [{
          scope: { name: "ui-tests" },
          spans: [{
            traceId: span.traceId,
            spanId: span.spanId,
            ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
            name: span.name,
            kind: span.kind ?? 1,
            startTimeUnixNano: nanos(span.startMs),
            endTimeUnixNano: nanos(span.startMs + span.durationMs),
            attributes: attributes(span.attributes),
            events: (span.events ?? []).map((event) => ({
              name: event.name,
              timeUnixNano: nanos(event.atMs),
              attributes: attributes(event.attributes),
            })),
            links: span.links ?? [],
            status: span.error === undefined ? {} : { code: 2, message: span.error },
          }],
        }],
      })),
    }),
  });
  assert.equal(response.status, 200, await response.text());
}

/** A trace id of 32 digits from a number. */
export function traceIdOf(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** A span id of 16 digits from a number. */
export function spanIdOf(number: number): string {
  return number.toString(16).padStart(16, "0");
}

function attributes(values: Readonly<Record<string, string | number>> = {}) {
  return Object.entries(values).map(([key, value]) => attribute(key, value));
}

function attribute(key: string, value: string | number) {
  return {
    key,
    value: typeof value === "string"
      ? { stringValue: value }
      : Number.isInteger(value)
      ? { intValue: String(value) }
      : { doubleValue: value },
  };
}

function nanos(timeMs: number): string {
  return `${BigInt(Math.round(timeMs * 1000)) * 1000n}`;
}
