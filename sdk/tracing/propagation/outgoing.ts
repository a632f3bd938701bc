/**
 * Headers for calls to other services.
 *
 * @module
 */

import {
  context,
  defaultTextMapSetter,
  isSpanContextValid,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { TracingError } from "../errors.ts";
import { ScouterPropagator } from "./propagator.ts";

/** Headers that carry the active span to another service. */
export type TracingHeaders = Record<string, string>;

const PROPAGATOR = new ScouterPropagator();

/**
 * Makes the headers that carry the active span and its baggage to another service: W3C `traceparent`, `tracestate` and
 * `baggage`, and `trace_id`, `span_id`, `is_sampled` for older Scouter services.
 *
 * @throws {TracingError} `no_active_span` when there is none
 * @example
 * ```ts
 * import { getTracingHeaders, initTracer, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const tracer = initTracer({ transport: new TestSpanExporter() });
 * tracer.startActiveSpan("call", (span) => {
 *   console.log(getTracingHeaders().traceparent);
 *   span.end();
 * });
 * await shutdownTracer();
 * ```
 */
export function getTracingHeaders(): TracingHeaders {
  const span = trace.getSpanContext(context.active());
  if (span === undefined || !isSpanContextValid(span)) {
    throw new TracingError(
      "no_active_span",
      "there is no active span to make headers of; call this inside startActiveSpan() or a traced() function",
    );
  }
  const headers: TracingHeaders = {
    trace_id: span.traceId,
    span_id: span.spanId,
    is_sampled: (span.traceFlags & TraceFlags.SAMPLED) !== 0 ? "true" : "false",
  };
  PROPAGATOR.inject(context.active(), headers, defaultTextMapSetter);
  return headers;
}
