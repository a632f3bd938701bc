/**
 * The span of a request that is served.
 *
 * @module
 */

import type { Context } from "../opentelemetry.ts";
import { context, propagation, SpanStatusCode } from "@opentelemetry/api";
import { contextFromHeaders } from "../propagation/extract.ts";
import { type HeaderCarrier, headerValues } from "../propagation/carrier.ts";
import type { ScouterSpan } from "../span.ts";
import type { ScouterTracer } from "../tracer.ts";

const MAX_PATH = 512;

/** What is known of a request before it is served. */
export interface ServerRequest {
  readonly method: string;
  /** Path without query, which may hold secrets. */
  readonly path: string;
  readonly headers: HeaderCarrier;
}

/** Starts the span of a request as a child of its caller's. */
export function startServerSpan(tracer: ScouterTracer, request: ServerRequest): {
  readonly span: ScouterSpan;
  /** Holds the caller's baggage. */
  readonly parent: Context;
} {
  const headers = w3cHeaders(request.headers);
  const parent = contextFromHeaders(context.active(), headers);
  const path = request.path.slice(0, MAX_PATH);
  const span = tracer.startSpan(`${request.method} ${path}`, {
    kind: "Server",
    attributes: { "http.request.method": request.method, "url.path": path },
  }, parent);
  return { span, parent: acceptsBaggage() ? parent : withoutBaggage(parent) };
}

/** Only the three headers of the W3C are read; nothing else of a request gets into a trace. */
function w3cHeaders(headers: HeaderCarrier): Record<string, string[]> {
  return Object.fromEntries(
    ["traceparent", "tracestate", "baggage"].map((name) => [name, headerValues(headers, name)]),
  );
}

/** False when `instrument()` was told not to propagate baggage. */
function acceptsBaggage(): boolean {
  const fields = propagation.fields();
  return fields.length === 0 || fields.includes("baggage");
}

function withoutBaggage(ctx: Context): Context {
  const own = propagation.getBaggage(context.active());
  return own === undefined ? propagation.deleteBaggage(ctx) : propagation.setBaggage(ctx, own);
}

/** Records the status of the answer; from 500 on it is an error of the server. */
export function recordStatus(span: ScouterSpan, status: number): void {
  span.setAttribute("http.response.status_code", status);
  if (status < 500) return;
  span.setAttribute("error.type", String(status));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Names the span after the route, which unlike the path is one for all requests of its kind. */
export function recordRoute(span: ScouterSpan, method: string, route: string): void {
  span.setAttribute("http.route", route);
  span.updateName(`${method} ${route}`);
}
