/**
 * What happens to every request before and after its handler: id, guard, CORS, response headers, metrics.
 *
 * @module
 */

import type { MiddlewareHandler } from "@hono/hono";
import { routePath } from "@hono/hono/route";
import { ScouterError } from "../errors.ts";
import { ATTRIBUTE, type Metrics, OWN_TELEMETRY_HEADER } from "../telemetry/contract.ts";
import { SPAN_KIND, tracer } from "../telemetry/tracer.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { errorResponse } from "./errors.ts";
import type { Guard } from "./guard.ts";

/** The version of the REST API, sent with every response. */
export const API_VERSION = "1.0.0";

/** What the shell needs. */
export interface ShellOptions {
  readonly guard: Guard;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly metrics: Metrics;
}

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const ALLOWED_HEADERS =
  "authorization, accept, content-type, content-encoding, x-request-id, x-api-key, connect-protocol-version, connect-timeout-ms, x-grpc-web, x-user-agent, grpc-timeout";
const EXPOSED_HEADERS =
  "authorization, x-request-id, retry-after, server-timing, grpc-status, grpc-message, grpc-status-details-bin, x-scouter-error-code";

/** The outermost middleware. */
export function shell(options: ShellOptions): MiddlewareHandler<HttpEnv> {
  const total = options.metrics.counter(
    "http_requests_total",
    "HTTP requests by method, route and status, refused ones included.",
  );
  const duration = options.metrics.histogram(
    "http_requests_duration_seconds",
    "Time from request to response headers.",
  );
  const processId = crypto.randomUUID().slice(0, 8);
  let sequence = 0;
  return async (c, next) => {
    const startedAt = performance.now();
    const request = c.req.raw;
    const given = request.headers.get("x-request-id");
    const requestId = given !== null && REQUEST_ID.test(given)
      ? given
      : `${processId}-${(++sequence).toString(36)}`;
    c.set("requestId", requestId);
    let path = "";
    try {
      options.guard(request);
      if (isPreflight(request)) {
        c.res = new Response(null, { status: 204 });
        path = "preflight";
      } else {
        path = tracer.isOn ? await tracedRoute(c, next) : (await next(), routeOf(c));
      }
    } catch (error) {
      path = "refused";
      c.res = errorResponse(error, requestId);
    }
    addHeaders(c.res.headers, request, requestId, options.allowedOrigins);
    const labels = {
      method: METHODS.has(request.method) ? request.method : "other",
      path,
      status: String(c.res.status),
    };
    total.add(1, labels);
    duration.observe((performance.now() - startedAt) / 1000, labels);
  };
}

/** Runs the handler in a span named for its route, when it is one that reads or takes data. */
async function tracedRoute(c: HttpContext, next: () => Promise<void>): Promise<string> {
  const { raw, path } = c.req;
  // RPCs make spans of their own.
  if (!/^\/(scouter|v1)\//.test(path)) {
    await next();
    return routeOf(c);
  }
  // Taking telemetry about a server must not make telemetry about a server.
  if (raw.headers.has(OWN_TELEMETRY_HEADER)) {
    await tracer.suppressed(next);
    return routeOf(c);
  }
  const options = { kind: SPAN_KIND.server, traceparent: raw.headers.get("traceparent") };
  return await tracer.run(raw.method, options, async (span) => {
    await next();
    const route = routeOf(c);
    span.rename(`${raw.method} ${route}`);
    span.set({
      [ATTRIBUTE.queryEndpoint]: route,
      "http.request.method": raw.method,
      "http.route": route,
      "http.response.status_code": c.res.status,
    });
    return route;
  });
}

/** The template of the route that answered, which keeps the number of series bounded. */
function routeOf(c: Parameters<typeof routePath>[0]): string {
  const path = routePath(c, -1);
  return path === "" || path === "*" || path === "/*" ? "unmatched" : path;
}

function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("access-control-request-method");
}

function addHeaders(
  headers: Headers,
  request: Request,
  requestId: string,
  allowedOrigins: ReadonlySet<string>,
): void {
  headers.set("x-scouter-api-version", API_VERSION);
  headers.set("x-request-id", requestId);
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("x-frame-options", "DENY");
  headers.set("cross-origin-resource-policy", "same-origin");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (allowedOrigins.size === 0) return;
  headers.append("vary", "origin");
  const origin = request.headers.get("origin");
  if (origin === null || !allowedOrigins.has(origin)) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-allow-credentials", "true");
  headers.set("access-control-expose-headers", EXPOSED_HEADERS);
  headers.set("cross-origin-resource-policy", "cross-origin");
  if (isPreflight(request)) {
    headers.set("access-control-allow-methods", "GET, POST, PUT, DELETE");
    headers.set("access-control-allow-headers", ALLOWED_HEADERS);
    headers.set("access-control-max-age", "7200");
  }
}

/** The answer for a path that is not there. */
export function notFound(path: string): ScouterError {
  return new ScouterError("NOT_FOUND", `There is nothing at ${path.slice(0, 200)}.`, {
    suggestedAction: "GET /scouter/api/v1/openapi.json lists every route.",
  });
}
