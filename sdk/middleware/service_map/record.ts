/**
 * What is recorded of a request that a service answered.
 *
 * @module
 */

import { parseTraceparent } from "../../tracing/propagation/traceparent.ts";

/** Catalog of the table of connections. */
export const SERVICE_MAP_CATALOG: string = "scouter";
/** Schema of the table of connections. */
export const SERVICE_MAP_SCHEMA: string = "service_map";
/** Name of the table of connections. */
export const SERVICE_MAP_TABLE: string = "connections";

const MAX_CHARS = 256;

/** A request that was answered, with the names it has on the wire. */
export interface ServiceConnectionRecord {
  /** Who called, as it says itself; `unknown` when it does not. */
  readonly source_service: string;
  /** Who answered. */
  readonly destination_service: string;
  /** Path, with `{id}` for numbers and UUIDs. */
  readonly endpoint: string;
  /** HTTP method. */
  readonly method: string;
  /** HTTP status; 500 when the handler threw. */
  readonly status_code: number;
  /** Milliseconds until the answer was over, with three decimals. */
  readonly latency_ms: number;
  /** When the request came, RFC 3339. */
  readonly timestamp: string;
  /** Trace it belongs to, 32 hex digits; null when there is none. */
  readonly trace_id: string | null;
  /** Whether the status is 500 or above. */
  readonly error: boolean;
  /** Whether the caller's name was proved; it never is here. */
  readonly source_verified: boolean;
  /** JSON object of tags; null when there are none. */
  readonly tags: string | null;
  /** JSON object of the body's fields and their types; null when it was not looked at. */
  readonly request_schema: string | null;
}

const ID = /^(?:\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/**
 * Puts `{id}` where a path has a number or a UUID, so that one operation has one name.
 *
 * @param path Path of a request, without query
 * @returns At most 256 characters
 * @example
 * ```ts
 * import { normalizeEndpoint } from "@scouter/sdk/middleware";
 *
 * console.log(normalizeEndpoint("/users/12345/orders")); // /users/{id}/orders
 * ```
 */
export function normalizeEndpoint(path: string): string {
  return shortened(path.split("/").map((part) => ID.test(part) ? "{id}" : part).join("/"));
}

/** Cuts a text, and not through a character. */
export function shortened(text: string): string {
  if (text.length <= MAX_CHARS) return text;
  const last = text.charCodeAt(MAX_CHARS - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? MAX_CHARS - 1 : MAX_CHARS);
}

/**
 * Reads the trace id of a `traceparent`.
 *
 * @param traceparent The header
 * @returns Null when the header is absent or not valid
 * @example
 * ```ts
 * import { extractTraceId } from "@scouter/sdk/middleware";
 *
 * console.log(extractTraceId("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
 * console.log(extractTraceId("invalid")); // null
 * ```
 */
export function extractTraceId(traceparent: string | null | undefined): string | null {
  return parseTraceparent(traceparent ?? "")?.traceId ?? null;
}

/** Type of a JSON value. */
export type JsonTypeName = "string" | "number" | "boolean" | "object" | "array" | "null";

function typeName(value: unknown): JsonTypeName {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  const name = typeof value;
  return name === "string" || name === "number" || name === "boolean" ? name : "object";
}

/**
 * Tells which fields a JSON object has, and of which types; never their values.
 *
 * @param body A JSON text, or what was parsed from one
 * @returns Null when it is no JSON object
 * @example
 * ```ts
 * import { inferSchema } from "@scouter/sdk/middleware";
 *
 * console.log(inferSchema('{"user_id":"abc","score":0.9}')); // { user_id: "string", score: "number" }
 * ```
 */
export function inferSchema(body: unknown): Record<string, JsonTypeName> | null {
  let value = body;
  if (typeof body === "string") {
    try {
      value = JSON.parse(body);
    } catch {
      // A body that is no JSON has no fields.
      return null;
    }
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, typeName(field)]));
}
