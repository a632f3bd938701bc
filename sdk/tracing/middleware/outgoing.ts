/**
 * Tracing for calls to other services.
 *
 * @module
 */

import { context, propagation, SpanStatusCode, trace } from "@opentelemetry/api";
import { SERVICE_HEADER } from "../constants.ts";
import { ScouterPropagator } from "../propagation/propagator.ts";
import { getTracer } from "../instrumentor.ts";
import type { ScouterTracer } from "../tracer.ts";

/** How calls are traced. */
export interface TracedFetchOptions {
  /** Starts the spans; one of the process's provider by default. */
  readonly tracer?: ScouterTracer;
  /** The `fetch` underneath; the runtime's by default. */
  readonly fetch?: typeof globalThis.fetch;
  /** Name of this service, told to the called one for the service map; not told by default. */
  readonly serviceName?: string;
}

const FALLBACK = new ScouterPropagator();

/**
 * Makes a `fetch` that traces: a client span for each call, whose context and baggage go along in the headers. It ends
 * when the headers of the answer are there, or the call failed.
 *
 * @param options Tracer, `fetch` and name of this service
 * @returns A function with the signature of `fetch`
 * @example
 * ```ts
 * import { initTracer, shutdownTracer, TestSpanExporter, tracedFetch } from "@scouter/sdk/tracing";
 *
 * const tracer = initTracer({ serviceName: "shop", transport: new TestSpanExporter() });
 * const call = tracedFetch({ tracer, fetch: () => Promise.resolve(new Response("ok")) });
 * console.log((await call("http://localhost/stock")).status); // 200
 * await shutdownTracer();
 * ```
 */
export function tracedFetch(options: TracedFetchOptions = {}): typeof globalThis.fetch {
  const send: typeof globalThis.fetch = options.fetch ??
    ((input, init) => globalThis.fetch(input, init));
  const call = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const tracer = options.tracer ?? getTracer("scouter.fetch");
    const span = tracer.startSpan(`${request.method} ${url.host}`, {
      kind: "Client",
      attributes: {
        "http.request.method": request.method,
        "server.address": url.hostname,
        // Neither credentials nor the query, which may hold secrets.
        "url.full": url.origin + url.pathname,
      },
    });
    const ctx = trace.setSpan(context.active(), span);
    const setter = { set: (to: Headers, key: string, value: string) => to.set(key, value) };
    if (propagation.fields().length > 0) propagation.inject(ctx, request.headers, setter);
    else FALLBACK.inject(ctx, request.headers, setter);
    if (options.serviceName !== undefined) {
      request.headers.set(SERVICE_HEADER, options.serviceName);
    }
    try {
      const response = await context.with(ctx, () => send(request));
      span.setAttribute("http.response.status_code", response.status);
      if (response.status >= 400) {
        span.setAttribute("error.type", String(response.status));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      return response;
    } catch (error) {
      span.fail(error);
      throw error;
    } finally {
      span.end();
    }
  };
  return Object.assign(call, { preconnect: () => {} });
}
