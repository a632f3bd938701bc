/**
 * The Hono application behind both HTTP ports.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import type { OtlpReceiver } from "../ingest/otlp/receiver.ts";
import type { TagRow } from "../lake/traces/contract.ts";
import type { MetricsRegistry } from "../telemetry/metrics.ts";
import type { Authority } from "./authority.ts";
import type { HttpApp, HttpContext, HttpEnv } from "./context.ts";
import { discoveryRoutes } from "./discovery.ts";
import { errorResponse } from "./errors.ts";
import { createGuard } from "./guard.ts";
import { healthRoutes, type Readiness } from "./health.ts";
import { messageRoutes } from "./messages.ts";
import { metricsRoutes } from "./metrics_routes.ts";
import { otlpTraceRoutes } from "./otlp_traces.ts";
import { notFound, shell } from "./shell.ts";

/** What the application is made of. */
export interface HttpAppDeps {
  readonly version: string;
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly metrics: MetricsRegistry;
  readonly authority: Authority;
  readonly receiver: OtlpReceiver;
  readonly tags: { upsert(tags: readonly TagRow[]): Promise<unknown> };
  readiness(): Promise<Readiness>;
  /** Routes of other parts: users, traces, RPC, … */
  readonly routes: readonly HttpApp[];
  /** What a person's browser is shown where nothing is; undefined for programs. */
  readonly missingPage?: (c: HttpContext) => Response | undefined;
}

/** Builds the application. */
export function createHttpApp(deps: HttpAppDeps): HttpApp {
  const allowedOrigins = new Set(deps.allowedOrigins);
  const guard = createGuard({
    open: deps.authority.mode === "open",
    host: deps.host,
    allowedHosts: deps.allowedHosts,
    allowedOrigins,
  });
  const app: HttpApp = new Hono<HttpEnv>();
  app.use("*", shell({ guard, allowedOrigins, metrics: deps.metrics }));
  app.onError((error, c) => errorResponse(error, c.get("requestId")));
  app.notFound((c) =>
    deps.missingPage?.(c) ?? errorResponse(notFound(c.req.path), c.get("requestId"))
  );
  app.route("/", otlpTraceRoutes(deps));
  app.route("/", messageRoutes(deps));
  app.route("/", healthRoutes(deps));
  app.route("/", metricsRoutes(deps.metrics));
  for (const routes of deps.routes) app.route("/", routes);
  app.route(
    "/",
    discoveryRoutes({
      version: deps.version,
      authMode: deps.authority.mode,
      routes: () => app.routes,
    }),
  );
  return app;
}
