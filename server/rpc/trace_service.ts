/**
 * `scouter.v1.TraceService`: reading traces over Connect, gRPC-Web and gRPC.
 *
 * @module
 */

import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type TraceFilter as FilterMessage,
  TraceService,
} from "../../sdk/gen/scouter/v1/trace_pb.ts";
import { ScouterError } from "../errors.ts";
import { EVALUATION_EVENT } from "../genai/messages/events.ts";
import type { Authority } from "../http/authority.ts";
import type { QueryOptions } from "../lake/query/contract.ts";
import { parseId } from "../lake/traces/queries/identifiers.ts";
import { parseInterval } from "../lake/traces/queries/interval.ts";
import type { TracePageRequest } from "../lake/traces/queries/list_traces.ts";
import { suggest, wordAt } from "../lake/traces/queries/search_completion.ts";
import { allOf } from "../lake/traces/queries/search_expression.ts";
import {
  parseAttributeFilter,
  parseSearch,
  SearchSyntaxError,
} from "../lake/traces/queries/search_grammar.ts";
import type { SpanDetail, SpanRecord } from "../lake/traces/queries/span_rows.ts";
import type { TraceFilter } from "../lake/traces/queries/trace_filter.ts";
import type { WindowFilter } from "../lake/traces/queries/window_traces.ts";
import type { TraceQueries } from "../lake/traces/trace_queries.ts";
import { buildTree } from "../lake/traces/tree.ts";
import { ServiceMapQueries } from "../service_map/service_map_queries.ts";
import { ATTRIBUTE, SPAN } from "../telemetry/contract.ts";
import { tracer } from "../telemetry/tracer.ts";
import { principalOf } from "./context.ts";
import type { RpcService } from "./services.ts";
import {
  facetMessage,
  int64,
  linkingSpan,
  serviceEdge,
  serviceNode,
  serviceStatsMessage,
  traceCursor,
  traceSpan,
  traceSummary,
} from "./trace_messages.ts";

/** What the service needs. */
export interface TraceServiceDeps {
  readonly authority: Pick<Authority, "authorize">;
  readonly queries: TraceQueries;
  /** The graph of spans alone when absent. */
  readonly serviceMap?: ServiceMapQueries;
}

/** The service, to be handed to the RPC doors. */
export function traceService(deps: TraceServiceDeps): RpcService {
  return {
    descriptor: TraceService,
    register: (router) => void router.service(TraceService, traceServiceImpl(deps)),
  };
}

/** Most spans whose values complete a search. */
const COMPLETION_VALUES = 100;

