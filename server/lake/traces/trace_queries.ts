/**
 * Questions about traces: each takes one snapshot, answers from it, and lets it go.
 *
 * @module
 */

import type { QueryEngine, QueryOptions } from "../query/contract.ts";
import { ATTRIBUTE, SPAN } from "../../telemetry/contract.ts";
import { tracer } from "../../telemetry/tracer.ts";
import type { SpanStore } from "./contract.ts";
import { NO_PRICES, type PriceLookup, withPrices } from "./queries/call_cost.ts";
import { type QueryContext, traceHashes, type TraceIdHash } from "./queries/context.ts";
import { type ErrorKinds, errorKinds } from "./queries/error_kinds.ts";
import { findSpans, type FoundSpans } from "./queries/find_spans.ts";
import type { BucketInterval } from "./queries/interval.ts";
import {
  type LinkingSpans,
  linkingSpans,
  type LinkingSpansRequest,
} from "./queries/linking_spans.ts";
import { listTraces, type TracePage, type TracePageRequest } from "./queries/list_traces.ts";
import { locateTrace, type TraceLocation } from "./queries/locate_trace.ts";
import { countMarked } from "./queries/marked_spans.ts";
import { pruneFiles } from "./queries/prune.ts";
import { mentions, type SearchExpression } from "./queries/search_expression.ts";
import { type ServiceGraph, serviceGraph } from "./queries/service_graph.ts";
import { type ServiceList, serviceStats } from "./queries/service_stats.ts";
import type { SpanRecord } from "./queries/span_rows.ts";
import { type TraceFacets, traceFacets } from "./queries/trace_facets.ts";
import type { TraceFilter } from "./queries/trace_filter.ts";
import { type TraceHistogram, traceHistogram } from "./queries/trace_histogram.ts";
import { type TraceMetricBucket, traceMetrics } from "./queries/trace_metrics.ts";
import {
  spansOfTraces,
  type TraceSpans,
  traceSpans,
  type TraceSpansRequest,
} from "./queries/trace_spans.ts";
import type { ResourceMark } from "./sample_mark.ts";
import { EDGE_US, type WindowFilter } from "./queries/window_traces.ts";

/** What {@linkcode TraceQueries} needs. */
export interface TraceQueriesOptions {
  readonly store: Pick<SpanStore, "acquire">;
  readonly engine: QueryEngine;
  readonly traceIdHash: TraceIdHash;
  /** Prices a search by cost compares with; without them such a search finds nothing. */
  readonly prices?: { table(): Promise<PriceLookup> };
}

/** Everything that can be asked about stored traces. */
export class TraceQueries {
  readonly #options: TraceQueriesOptions;

  constructor(options: TraceQueriesOptions) {
    this.#options = options;
  }

  /** One page of traces, newest first or oldest first. */
  list(filter: TraceFilter, page: TracePageRequest, options?: QueryOptions): Promise<TracePage> {
    return this.#with(
      "list",
      options,
      async (context) => listTraces(context, await this.#pricedFilter(context, filter), page),
    );
  }

  /** The spans of one trace. */
  spans(request: TraceSpansRequest, options?: QueryOptions): Promise<TraceSpans> {
    return this.#with("spans", options, (context) => traceSpans(context, request));
  }

  /** Spans whose links name a trace or one of its spans. */
  linkingSpans(request: LinkingSpansRequest, options?: QueryOptions): Promise<LinkingSpans> {
    return this.#with("linkingSpans", options, (context) => linkingSpans(context, request));
  }

