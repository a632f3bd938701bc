/**
 * The service map for Hono.
 *
 * @module
 */

import { watchResponse } from "../../tracing/middleware/response_body.ts";
import { watchRequest } from "./request_body.ts";
import type { ServiceMap } from "./service_map.ts";

/** What is needed of Hono's context. */
export interface HonoServiceMapContext {
  /** The request. */
  readonly req: { raw: Request; readonly method: string; readonly path: string };
  /** The response, once there is one. */
  res: Response;
}

/** A middleware of Hono. */
export type HonoServiceMap = (c: HonoServiceMapContext, next: () => Promise<void>) => Promise<void>;

/**
 * Records the requests that a Hono application answers; see `serviceMapMiddleware`.
 *
 * @param map Takes the records
 * @returns A middleware for `app.use()`; after `honoTracing` it finds the trace
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { honoServiceMap, ServiceMap } from "@scouter/sdk/middleware";
 *
 * const sink = { name: "none", write: () => Promise.resolve() };
 * await using map = new ServiceMap({ serviceName: "cart", sink });
 * const app = new Hono();
 * app.use(honoServiceMap(map));
 * app.get("/items/:id", (c) => c.text(c.req.param("id")));
 * await (await app.request("/items/7")).text();
 * console.log(map.stats.recorded); // 1
 * ```
 */
export function honoServiceMap(map: ServiceMap): HonoServiceMap {
  return async (c, next) => {
    const { method, path, raw } = c.req;
    const connection = map.begin({ method, path, headers: raw.headers });
    const { request, seen } = map.captureSchema
      ? watchRequest(raw, map.maxBodyBytes)
      : { request: raw, seen: null };
    if (request !== raw) c.req.raw = request;
    try {
      await next();
    } catch (error) {
      connection.end(500, seen?.schema());
      throw error;
    }
    const { status } = c.res;
    const watched = watchResponse(c.res, method, (end) => {
      connection.end(end.how === "failed" ? 500 : status, seen?.schema());
    });
    if (watched !== c.res) c.res = watched;
  };
}
