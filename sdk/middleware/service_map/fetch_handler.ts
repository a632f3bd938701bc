/**
 * The service map for fetch handlers: `Deno.serve`, `Bun.serve`, workers.
 *
 * @module
 */

import type { FetchHandler } from "../../tracing/middleware/fetch_handler.ts";
import { watchResponse } from "../../tracing/middleware/response_body.ts";
import { watchRequest } from "./request_body.ts";
import type { ServiceMap } from "./service_map.ts";

/**
 * Records the requests that a fetch handler answers. A record is made when the answer's body has been sent, cancelled or
 * broken, and with status 500 when the handler throws.
 *
 * @param map Takes the records
 * @returns A function that wraps a handler; inside of `tracingMiddleware` it finds the trace
 * @example
 * ```ts
 * import { ServiceMap, serviceMapMiddleware } from "@scouter/sdk/middleware";
 *
 * const sink = { name: "none", write: () => Promise.resolve() };
 * await using map = new ServiceMap({ serviceName: "cart", sink });
 * const handler = serviceMapMiddleware(map)(() => new Response("ok"));
 * await (await handler(new Request("http://localhost/items/7"))).text();
 * console.log(map.stats.recorded); // 1
 * ```
 */
export function serviceMapMiddleware(
  map: ServiceMap,
): <Rest extends unknown[]>(
  handler: FetchHandler<Rest>,
) => (request: Request, ...rest: Rest) => Promise<Response> {
  return (handler) => async (given, ...rest) => {
    const { method, headers } = given;
    const connection = map.begin({ method, path: new URL(given.url).pathname, headers });
    const { request, seen } = map.captureSchema
      ? watchRequest(given, map.maxBodyBytes)
      : { request: given, seen: null };
    try {
      const response = await handler(request, ...rest);
      return watchResponse(response, method, (end) => {
        connection.end(end.how === "failed" ? 500 : response.status, seen?.schema());
      });
    } catch (error) {
      connection.end(500, seen?.schema());
      throw error;
    }
  };
}
