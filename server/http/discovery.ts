/**
 * What the server can do: capabilities and the OpenAPI document.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import type { AuthMode } from "../auth/auth_mode.ts";
import type { HttpApp, HttpEnv } from "./context.ts";
import { API_VERSION } from "./shell.ts";
import { openApiDocument } from "./openapi.ts";

/** What the routes need. */
export interface DiscoveryRouteDeps {
  readonly version: string;
  readonly authMode: AuthMode;
  /** Every route of the server, asked for once all are registered. */
  routes(): readonly { readonly method: string; readonly path: string }[];
}

/** `GET /scouter/api/v1/capabilities` and `GET /scouter/api/v1/openapi.json`. */
export function discoveryRoutes(deps: DiscoveryRouteDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  app.get("/scouter/api/v1/capabilities", (c) => {
    const routes = deps.routes();
    const has = (path: string) => routes.some((route) => route.path === path);
    return c.json({
      api_version: API_VERSION,
      server_version: deps.version,
      features: {
        otlp_http: has("/v1/traces"),
        traces: has("/scouter/trace/paginated"),
        tags: has("/scouter/tags"),
        service_map: has("/scouter/service/graph"),
        api_keys: has("/scouter/api-keys"),
        connect: routes.some((route) => route.path.startsWith("/scouter.")),
        genai: has("/scouter/genai/spans"),
        drift: has("/scouter/profile"),
        datasets: has("/scouter/datasets"),
      },
      endpoints: Object.fromEntries(
        publicRoutes(routes).map(({ method, path }) => [
          endpointName(method, path),
          `${method} ${path}`,
        ]),
      ),
      auth: {
        auth_type: "bearer",
        required: deps.authMode === "required",
        login_endpoint: "/scouter/auth/login",
        refresh_endpoint: "/scouter/auth/refresh",
        token_header: "Authorization",
      },
    });
  });
  app.get(
    "/scouter/api/v1/openapi.json",
    (c) => c.json(openApiDocument(publicRoutes(deps.routes()), deps.version)),
  );
  return app;
}

/** Middleware and RPC methods are not part of the REST API. */
function publicRoutes(routes: ReturnType<DiscoveryRouteDeps["routes"]>) {
  const seen = new Set<string>();
  return routes.filter(({ method, path }) => {
    const key = `${method} ${path}`;
    const isPublic = method !== "ALL" && !path.includes("*") && !seen.has(key);
    seen.add(key);
    return isPublic;
  });
}

/** `POST /scouter/trace/:id/spans` is `post_scouter_trace_id_spans`. */
export function endpointName(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word);
  return [method.toLowerCase(), ...words].join("_");
}
