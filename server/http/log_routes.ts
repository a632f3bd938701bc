/**
 * The REST route that reads log records.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { requireAuth } from "../auth/require_auth.ts";
import { ScouterError } from "../errors.ts";
import type { LogQueries, LogRecord } from "../lake/logs/log_queries.ts";
import { formatTimeUs, parseId } from "../lake/traces/queries/identifiers.ts";
import type { Authority } from "./authority.ts";
import { clientSignal, type HttpApp, type HttpEnv } from "./context.ts";

/** What {@linkcode logRoutes} needs. */
export interface LogRoutesDeps {
  readonly authority: Authority;
  readonly logs: LogQueries;
}

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;
const MAX_SEVERITY = 24;

/** `GET /scouter/v1/traces/:id/logs`: the records of a trace, oldest first. */
export function logRoutes({ authority, logs }: LogRoutesDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();
  app.get("/scouter/v1/traces/:id/logs", requireAuth(authority, "read"), async (c) => {
    const spanId = c.req.query("span_id");
    const { records, truncated } = await logs.ofTrace({
      traceId: parseId(c.req.param("id"), "trace"),
      ...(spanId === undefined ? {} : { spanId: parseId(spanId, "span") }),
      minSeverityNumber: wholeNumber(
        c.req.query("min_severity"),
        "min_severity",
        0,
        0,
        MAX_SEVERITY,
      ),
      limit: wholeNumber(c.req.query("limit"), "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
    }, { signal: clientSignal(c) });
    return c.body(JSON.stringify({ logs: records.map(recordJson), truncated }), 200, {
      "content-type": "application/json",
    });
  });
  return app;
}

function wholeNumber(
  text: string | undefined,
  field: string,
  standard: number,
  least: number,
  most: number,
): number {
  if (text === undefined) return standard;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) {
    throw new ScouterError(
      "BAD_REQUEST",
      `${field} is "${text.slice(0, 40)}"; it must be a whole number from ${least} to ${most}.`,
    );
  }
  return value;
}

function recordJson(record: LogRecord) {
  return {
    trace_id: record.traceId,
    span_id: record.spanId,
    time: formatTimeUs(record.timeUs),
    observed_time: formatTimeUs(record.observedTimeUs),
    service_name: record.serviceName,
    scope_name: record.scopeName,
    scope_version: record.scopeVersion,
    severity_number: record.severityNumber,
    severity_text: record.severityText,
    event_name: record.eventName,
    body: record.body?.value ?? null,
    attributes: record.attributes.map(({ key, value }) => ({ key, value })),
    resource_attributes: record.resourceAttributes,
    scope_attributes: record.scopeAttributes,
    dropped_attributes_count: record.droppedAttributesCount,
    flags: record.flags,
  };
}
