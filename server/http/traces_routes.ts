/**
 * The REST routes that read traces.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { z } from "zod";
import { requireAuth } from "../auth/require_auth.ts";
import { ScouterError } from "../errors.ts";
import { parseId, parseTimeUs } from "../lake/traces/queries/identifiers.ts";
import { parseInterval } from "../lake/traces/queries/interval.ts";
import type { TracePageRequest } from "../lake/traces/queries/list_traces.ts";
import { allOf } from "../lake/traces/queries/search_expression.ts";
import { parseAttributeFilter, parseSearch } from "../lake/traces/queries/search_grammar.ts";
import type { SpanRecord } from "../lake/traces/queries/span_rows.ts";
import type { TraceFilter } from "../lake/traces/queries/trace_filter.ts";
import type { TraceQueries } from "../lake/traces/trace_queries.ts";
import { ServiceMapQueries } from "../service_map/service_map_queries.ts";
import type { Authority } from "./authority.ts";
import { clientSignal, type HttpApp, type HttpContext, type HttpEnv } from "./context.ts";
import { jsonBody } from "./json_body.ts";
import { otlpTraceJson } from "./otlp_trace_json.ts";
import {
  serviceGraphJson,
  traceMetricBucket,
  tracePagination,
  traceSpanList,
} from "./trace_json.ts";

/** A tag to look for. */
export interface TagFilter {
  readonly key: string;
  readonly value: string;
}

/** What {@linkcode traceRoutes} needs. */
export interface TraceRoutesDeps {
  readonly authority: Authority;
  readonly queries: TraceQueries;
  /**
   * Ids of the entities of a type that carry the tags.
   *
   * @param matchAll Whether all tags are needed, or one is enough.
   */
  readonly findTaggedEntities: (
    entityType: string,
    tags: readonly TagFilter[],
    matchAll: boolean,
  ) => Promise<readonly string[]>;
  /** The graph of spans alone when absent. */
  readonly serviceMap?: ServiceMapQueries;
  /** The present, in microseconds since the epoch. */
  readonly nowUs?: () => number;
}

const DAY_US = 86_400_000_000;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;
const MAX_EXPORTED_TRACES = 100;

const texts = z.array(z.string()).max(1000).nullish();

const traceFilters = z.object({
  service_name: z.string().nullish(),
  has_errors: z.boolean().nullish(),
  status_code: z.int().min(0).max(2).nullish(),
  start_time: z.string().nullish(),
  end_time: z.string().nullish(),
  limit: z.int().min(1).max(MAX_LIMIT).nullish(),
  cursor_start_time: z.string().nullish(),
  cursor_trace_id: z.string().nullish(),
  direction: z.enum(["next", "previous"]).nullish(),
  attribute_filters: texts,
  trace_ids: texts,
  entity_uid: z.string().nullish(),
  queue_uid: z.string().nullish(),
  query: z.string().nullish(),
});

const traceMetrics = z.object({
  start_time: z.string(),
  end_time: z.string(),
  bucket_interval: z.string(),
  service_name: z.string().nullish(),
  attribute_filters: texts,
  entity_uid: z.string().nullish(),
  query: z.string().nullish(),
});

const taggedSpans = z.object({
  entity_type: z.string().min(1),
  tag_filters: z.array(z.object({ key: z.string(), value: z.string() })).max(100),
  match_all: z.boolean().nullish(),
  service_name: z.string().nullish(),
});

type Filters = z.infer<typeof traceFilters>;