function traceServiceImpl(
  { authority, queries, serviceMap = new ServiceMapQueries(queries) }: TraceServiceDeps,
): ServiceImpl<typeof TraceService> {
  /** Checks the caller, times the work, and stops it when the caller goes away. */
  async function read<T>(
    context: HandlerContext,
    ask: (options: QueryOptions) => Promise<T>,
  ): Promise<T> {
    authority.authorize(principalOf(context), "read");
    const startedMs = performance.now();
    const answer = await ask({ signal: context.signal });
    context.responseHeader.set(
      "server-timing",
      `query;dur=${(performance.now() - startedMs).toFixed(2)}`,
    );
    return answer;
  }

  return {
    listTraces: (request, context) =>
      read(context, async (options) => {
        const { cursor } = request;
        const page: TracePageRequest = {
          direction: request.newer ? "newer" : "older",
          limit: bounded(request.limit, "limit", 50, 1000),
          ...(cursor === undefined ? {} : {
            cursor: {
              startTimeUs: Number(cursor.startTimeUs),
              traceId: parseId(cursor.traceId, "trace", "cursor.trace_id"),
            },
          }),
        };
        const found = await queries.list(filterOf(request.filter), page, options);
        const traces = request.newer ? found.traces.toReversed() : found.traces;
        const [newest] = traces;
        const oldest = traces.at(-1);
        return {
          traces: traces.map(traceSummary),
          hasOlder: request.newer ? cursor !== undefined : found.more,
          hasNewer: request.newer ? found.more : cursor !== undefined,
          ...(oldest === undefined ? {} : { oldest: traceCursor(oldest) }),
          ...(newest === undefined ? {} : { newest: traceCursor(newest) }),
        };
      }),

    getTrace: (request, context) =>
      read(context, async (options) => {
        const traceId = parseId(request.traceId, "trace");
        const detail: SpanDetail = request.includePayloads
          ? "full"
          : request.includeAttributes
          ? "attributes"
          : request.includeEvents
          ? "timeline"
          : "outline";
        const { spans, truncated } = await queries.spans({ traceId, detail }, options);
        const shown = detail === "timeline" ? withEventMarks : (span: SpanRecord) => span;
        const tree = await tracer.child(
          SPAN.treeBuild,
          {},
          () => Promise.resolve(buildTree(spans)),
        );
        return {
          spans: tree.nodes.map((node) => traceSpan(shown(node.span), node)),
          rootSpanId: tree.rootSpanId,
          missingParentIds: [...tree.missingParentIds],
          truncated,
        };
      }),

    getSpan: (request, context) =>
      read(context, async (options) => {
        const traceId = parseId(request.traceId, "trace");
        const spanId = parseId(request.spanId, "span");
        const { spans: [span] } = await queries.spans(
          { traceId, spanId, detail: "full", limit: 1 },
          options,
        );
        if (span === undefined) {
          throw new ScouterError(
            "NOT_FOUND",
            `Trace ${traceId} has no span ${spanId}; it may not have arrived yet.`,
          );
        }
        const most = bounded(request.maxValueChars, "max_value_chars", Infinity, 100_000_000);
        return { span: traceSpan(span, { depth: 0, missingParentId: null }, most) };
      }),

    getFacets: (request, context) =>
      read(context, async (options) => {
        const values = bounded(request.valuesPerFacet, "values_per_facet", 10, 100);
        const found = await queries.facets(windowOf(request.filter), values, options);
        return {
          fields: found.fields.map(facetMessage),
          attributes: found.attributes.map(facetMessage),
          ...(found.attributesSampledSpans === null
            ? {}
            : { attributesSampledSpans: int64(found.attributesSampledSpans) }),
        };
      }),

    getHistogram: (request, context) =>
      read(context, async (options) => {
        const buckets = bounded(request.buckets, "buckets", 60, 1000);
        const found = await queries.histogram(windowOf(request.filter), buckets, options);
        return {
          bucketUs: int64(found.bucketUs),
          times: found.times.map((bucket) => ({
            startTimeUs: int64(bucket.startUs),
            okCount: int64(bucket.okCount),
            errorCount: int64(bucket.errorCount),
          })),
          durations: found.durations.map((bucket) => ({
            fromUs: int64(bucket.fromUs),
            toUs: int64(bucket.toUs),
            count: int64(bucket.count),
          })),
          traceCount: int64(found.traceCount),
          errorCount: int64(found.errorCount),
          ...(found.p50DurationUs === null ? {} : { p50DurationUs: found.p50DurationUs }),
          ...(found.p95DurationUs === null ? {} : { p95DurationUs: found.p95DurationUs }),
          ...(found.p99DurationUs === null ? {} : { p99DurationUs: found.p99DurationUs }),
        };
      }),

    getMetrics: (request, context) =>
      read(context, async (options) => {
        const interval = parseInterval(request.bucketInterval);
        const buckets = await queries.metrics(windowOf(request.filter), interval, options);
        return {
          buckets: buckets.map((bucket) => ({
            startTimeUs: int64(bucket.bucketStartUs),
            traceCount: int64(bucket.traceCount),
            errorCount: int64(bucket.errorCount),
            avgDurationMs: bucket.avgDurationMs,
            p50DurationMs: bucket.p50DurationMs ?? 0,
            p95DurationMs: bucket.p95DurationMs ?? 0,
            p99DurationMs: bucket.p99DurationMs ?? 0,
          })),
        };
      }),

    getServiceGraph: (request, context) =>
      read(context, async (options) => {
        const graph = await serviceMap.map(timesOf(request), options);
        return {
          nodes: graph.nodes.map(serviceNode),
          edges: graph.edges.map(serviceEdge),
        };
      }),

    listServices: (request, context) =>
      read(context, async (options) => {
        const { startUs, endUs } = neededTimes(request);
        const buckets = bounded(request.buckets, "buckets", 30, 200);
        const found = await queries.services({ startUs, endUs }, buckets, options);
        return {
          services: found.services.map((service) => serviceStatsMessage(service, endUs - startUs)),
          bucketUs: int64(found.bucketUs),
          firstBucketUs: int64(found.firstBucketUs),
        };
      }),

    listErrorKinds: (request, context) =>
      read(context, async (options) => {
        const limit = bounded(request.limit, "limit", 20, 200);
        const found = await queries.errorKinds(neededTimes(request), limit, options);
        return {
          kinds: found.kinds.map((kind) => ({
            serviceName: kind.service,
            kind: kind.kind,
            spanName: kind.operation,
            statusMessage: kind.message,
            count: int64(kind.count),
            previousCount: int64(kind.previousCount),
            firstSeenUs: int64(kind.firstSeenUs),
            lastSeenUs: int64(kind.lastSeenUs),
            traceId: kind.traceId,
          })),
          previousSpanCount: int64(found.previousSpanCount),
        };
      }),

    validateSearch: (request, context) =>
      read(context, (_options) => {
        try {
          parseSearch(request.query);
          return Promise.resolve({});
        } catch (error) {
          if (!(error instanceof SearchSyntaxError)) throw error;
          return Promise.resolve({ problem: { ...error.problem } });
        }
      }),

    listLinkingSpans: (request, context) =>
      read(context, async (options) => {
        const { spanId } = request;
        const found = await queries.linkingSpans({
          traceId: parseId(request.traceId, "trace"),
          ...(spanId === undefined ? {} : { spanId: parseId(spanId, "span") }),
          ...timesOf(request),
          limit: bounded(request.limit, "limit", 100, 1000),
        }, options);
        return {
          spans: found.spans.map(linkingSpan),
          truncated: found.truncated,
          startTimeUs: int64(found.startUs),
          endTimeUs: int64(found.endUs),
        };
      }),

    findSpans: (request, context) =>
      read(context, async (options) => {
        const traceId = parseId(request.traceId, "trace");
        const search = parseSearch(request.query);
        if (search === null) {
          throw new ScouterError("BAD_REQUEST", "query is empty; give words or conditions.");
        }
        const { spanIds, truncated } = await queries.find(traceId, search, options);
        return { spanIds: [...spanIds], truncated };
      }),

    completeSearch: (request, context) =>
      read(context, async (options) => {
        const limit = bounded(request.limit, "limit", 10, 100);
        const word = wordAt(request.query, request.position);
        const { filter } = request;
        const facets = filter?.startTimeUs === undefined || filter.endTimeUs === undefined
          ? null
          : await queries.facets(windowOf(filter), COMPLETION_VALUES, options);
        return {
          from: word.from,
          to: word.to,
          suggestions: suggest(word, facets, limit).map((suggestion) => ({
            text: suggestion.text,
            spanCount: int64(suggestion.spanCount),
          })),
        };
      }),
  };
}

