/**
 * The header `tracestate` (W3C Trace Context, section 3.3).
 *
 * @module
 */

import type { TraceState } from "../opentelemetry.ts";
import { createTraceState } from "@opentelemetry/api";

const MAX_MEMBERS = 32;
const KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
// Printable ASCII without comma and equals sign, not ending in a space.
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Parses a `tracestate`, several headers joined by commas. One member that breaks the rules discards all of them, as
 * the standard has it; empty members are allowed.
 *
 * @param header The value of the header
 * @returns Undefined when it is empty or not valid
 * @example
 * ```ts
 * import { parseTracestate } from "@scouter/sdk/tracing";
 *
 * console.log(parseTracestate("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")?.get("congo"));
 * ```
 */
export function parseTracestate(header: string): TraceState | undefined {
  const members = new Map<string, string>();
  for (const part of header.split(",")) {
    const member = part.replace(/^[ \t]+|[ \t]+$/g, "");
    if (member === "") continue;
    const equals = member.indexOf("=");
    const key = member.slice(0, Math.max(equals, 0));
    const value = member.slice(equals + 1);
    if (!KEY.test(key) || !VALUE.test(value) || members.has(key)) return undefined;
    members.set(key, value);
  }
  if (members.size === 0 || members.size > MAX_MEMBERS) return undefined;
  return createTraceState([...members].map(([key, value]) => `${key}=${value}`).join(","));
}
