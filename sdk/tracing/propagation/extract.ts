/**
 * The caller's span from headers.
 *
 * @module
 */

import type { Context, SpanContext } from "../opentelemetry.ts";
import { baggageEntryMetadataFromString, propagation, trace, TraceFlags } from "@opentelemetry/api";
import { type HeaderCarrier, headerValues } from "./carrier.ts";
import { parseTraceparent } from "./traceparent.ts";
import { parseTracestate } from "./tracestate.ts";

/** The caller's span as headers tell it. */
export interface ExtractedSpanContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** Whether the caller records the trace. */
  readonly isSampled: boolean;
  /** What vendors sent along. */
  readonly traceState?: string;
}

/** Reads the caller's span: the W3C headers first, the headers `trace_id`, `span_id`, `is_sampled` else. */
export function remoteSpanContext(carrier: HeaderCarrier): SpanContext | null {
  const parents = headerValues(carrier, "traceparent");
  // Two of them contradict each other, so neither can be trusted.
  const parent = parents.length === 1 ? parseTraceparent(parents[0] ?? "") : null;
  if (parent !== null) {
    const state = parseTracestate(headerValues(carrier, "tracestate").join(","));
    return state === undefined ? parent : { ...parent, traceState: state };
  }
  return legacySpanContext(carrier);
}

function legacySpanContext(carrier: HeaderCarrier): SpanContext | null {
  const traceId = headerValues(carrier, "trace_id")[0]?.trim().toLowerCase() ?? "";
  const spanId = headerValues(carrier, "span_id")[0]?.trim().toLowerCase() ?? "";
  const isHex = /^[0-9a-f]{32}$/.test(traceId) && /^[0-9a-f]{16}$/.test(spanId);
  if (!isHex || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const sampled = headerValues(carrier, "is_sampled")[0]?.trim().toLowerCase() === "true";
  return {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  };
}

/**
 * Reads the caller's span from the headers of a request: W3C `traceparent` and `tracestate` first, else the headers
 * `trace_id`, `span_id` and `is_sampled`. Names are matched in any case.
 *
 * @param headers Headers of the request
 * @returns Null when there is no valid one
 * @example
 * ```ts
 * import { extractSpanContext } from "@scouter/sdk/tracing";
 *
 * const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
 * console.log(extractSpanContext({ traceparent })?.isSampled); // true
 * ```
 */
export function extractSpanContext(headers: HeaderCarrier): ExtractedSpanContext | null {
  const remote = remoteSpanContext(headers);
  if (remote === null) return null;
  return {
    traceId: remote.traceId,
    spanId: remote.spanId,
    isSampled: (remote.traceFlags & TraceFlags.SAMPLED) !== 0,
    ...(remote.traceState === undefined ? {} : { traceState: remote.traceState.serialize() }),
  };
}

const MAX_BAGGAGE_BYTES = 8_192;
const MAX_BAGGAGE_MEMBERS = 180;

/** Reads `baggage` (W3C Baggage) and adds it to a context. */
export function withRemoteBaggage(ctx: Context, carrier: HeaderCarrier): Context {
  const header = headerValues(carrier, "baggage").join(",");
  if (header === "" || header.length > MAX_BAGGAGE_BYTES) return ctx;
  let baggage = propagation.getBaggage(ctx) ?? propagation.createBaggage();
  for (const member of header.split(",").slice(0, MAX_BAGGAGE_MEMBERS)) {
    const semicolon = member.indexOf(";");
    const pair = semicolon === -1 ? member : member.slice(0, semicolon);
    const equals = pair.indexOf("=");
    const key = pair.slice(0, Math.max(equals, 0)).trim();
    const value = decoded(pair.slice(equals + 1).trim());
    if (key === "" || value === null) continue;
    baggage = baggage.setEntry(key, {
      value,
      ...(semicolon === -1
        ? {}
        : { metadata: baggageEntryMetadataFromString(member.slice(semicolon + 1).trim()) }),
    });
  }
  return baggage.getAllEntries().length === 0 ? ctx : propagation.setBaggage(ctx, baggage);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded properly: the member is not valid and is left out.
    return null;
  }
}

/** A context whose active span is the caller's, with the caller's baggage. */
export function contextFromHeaders(ctx: Context, carrier: HeaderCarrier): Context {
  const remote = remoteSpanContext(carrier);
  const parent = remote === null ? ctx : trace.setSpanContext(ctx, remote);
  return withRemoteBaggage(parent, carrier);
}