/** What of an evaluation's event is small and wanted beside the whole trace. */
const VERDICT_KEYS = new Set([
  "gen_ai.evaluation.name",
  "gen_ai.evaluation.score.label",
  "gen_ai.evaluation.score.value",
]);

/** Events without what they carry: a picture of the whole trace needs only their places, and what was judged. */
function withEventMarks(span: SpanRecord): SpanRecord {
  if (span.events.length === 0) return span;
  return {
    ...span,
    events: span.events.map((event) => ({
      ...event,
      attributes: event.name === EVALUATION_EVENT
        ? event.attributes.filter(({ key }) => VERDICT_KEYS.has(key))
        : [],
    })),
  };
}

function bounded(value: number, field: string, standard: number, most: number): number {
  if (value === 0) return standard;
  if (value < 1 || value > most) {
    throw new ScouterError("BAD_REQUEST", `${field} is ${value}; it must be from 1 to ${most}.`);
  }
  return value;
}

function timesOf(
  times: {
    readonly startTimeUs?: bigint | undefined;
    readonly endTimeUs?: bigint | undefined;
  },
): { startUs?: number; endUs?: number } {
  const startUs = times.startTimeUs === undefined ? undefined : Number(times.startTimeUs);
  const endUs = times.endTimeUs === undefined ? undefined : Number(times.endTimeUs);
  if (startUs !== undefined && endUs !== undefined && startUs > endUs) {
    throw new ScouterError("BAD_REQUEST", "start_time_us is after end_time_us; swap them.");
  }
  if (startUs !== undefined && endUs !== undefined) {
    tracer.annotate({ [ATTRIBUTE.queryWindowMs]: Math.round((endUs - startUs) / 1000) });
  }
  return {
    ...(startUs === undefined ? {} : { startUs }),
    ...(endUs === undefined ? {} : { endUs }),
  };
}

function neededTimes(
  request: { readonly startTimeUs: bigint; readonly endTimeUs: bigint },
): { startUs: number; endUs: number } {
  const { startUs = 0, endUs = 0 } = timesOf(request);
  if (startUs >= endUs) {
    throw new ScouterError(
      "BAD_REQUEST",
      "start_time_us and end_time_us are needed, the end after the start.",
    );
  }
  return { startUs, endUs };
}

function filterOf(filter: FilterMessage | undefined): TraceFilter {
  if (filter === undefined) return {};
  const { statusCode } = filter;
  if (statusCode !== undefined && (statusCode < 0 || statusCode > 2)) {
    throw new ScouterError(
      "BAD_REQUEST",
      `status_code is ${statusCode}; expected 0 (unset), 1 (ok) or 2 (error).`,
    );
  }
  return {
    ...timesOf(filter),
    ...(filter.serviceName === undefined ? {} : { rootService: filter.serviceName }),
    ...(filter.hasErrors === undefined ? {} : { hasErrors: filter.hasErrors }),
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(filter.entityUid === undefined ? {} : { entityUid: filter.entityUid }),
    ...(filter.queueUid === undefined ? {} : { queueUid: filter.queueUid }),
    ...(filter.traceIds.length === 0
      ? {}
      : { traceIds: filter.traceIds.map((id) => parseId(id, "trace", "trace_ids")) }),
    search: allOf([
      parseSearch(filter.query),
      ...filter.attributeFilters.map(parseAttributeFilter),
    ]),
  };
}

function windowOf(message: FilterMessage | undefined): WindowFilter {
  const filter = filterOf(message);
  const { startUs, endUs } = filter;
  if (startUs === undefined || endUs === undefined) {
    throw new ScouterError(
      "BAD_REQUEST",
      "filter.start_time_us and filter.end_time_us are needed here.",
    );
  }
  return { ...filter, startUs, endUs };
}
