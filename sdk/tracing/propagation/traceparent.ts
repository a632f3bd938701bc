/**
 * The header `traceparent` (W3C Trace Context, section 3.2).
 *
 * @module
 */

import type { SpanContext } from "../opentelemetry.ts";

// version "-" trace-id "-" parent-id "-" trace-flags, and from version 01 on more may follow after another dash.
const PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Parses a `traceparent`.
 *
 * @param header The value of the header
 * @returns Null when it is not valid and has to be ignored
 * @example
 * ```ts
 * import { parseTraceparent } from "@scouter/sdk/tracing";
 *
 * const parent = parseTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
 * console.log(parent?.spanId); // 00f067aa0ba902b7
 * ```
 */
export function parseTraceparent(header: string): SpanContext | null {
  const match = PATTERN.exec(header.replace(/^[ \t]+|[ \t]+$/g, ""));
  if (match === null) return null;
  const [, version, traceId, spanId, flags, rest] = match;
  if (version === undefined || traceId === undefined || spanId === undefined) return null;
  if (version === "ff" || (version === "00" && rest !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  // Of a later version only the sampled flag may be relied on; of this version other flags are ignored.
  return { traceId, spanId, traceFlags: parseInt(flags ?? "00", 16) & 1, isRemote: true };
}

/**
 * Writes a `traceparent`.
 *
 * @param context What to write
 * @example
 * ```ts
 * import { formatTraceparent } from "@scouter/sdk/tracing";
 *
 * const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
 * console.log(formatTraceparent({ traceId, spanId: "00f067aa0ba902b7", traceFlags: 1 }));
 * ```
 */
export function formatTraceparent(context: SpanContext): string {
  return `00-${context.traceId}-${context.spanId}-${(context.traceFlags & 1) === 1 ? "01" : "00"}`;
}
