/**
 * The service map's way to a server. A module of its own, so that only who uses it loads the Arrow library.
 *
 * @example
 * ```ts
 * import { ServiceMap } from "@scouter/sdk/middleware";
 * import { HttpServiceMapSink } from "@scouter/sdk/middleware/http";
 *
 * const sink = new HttpServiceMapSink({ serverUri: "http://localhost:8000" });
 * await using map = new ServiceMap({ serviceName: "cart", sink });
 * console.log(map.stats.recorded); // 0
 * ```
 *
 * @module
 */

export type { ConnectionOptions } from "../../client/connection.ts";
export { HttpServiceMapSink } from "./http_sink.ts";
