/**
 * Where spans are sent.
 *
 * @module
 */

import { environment } from "../../runtime/mod.ts";
import { TracingError } from "../errors.ts";

const PATH = "/v1/traces";

/**
 * Finds the address that takes traces: the one given, else `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, else
 * `OTEL_EXPORTER_OTLP_ENDPOINT`, else this machine's port 4318. An address without a path is a server's, and gets
 * `/v1/traces`.
 *
 * @throws {TracingError} `invalid_argument` when it is not an http address
 */
export function tracesEndpoint(given?: string): string {
  const text = given ?? environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  const base = text ?? environment("OTEL_EXPORTER_OTLP_ENDPOINT") ?? "http://localhost:4318";
  const url = URL.canParse(base) ? new URL(base) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new TracingError(
      "invalid_argument",
      `endpoint "${base}" is not an address of http or https, such as http://localhost:4318`,
    );
  }
  if (text === undefined) url.pathname = url.pathname.replace(/\/+$/, "") + PATH;
  else if (url.pathname === "/") url.pathname = PATH;
  return url.href;
}

/** Reads `OTEL_EXPORTER_OTLP_HEADERS`: `key=value` pairs, comma-separated, percent-encoded. */
export function headersFromEnvironment(): Record<string, string> {
  const text = environment("OTEL_EXPORTER_OTLP_TRACES_HEADERS") ??
    environment("OTEL_EXPORTER_OTLP_HEADERS") ?? "";
  const headers: Record<string, string> = {};
  for (const pair of text.split(",")) {
    const equals = pair.indexOf("=");
    if (equals < 1) continue;
    headers[pair.slice(0, equals).trim()] = decodeURIComponent(pair.slice(equals + 1).trim());
  }
  return headers;
}