/** Routes under `/scouter/trace`, `/scouter/v1/traces` and `/scouter/service`. */
export function traceRoutes(deps: TraceRoutesDeps): HttpApp {
  const { queries, serviceMap = new ServiceMapQueries(queries) } = deps;
  const nowUs = deps.nowUs ?? (() => Date.now() * 1000);
  const app: HttpApp = new Hono<HttpEnv>();
  const read = requireAuth(deps.authority, "read");

  app.post("/scouter/trace/paginated", read, async (c) => {
    const body = await jsonBody(c, traceFilters);
    const filter = filterOf(body);
    const page = pageOf(body);
    return await answer(c, async (signal) =>
      tracePagination(
        await queries.list(filter, page, { signal }),
        page.direction,
        page.cursor !== undefined,
      ));
  });

  app.get("/scouter/trace/debug/recent", read, (c) =>
    answer(c, async (signal) =>
      tracePagination(
        await queries.list(
          { startUs: nowUs() - DAY_US },
          { direction: "older", limit: 10 },
          { signal },
        ),
        "older",
        false,
      )));

  app.get("/scouter/trace/spans", read, async (c) => {
    const traceId = parseId(c.req.query("trace_id") ?? "", "trace");
    const window = windowOf(c.req.query("start_time"), c.req.query("end_time"));
    const serviceName = c.req.query("service_name");
    return await answer(c, async (signal) => {
      const { spans } = await queries.spans({
        traceId,
        detail: "full",
        ...window,
        ...(serviceName === undefined ? {} : { serviceName }),
      }, { signal });
      return { spans: traceSpanList(spans) };
    });
  });

  app.get("/scouter/v1/traces/:id/spans", read, async (c) => {
    const traceId = parseId(c.req.param("id"), "trace");
    return await answer(c, async (signal) => {
      const { spans } = await queries.spans({ traceId, detail: "full" }, { signal });
      return { spans: traceSpanList(spans) };
    });
  });

  app.get("/scouter/v1/traces/otlp", read, (c) => {
    const ids = c.req.queries("trace_id") ?? [];
    if (ids.length === 0 || ids.length > MAX_EXPORTED_TRACES) {
      throw new ScouterError(
        "BAD_REQUEST",
        `${ids.length} trace_id given; name 1 to ${MAX_EXPORTED_TRACES} traces, as in ?trace_id=…&trace_id=….`,
      );
    }
    const traceIds = [...new Set(ids.map((id) => parseId(id, "trace", "trace_id")))];
    return exportAnswer(queries, traceIds, clientSignal(c));
  });

  app.post("/scouter/trace/spans/filters", read, async (c) => {
    const filter = filterOf(await jsonBody(c, traceFilters));
    return await answer(c, async (signal) => {
      const { spans } = await queries.newestSpans(filter, { detail: "full" }, { signal });
      return { spans: traceSpanList(spans) };
    });
  });

  app.post("/scouter/trace/spans/tags", read, async (c) => {
    const body = await jsonBody(c, taggedSpans);
    return await answer(c, async (signal) => {
      const entities = await deps.findTaggedEntities(
        body.entity_type,
        body.tag_filters,
        body.match_all ?? false,
      );
      const traceIds = entities.filter((id) => /^[0-9a-fA-F]{32}$/.test(id))
        .map((id) => id.toLowerCase());
      const { traces } = await queries.spansOf(traceIds, {
        detail: "full",
        ...(body.service_name == null ? {} : { serviceName: body.service_name }),
      }, { signal });
      return { spans: traces.flatMap((spans: readonly SpanRecord[]) => traceSpanList(spans)) };
    });
  });

  app.post("/scouter/trace/metrics", read, async (c) => {
    const body = await jsonBody(c, traceMetrics);
    const interval = parseInterval(body.bucket_interval);
    const filter = filterOf(body);
    const startUs = parseTimeUs(body.start_time, "start_time");
    const endUs = parseTimeUs(body.end_time, "end_time");
    return await answer(c, async (signal) => {
      const buckets = await queries.metrics({ ...filter, startUs, endUs }, interval, { signal });
      return { metrics: buckets.map(traceMetricBucket) };
    });
  });

  app.get("/scouter/service/graph", read, async (c) => {
    const service = c.req.query("service_name");
    if (service !== undefined && !/^[A-Za-z0-9_.-]+$/.test(service)) {
      throw new ScouterError(
        "BAD_REQUEST",
        `service_name is "${service.slice(0, 64)}"; it may hold letters, digits, "_", "." and "-".`,
      );
    }
    const { startUs } = windowOf(c.req.query("since"), undefined, "since");
    return await answer(c, async (signal) =>
      serviceGraphJson(
        await serviceMap.map(startUs === undefined ? {} : { startUs }, { signal }),
        service,
        nowUs(),
      ));
  });

  return app;
}

