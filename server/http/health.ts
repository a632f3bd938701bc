/**
 * Health: one route known to existing clients, and the pair that orchestrators ask for.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import type { HttpApp, HttpEnv } from "./context.ts";

/** Whether the server can do its work, and why not. */
export interface Readiness {
  readonly ready: boolean;
  /** Each part by name: `ok`, or what is wrong with it. */
  readonly checks: Readonly<Record<string, string>>;
}

/** What the routes need. */
export interface HealthRouteDeps {
  readonly version: string;
  readiness(): Promise<Readiness>;
}

/**
 * `/scouter/healthcheck` and `/health/live` answer while the process runs; `/health/ready` while it can take and
 * answer requests.
 */
export function healthRoutes(deps: HealthRouteDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  app.get("/scouter/healthcheck", (c) => c.json({ alive: true, version: deps.version }));
  app.get("/health/live", (c) => c.json({ alive: true }));
  app.get("/health/ready", async (c) => {
    const readiness = await deps.readiness();
    return c.json(readiness, readiness.ready ? 200 : 503);
  });
  return app;
}
