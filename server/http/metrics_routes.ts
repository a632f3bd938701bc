/**
 * `GET /metrics` in Prometheus text.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { type MetricsRegistry, PROMETHEUS_CONTENT_TYPE } from "../telemetry/metrics.ts";
import type { HttpApp, HttpEnv } from "./context.ts";

/** The route; open, as scrapers expect. */
export function metricsRoutes(metrics: MetricsRegistry): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  app.get("/metrics", (c) => {
    c.header("content-type", PROMETHEUS_CONTENT_TYPE);
    return c.body(metrics.render());
  });
  return app;
}
