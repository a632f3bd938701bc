/**
 * OTLP/HTTP log records.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import type { OtlpReceiver } from "../ingest/otlp/receiver.ts";
import type { Authority } from "./authority.ts";
import type { HttpApp, HttpEnv } from "./context.ts";
import { exportOtlp } from "./otlp_traces.ts";

/** What the route needs. */
export interface OtlpLogRouteDeps {
  readonly receiver: OtlpReceiver;
  readonly authority: Authority;
}

/** `/v1/logs`. */
export function otlpLogRoutes(deps: OtlpLogRouteDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  app.post("/v1/logs", (c) => exportOtlp({ ...deps, signal: "logs" }, c));
  return app;
}
