/**
 * Kinds of spans by name.
 *
 * @module
 */

import { SpanKind } from "@opentelemetry/api";
import type { SpanKindNumber } from "./opentelemetry.ts";
import { TracingError } from "./errors.ts";

/** Names of kinds. */
export type SpanKindName = "Internal" | "Server" | "Client" | "Producer" | "Consumer";

const KINDS: Readonly<Record<string, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Makes OpenTelemetry's kind of a name or number.
 *
 * @param kind A name in any case, or OpenTelemetry's number
 * @throws {TracingError} `invalid_argument` when there is no such kind
 * @example
 * ```ts
 * import { toSpanKind } from "@scouter/sdk/tracing";
 *
 * console.log(toSpanKind("Server")); // 1
 * ```
 */
export function toSpanKind(kind: SpanKindNumber | SpanKindName): SpanKindNumber {
  const known = typeof kind === "string"
    ? KINDS[kind.toLowerCase()]
    : Object.values(KINDS).find((value) => value === kind);
  if (known === undefined) {
    throw new TracingError(
      "invalid_argument",
      `span kind "${kind}" is not one of Internal, Server, Client, Producer, Consumer`,
    );
  }
  return known;
}