  /** Which spans of a trace satisfy a search. @param traceId Lowercase hex. */
  find(traceId: string, search: SearchExpression, options?: QueryOptions): Promise<FoundSpans> {
    return this.#with("find", options, async (context) => {
      const files = pruneFiles(context.files, { traceHashes: traceHashes(context, [traceId]) });
      const within = { ...context, files };
      return findSpans(within, traceId, await this.#priced(within, search, {}));
    });
  }

  /** The spans of several traces, grouped by trace. */
  spansOf(
    traceIds: readonly string[],
    request: Omit<TraceSpansRequest, "traceId" | "spanId">,
    options?: QueryOptions,
  ): Promise<{ readonly traces: readonly (readonly SpanRecord[])[]; readonly truncated: boolean }> {
    return this.#with("spansOf", options, (context) => spansOfTraces(context, traceIds, request));
  }

  /** The spans of the newest trace that satisfies the filter; none when there is no such trace. */
  newestSpans(
    filter: TraceFilter,
    request: Omit<TraceSpansRequest, "traceId" | "spanId">,
    options?: QueryOptions,
  ): Promise<TraceSpans> {
    return this.#with("newestSpans", options, async (context) => {
      const page = await listTraces(context, await this.#pricedFilter(context, filter), {
        direction: "older",
        limit: 1,
      });
      const newest = page.traces[0];
      return newest === undefined
        ? { spans: [], truncated: false }
        : await traceSpans(context, { ...request, traceId: newest.traceId });
    });
  }

  /** Counts, durations and error rates by bucket of time. */
  metrics(
    filter: WindowFilter,
    interval: BucketInterval,
    options?: QueryOptions,
  ): Promise<TraceMetricBucket[]> {
    return this.#with(
      "metrics",
      options,
      async (context) => traceMetrics(context, await this.#pricedFilter(context, filter), interval),
    );
  }

  /** Traces over time by outcome, and over duration. */
  histogram(
    filter: WindowFilter,
    buckets: number,
    options?: QueryOptions,
  ): Promise<TraceHistogram> {
    return this.#with(
      "histogram",
      options,
      async (context) =>
        traceHistogram(context, await this.#pricedFilter(context, filter), buckets),
    );
  }

  /** What values the traces of a window have, and how often. */
  facets(
    filter: WindowFilter,
    valuesPerFacet: number,
    options?: QueryOptions,
  ): Promise<TraceFacets> {
    return this.#with(
      "facets",
      options,
      async (context) =>
        traceFacets(context, await this.#pricedFilter(context, filter), valuesPerFacet),
    );
  }

  /** Which service calls which. */
  serviceGraph(
    window: { readonly startUs?: number; readonly endUs?: number },
    options?: QueryOptions,
  ): Promise<ServiceGraph> {
    return this.#with("serviceGraph", options, (context) => serviceGraph(context, window));
  }

  /** Where the spans of a trace lie. @param traceId Lowercase hex. */
  locate(traceId: string, options?: QueryOptions): Promise<TraceLocation> {
    return this.#with("locate", options, (context) => locateTrace(context, traceId));
  }

  /** The requests each service answered, in all and over time. */
  services(
    window: { readonly startUs: number; readonly endUs: number },
    buckets: number,
    options?: QueryOptions,
  ): Promise<ServiceList> {
    return this.#with("services", options, (context) => serviceStats(context, window, buckets));
  }

  /** What fails in a window, beside as long a time before. */
  errorKinds(
    window: { readonly startUs: number; readonly endUs: number },
    limit: number,
    options?: QueryOptions,
  ): Promise<ErrorKinds> {
    return this.#with("errorKinds", options, (context) => errorKinds(context, window, limit));
  }

  /** How many spans carry a mark on their resource. */
  countMarked(mark: ResourceMark, options?: QueryOptions): Promise<number> {
    return this.#with("countMarked", options, (context) => countMarked(context, mark));
  }

  /** A search with the prices that it compares with. */
  async #priced(
    context: QueryContext,
    search: SearchExpression,
    window: { readonly startUs?: number; readonly endUs?: number },
  ): Promise<SearchExpression> {
    if (!mentions(search, "cost")) return search;
    return await withPrices(
      context,
      search,
      window,
      await this.#options.prices?.table() ?? NO_PRICES,
    );
  }

  async #pricedFilter<F extends TraceFilter>(context: QueryContext, filter: F): Promise<F> {
    const { search, startUs, endUs } = filter;
    if (search == null) return filter;
    const window = {
      ...(startUs === undefined ? {} : { startUs: startUs - EDGE_US }),
      ...(endUs === undefined ? {} : { endUs: endUs + EDGE_US }),
    };
    return { ...filter, search: await this.#priced(context, search, window) };
  }

  async #with<T>(
    kind: string,
    options: QueryOptions | undefined,
    ask: (context: QueryContext) => Promise<T>,
  ): Promise<T> {
    const { store, engine, traceIdHash } = this.#options;
    if (!tracer.isOn) {
      using lease = store.acquire();
      const { files } = lease.snapshot;
      return await ask({ engine, traceIdHash, files, options: options ?? {} });
    }
    using lease = await tracer.child(
      SPAN.tableResolve,
      TABLE,
      () => Promise.resolve(store.acquire()),
    );
    const building = buildingQuery(engine);
    try {
      const answer = await ask({
        engine: building.engine,
        traceIdHash,
        files: lease.snapshot.files,
        options: options ?? {},
      });
      tracer.annotate({
        [ATTRIBUTE.queryKind]: kind,
        [ATTRIBUTE.queryResultRows]: rowsOf(answer),
        [ATTRIBUTE.queryCacheHit]: false,
      });
      return answer;
    } finally {
      building.end();
    }
  }
}

const TABLE = { [ATTRIBUTE.table]: "trace_spans" };

/** A span from now until the first statement reaches the engine: choosing files and writing SQL. */
function buildingQuery(engine: QueryEngine): { readonly engine: QueryEngine; end(): void } {
  let end = () => {};
  void tracer.child(SPAN.logicalBuild, TABLE, () => new Promise<void>((done) => end = done));
  return {
    engine: {
      defaultTimeoutMs: engine.defaultTimeoutMs,
      query: (sql, params, options) => {
        end();
        return engine.query(sql, params, options);
      },
      close: () => engine.close(),
    },
    end,
  };
}

/** Rows of an answer: the length of the list it is or holds. */
function rowsOf(answer: unknown): number {
  if (Array.isArray(answer)) return answer.length;
  if (typeof answer !== "object" || answer === null) return 0;
  const list = Object.values(answer).find((value) => Array.isArray(value));
  return Array.isArray(list) ? list.length : 1;
}
