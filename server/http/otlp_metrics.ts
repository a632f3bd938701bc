/**
 * OTLP/HTTP metrics, which are not stored: the answer says so.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import type { OtlpReceiver } from "../ingest/otlp/receiver.ts";
import type { Authority } from "./authority.ts";
import type { HttpApp, HttpEnv } from "./context.ts";
import { exportOtlp } from "./otlp_traces.ts";

/** What the route needs. */
export interface OtlpMetricRouteDeps {
  readonly receiver: OtlpReceiver;
  readonly authority: Authority;
}

/** `/v1/metrics`. */
export function otlpMetricRoutes(deps: OtlpMetricRouteDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  app.post("/v1/metrics", (c) => exportOtlp({ ...deps, signal: "metrics" }, c));
  return app;
}
