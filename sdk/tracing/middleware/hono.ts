/**
 * Tracing for Hono.
 *
 * @module
 */

import { context, trace } from "@opentelemetry/api";
import type { ScouterTracer } from "../tracer.ts";
import { endWithBody } from "./fetch_handler.ts";
import { watchResponse } from "./response_body.ts";
import { recordRoute, recordStatus, startServerSpan } from "./server_span.ts";

/** What is needed of Hono's context. */
export interface HonoContextLike {
  /** The request. */
  readonly req: {
    readonly raw: Request;
    readonly method: string;
    readonly path: string;
    readonly routePath?: string;
  };
  /** The response, once there is one. */
  res: Response;
  /** What a handler threw. */
  readonly error?: Error | undefined;
}

/** A middleware of Hono. */
export type HonoTracing = (c: HonoContextLike, next: () => Promise<void>) => Promise<void>;

/**
 * Traces the requests of a Hono application: a server span for each, child of the caller's, that ends with the
 * response's body. What a handler throws is recorded, whether Hono or the caller deals with it.
 *
 * @param tracer Starts the spans
 * @returns A middleware for `app.use()`
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { honoTracing, initTracer, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const app = new Hono();
 * app.use(honoTracing(initTracer({ serviceName: "shop", transport: new TestSpanExporter() })));
 * app.get("/orders/:id", (c) => c.text(c.req.param("id")));
 * console.log(await (await app.request("/orders/7")).text());
 * await shutdownTracer();
 * ```
 */
export function honoTracing(tracer: ScouterTracer): HonoTracing {
  return async (c, next) => {
    const { method, path } = c.req;
    const { span, parent } = startServerSpan(tracer, { method, path, headers: c.req.raw.headers });
    try {
      await context.with(trace.setSpan(parent, span), next);
    } catch (error) {
      span.fail(error).end();
      throw error;
    }
    const route = c.req.routePath;
    // Middleware is registered under patterns; a handler's pattern is what names the operation.
    if (route !== undefined && !route.endsWith("*")) recordRoute(span, method, route);
    recordStatus(span, c.res.status);
    if (c.error !== undefined) span.fail(c.error);
    const watched = watchResponse(c.res, method, endWithBody(span));
    if (watched !== c.res) c.res = watched;
  };
}
