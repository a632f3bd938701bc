/**
 * Tracing for fetch handlers: `Deno.serve`, `Bun.serve`, workers.
 *
 * @module
 */

import { context, trace } from "@opentelemetry/api";
import type { ScouterSpan } from "../span.ts";
import type { ScouterTracer } from "../tracer.ts";
import { type BodyEnd, watchResponse } from "./response_body.ts";
import { recordStatus, startServerSpan } from "./server_span.ts";

/** A function that answers requests; what the runtime gives beside the request is handed on. */
export type FetchHandler<Rest extends unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/** Ends a span with its response's body. */
export function endWithBody(span: ScouterSpan): (end: BodyEnd) => void {
  return (end) => {
    if (end.how === "failed") span.fail(end.error);
    if (end.how === "cancelled") span.addEvent("http.response.cancelled");
    span.end();
  };
}

/**
 * Traces a fetch handler: a server span for each request, child of the caller's, active while the handler runs. It
 * ends when the response's body has been sent, cancelled or broken, or when the handler throws.
 *
 * @param tracer Starts the spans
 * @returns A function that wraps a handler
 * @example
 * ```ts
 * import { initTracer, shutdownTracer, TestSpanExporter, tracingMiddleware } from "@scouter/sdk/tracing";
 *
 * const tracer = initTracer({ serviceName: "hello", transport: new TestSpanExporter() });
 * const handler = tracingMiddleware(tracer)(() => new Response("hello"));
 * const response = await handler(new Request("http://localhost/hello"));
 * console.log(await response.text());
 * await shutdownTracer();
 * ```
 */
export function tracingMiddleware(
  tracer: ScouterTracer,
): <Rest extends unknown[]>(
  handler: FetchHandler<Rest>,
) => (request: Request, ...rest: Rest) => Promise<Response> {
  return (handler) => async (request, ...rest) => {
    const { span, parent } = startServerSpan(tracer, {
      method: request.method,
      path: new URL(request.url).pathname,
      headers: request.headers,
    });
    try {
      const response = await context.with(
        trace.setSpan(parent, span),
        () => handler(request, ...rest),
      );
      recordStatus(span, response.status);
      return watchResponse(response, request.method, endWithBody(span));
    } catch (error) {
      span.fail(error).end();
      throw error;
    }
  };
}
