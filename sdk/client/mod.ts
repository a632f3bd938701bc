/**
 * The typed client of a Scouter server: login, traces, tags, users, API keys. Works wherever there is `fetch`.
 *
 * @example
 * ```ts
 * import { ScouterClient, spanByName } from "@scouter/sdk/client";
 *
 * async function lastOrder(client: ScouterClient): Promise<unknown> {
 *   const spans = await client.getTraceSpansFromFilters({ serviceName: "shop" });
 *   return spanByName(spans, "charge").output;
 * }
 * console.log(lastOrder.length);
 * ```
 *
 * @module
 */

export type {
  Acknowledgement,
  ApiKey,
  ApiKeysApi,
  CreatedApiKey,
  CreatedUser,
  NewApiKey,
  NewUser,
  User,
  UserChanges,
  UsersApi,
} from "./accounts.ts";
export type { HttpConfig } from "./config.ts";
export type { CallOptions, ConnectionOptions } from "./connection.ts";
export {
  ClientError,
  type ClientErrorCode,
  type ClientErrorOptions,
  type LocalErrorCode,
  type ServerErrorCode,
} from "./errors.ts";
export { type Capabilities, ScouterClient, spanByName, type TagSearch } from "./scouter_client.ts";
export type {
  Attribute,
  ServiceEdge,
  ServiceGraph,
  SpanEvent,
  SpanLink,
  TraceBaggageRecord,
  TraceCursor,
  TraceFilters,
  TraceListItem,
  TraceMetricBucket,
  TraceMetricsRequest,
  TracePage,
  TraceSpan,
} from "./traces.ts";
export type { TimeLike } from "./wire.ts";
