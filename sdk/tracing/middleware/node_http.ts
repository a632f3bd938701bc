/**
 * Tracing for Node's `http` and frameworks built on it: Express, Connect.
 *
 * @module
 */

import { context, trace } from "@opentelemetry/api";
import type { ScouterTracer } from "../tracer.ts";
import { isPromiseLike, observe } from "../observe.ts";
import { recordRoute, recordStatus, startServerSpan } from "./server_span.ts";

/** What is needed of Node's request. */
export interface NodeRequestLike {
  /** Method. */
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** Path and query before a router cut its prefix off, in Express. */
  readonly originalUrl?: string | undefined;
  /** Prefix that a router cut off, in Express. */
  readonly baseUrl?: string | undefined;
  /** Headers. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What is needed of Node's response. */
export interface NodeResponseLike {
  /** Status of the answer. */
  readonly statusCode: number;
  /** Whether all of the answer was handed to the system. */
  readonly writableFinished: boolean;
  /** Listens. */
  once(event: "finish" | "close", listener: () => void): unknown;
}

/** A middleware of Express and Connect; with Node's `http`, the last argument is the handler. */
export type NodeTracing = (
  request: NodeRequestLike,
  response: NodeResponseLike,
  next: (error?: unknown) => unknown,
) => unknown;

function routeOf(request: NodeRequestLike): string | null {
  const route: unknown = Reflect.get(request, "route");
  if (typeof route !== "object" || route === null || !("path" in route)) return null;
  return typeof route.path === "string" ? `${request.baseUrl ?? ""}${route.path}` : null;
}

/**
 * Traces requests of Node's `http`, Express or Connect: a server span for each, child of the caller's, active in
 * everything `next` starts. It ends when the answer was sent or the connection is gone.
 *
 * @param tracer Starts the spans
 * @returns A middleware for `app.use()`; with plain `http`, call it and give the handler as `next`
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { initTracer, nodeTracing, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const traced = nodeTracing(initTracer({ serviceName: "shop", transport: new TestSpanExporter() }));
 * const server = createServer((req, res) => traced(req, res, () => res.end("hello")));
 * server.close();
 * await shutdownTracer();
 * ```
 */
export function nodeTracing(tracer: ScouterTracer): NodeTracing {
  return (request, response, next) => {
    const method = request.method ?? "GET";
    const path = (request.originalUrl ?? request.url ?? "/").split(/[?#]/, 1)[0] ?? "/";
    const { span, parent } = startServerSpan(tracer, { method, path, headers: request.headers });
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      const route = routeOf(request);
      if (route !== null) recordRoute(span, method, route);
      if (response.writableFinished) recordStatus(span, response.statusCode);
      else span.addEvent("http.response.cancelled");
      span.end();
    };
    // "finish" for an answer that was sent, "close" when the caller left before.
    response.once("finish", end);
    response.once("close", end);
    try {
      const result = context.with(trace.setSpan(parent, span), () => next());
      // The caller gets what the handler returned, so it sees a rejection too; it is only noted here.
      return isPromiseLike(result)
        ? observe(result, () => {}, (error) => void span.fail(error))
        : result;
    } catch (error) {
      span.fail(error);
      end();
      throw error;
    }
  };
}
