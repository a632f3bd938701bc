/**
 * The service map for Node's `http` and frameworks built on it: Express, Connect.
 *
 * @module
 */

import type {
  NodeRequestLike,
  NodeResponseLike,
  NodeTracing,
} from "../../tracing/middleware/node_http.ts";
import { isWatchable, SeenBody } from "./request_body.ts";
import type { ServiceMap } from "./service_map.ts";

/** Sees the parts of a body as whoever reads it gets them. */
function watchEvents(request: NodeRequestLike, map: ServiceMap): SeenBody | null {
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === "string" ? value : null;
  };
  const emit: unknown = Reflect.get(request, "emit");
  const watchable = isWatchable(header("content-type"), header("content-length"), map.maxBodyBytes);
  if (!watchable || typeof emit !== "function") return null;
  const seen = new SeenBody(map.maxBodyBytes);
  // A listener for "data" would start the flow before the handler listens.
  Reflect.set(request, "emit", function (this: unknown, event: unknown, ...args: unknown[]) {
    const [chunk] = args;
    if (event === "data" && chunk instanceof Uint8Array) seen.add(chunk);
    if (event === "end") seen.finish();
    return Reflect.apply(emit, this, [event, ...args]);
  });
  return seen;
}

/**
 * Records the requests that Node's `http`, Express or Connect answer, when the answer was sent or the connection is gone.
 *
 * @param map Takes the records
 * @returns A middleware for `app.use()`, before body parsers; with plain `http`, call it and give the handler as `next`
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { nodeServiceMap, ServiceMap } from "@scouter/sdk/middleware";
 *
 * const sink = { name: "none", write: () => Promise.resolve() };
 * await using map = new ServiceMap({ serviceName: "cart", sink });
 * const recorded = nodeServiceMap(map);
 * const server = createServer((req, res) => recorded(req, res, () => res.end("hello")));
 * server.close();
 * ```
 */
export function nodeServiceMap(map: ServiceMap): NodeTracing {
  return (request: NodeRequestLike, response: NodeResponseLike, next) => {
    const method = request.method ?? "GET";
    const path = (request.originalUrl ?? request.url ?? "/").split(/[?#]/, 1)[0] ?? "/";
    const connection = map.begin({ method, path, headers: request.headers });
    const seen = map.captureSchema ? watchEvents(request, map) : null;
    const end = () => connection.end(response.statusCode, seen?.schema());
    response.once("finish", end);
    response.once("close", end);
    try {
      return next();
    } catch (error) {
      connection.end(500, seen?.schema());
      throw error;
    }
  };
}