/** Answers with a file of spans, sent as it is read: one trace is held at a time. */
async function exportAnswer(
  queries: TraceQueries,
  traceIds: readonly string[],
  signal: AbortSignal,
): Promise<Response> {
  const read = async (traceId: string | undefined) =>
    traceId === undefined
      ? []
      : (await queries.spans({ traceId, detail: "full" }, { signal })).spans;
  // The first is read before anything is sent, so that a failure still has a status of its own.
  const first = await read(traceIds[0]);
  if (first.length === 0 && traceIds.length === 1) {
    throw new ScouterError(
      "NOT_FOUND",
      `There is no trace ${traceIds[0]}; it may not have arrived yet.`,
    );
  }
  const text = otlpTraceJson((async function* () {
    yield first;
    for (const traceId of traceIds.slice(1)) yield await read(traceId);
  })());
  const name = traceIds.length === 1 ? `trace-${traceIds[0]}` : `${traceIds.length}-traces`;
  return new Response(ReadableStream.from(text).pipeThrough(new TextEncoderStream()), {
    headers: {
      "content-type": "application/json",
      "content-disposition": `attachment; filename="${name}.otlp.json"`,
    },
  });
}

/** Answers with JSON and says how long it took; stops the work when the client goes away. */
async function answer(
  c: HttpContext,
  ask: (signal: AbortSignal) => Promise<unknown>,
): Promise<Response> {
  const startedMs = performance.now();
  const value = await ask(clientSignal(c));
  const queriedMs = performance.now();
  const text = JSON.stringify(value);
  const encodedMs = performance.now();
  c.header(
    "server-timing",
    `query;dur=${(queriedMs - startedMs).toFixed(2)}, encode;dur=${
      (encodedMs - queriedMs).toFixed(2)
    }`,
  );
  return c.body(text, 200, { "content-type": "application/json" });
}

function windowOf(
  start: string | null | undefined,
  end: string | null | undefined,
  startField = "start_time",
): { startUs?: number; endUs?: number } {
  // An unescaped "+" of a time zone arrives as a space.
  const time = (text: string, field: string) =>
    parseTimeUs(text.replace(/ (\d{2}:\d{2})$/, "+$1"), field);
  const startUs = start == null ? undefined : time(start, startField);
  const endUs = end == null ? undefined : time(end, "end_time");
  if (startUs !== undefined && endUs !== undefined && startUs > endUs) {
    throw new ScouterError("BAD_REQUEST", `${startField} is after end_time; swap them.`);
  }
  return {
    ...(startUs === undefined ? {} : { startUs }),
    ...(endUs === undefined ? {} : { endUs }),
  };
}

function filterOf(body: Partial<Filters>): TraceFilter {
  const search = allOf([
    body.query == null ? null : parseSearch(body.query),
    ...(body.attribute_filters ?? []).map(parseAttributeFilter),
  ]);
  const traceIds = body.trace_ids?.map((id) => parseId(id, "trace", "trace_ids"));
  return {
    ...windowOf(body.start_time, body.end_time),
    ...(body.service_name == null ? {} : { rootService: body.service_name }),
    ...(body.has_errors == null ? {} : { hasErrors: body.has_errors }),
    ...(body.status_code == null ? {} : { statusCode: body.status_code }),
    ...(body.entity_uid == null ? {} : { entityUid: body.entity_uid }),
    ...(body.queue_uid == null ? {} : { queueUid: body.queue_uid }),
    ...(traceIds === undefined || traceIds.length === 0 ? {} : { traceIds }),
    search,
  };
}

function pageOf(body: Filters): TracePageRequest {
  const { cursor_start_time: time, cursor_trace_id: id } = body;
  if ((time == null) !== (id == null)) {
    throw new ScouterError(
      "BAD_REQUEST",
      "A cursor needs both cursor_start_time and cursor_trace_id.",
    );
  }
  return {
    direction: body.direction === "previous" ? "newer" : "older",
    limit: body.limit ?? DEFAULT_LIMIT,
    ...(time == null || id == null ? {} : {
      cursor: {
        startTimeUs: parseTimeUs(time, "cursor_start_time"),
        traceId: parseId(id, "trace", "cursor_trace_id"),
      },
    }),
  };
}
