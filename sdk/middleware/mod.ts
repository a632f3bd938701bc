/**
 * What stands around a service's requests: tracing and the service map, for fetch handlers, Hono, and Node's `http` with
 * Express and Connect.
 *
 * @example
 * ```ts
 * import { ServiceMap, serviceMapMiddleware, tracingMiddleware } from "@scouter/sdk/middleware";
 * import { initTracer, shutdownTracer, TestSpanExporter } from "@scouter/sdk/tracing";
 *
 * const tracer = initTracer({ serviceName: "cart", transport: new TestSpanExporter() });
 * const sink = { name: "none", write: () => Promise.resolve() };
 * await using map = new ServiceMap({ serviceName: "cart", sink });
 * const handler = tracingMiddleware(tracer)(serviceMapMiddleware(map)(() => new Response("ok")));
 * await (await handler(new Request("http://localhost/items/7"))).text();
 * await shutdownTracer();
 * ```
 *
 * @module
 */

export { type FetchHandler, tracingMiddleware } from "../tracing/middleware/fetch_handler.ts";
export { type HonoContextLike, type HonoTracing, honoTracing } from "../tracing/middleware/hono.ts";
export {
  type NodeRequestLike,
  type NodeResponseLike,
  type NodeTracing,
  nodeTracing,
} from "../tracing/middleware/node_http.ts";
export { tracedFetch, type TracedFetchOptions } from "../tracing/middleware/outgoing.ts";
export { serviceMapMiddleware } from "./service_map/fetch_handler.ts";
export {
  type HonoServiceMap,
  honoServiceMap,
  type HonoServiceMapContext,
} from "./service_map/hono.ts";
export { nodeServiceMap } from "./service_map/node_http.ts";
export {
  extractTraceId,
  inferSchema,
  type JsonTypeName,
  normalizeEndpoint,
  SERVICE_MAP_CATALOG,
  SERVICE_MAP_SCHEMA,
  SERVICE_MAP_TABLE,
  type ServiceConnectionRecord,
} from "./service_map/record.ts";
export {
  type IncomingRequest,
  type OpenConnection,
  ServiceMap,
  type ServiceMapOptions,
  type ServiceMapSink,
  type ServiceMapStats,
} from "./service_map/service_map.ts";
