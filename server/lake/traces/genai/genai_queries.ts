/**
 * Questions about GenAI operations: each takes one snapshot, answers from it, and lets it go.
 *
 * @module
 */

import type { Pricing } from "../../../genai/pricing.ts";
import type { QueryEngine, QueryOptions } from "../../query/contract.ts";
import type { SpanStore } from "../contract.ts";
import { NO_PRICES, type PriceLookup, withPrices } from "../queries/call_cost.ts";
import type { QueryContext, TraceIdHash } from "../queries/context.ts";
import type { LogQueries } from "../../logs/log_queries.ts";
import type { BucketInterval } from "../queries/interval.ts";
import type { SearchFacets, SearchWord } from "../queries/search_completion.ts";
import { mentions } from "../queries/search_expression.ts";
import { type AgentDashboard, agentDashboard } from "./agent_dashboard.ts";
import {
  type ConversationCursor,
  type ConversationPage,
  listConversations,
} from "./conversations.ts";
import { type FinishReasons, finishReasons } from "./finish_reasons.ts";
import type { GenAiFilter } from "./genai_rows.ts";
import { type GenAiSpans, genAiSpans } from "./genai_spans.ts";
import { withLogEvents } from "./log_events.ts";
import { searchFacets } from "./search_facets.ts";
import { readTranscript, type Transcript, type TranscriptRequest } from "./transcripts.ts";
import {
  type AgentUsage,
  agentUsage,
  type ErrorUsage,
  errorUsage,
  type ModelUsage,
  modelUsage,
  type OperationUsage,
  operationUsage,
  type TokenBucket,
  tokenBuckets,
  type ToolBucket,
  toolBuckets,
  type ToolUsage,
  toolUsage,
} from "./usage_metrics.ts";
import { type Usage, usage, type UsageOf, type UsageSplit } from "./usage_split.ts";

/** What {@linkcode GenAiQueries} needs. */
export interface GenAiQueriesOptions {
  readonly store: Pick<SpanStore, "acquire">;
  readonly engine: QueryEngine;
  readonly traceIdHash: TraceIdHash;
  /** Where events that came as log records are found; without it there are none. */
  readonly logs?: Pick<LogQueries, "genAiEvents">;
  /** Prices a search by cost compares with; without them such a search finds nothing. */
  readonly prices?: { table(): Promise<PriceLookup> };
}

/** Everything that can be asked about stored GenAI spans. */
export class GenAiQueries {
  readonly #options: GenAiQueriesOptions;

  constructor(options: GenAiQueriesOptions) {
    this.#options = options;
  }

  /** Tokens, cost and failures over time. */
  tokens(
    filter: GenAiFilter,
    interval: BucketInterval,
    pricing: Pricing,
    options?: QueryOptions,
  ): Promise<TokenBucket[]> {
    return this.#asked(
      options,
      filter,
      (context, filter) => tokenBuckets(context, filter, interval, pricing),
    );
  }

  /** Usage by operation. */
  operations(filter: GenAiFilter, options?: QueryOptions): Promise<OperationUsage[]> {
    return this.#asked(options, filter, (context, filter) => operationUsage(context, filter));
  }

  /** Usage and cost by model. */
  models(
    filter: GenAiFilter,
    pricing: Pricing,
    options?: QueryOptions,
  ): Promise<ModelUsage[]> {
    return this.#asked(options, filter, (context, filter) => modelUsage(context, filter, pricing));
  }

  /** Usage by agent and conversation. */
  agents(filter: GenAiFilter, options?: QueryOptions): Promise<AgentUsage[]> {
    return this.#asked(options, filter, (context, filter) => agentUsage(context, filter));
  }

  /** Calls by tool. */
  tools(filter: GenAiFilter, options?: QueryOptions): Promise<ToolUsage[]> {
    return this.#asked(options, filter, (context, filter) => toolUsage(context, filter));
  }

  /** Calls by tool, in all and over time. */
  toolDashboard(
    filter: GenAiFilter,
    interval: BucketInterval,
    options?: QueryOptions,
  ): Promise<{ readonly tools: readonly ToolUsage[]; readonly buckets: readonly ToolBucket[] }> {
    return this.#asked(options, filter, async (context, filter) => {
      const [tools, buckets] = await Promise.all([
        toolUsage(context, filter),
        toolBuckets(context, filter, interval),
      ]);
      return { tools, buckets };
    });
  }

  /** Failures by type. */
  errors(filter: GenAiFilter, options?: QueryOptions): Promise<ErrorUsage[]> {
    return this.#asked(options, filter, (context, filter) => errorUsage(context, filter));
  }

  /** How agents did, in all and over time. */
  agentDashboard(
    filter: GenAiFilter,
    interval: BucketInterval,
    pricing: Pricing,
    options?: QueryOptions,
  ): Promise<AgentDashboard> {
    return this.#asked(
      options,
      filter,
      (context, filter) => agentDashboard(context, filter, interval, pricing),
    );
  }

  /** Usage over time, split by one thing. */
  usage(
    filter: GenAiFilter,
    question: {
      readonly interval: BucketInterval;
      readonly split: UsageSplit;
      readonly of: UsageOf;
      readonly maxGroups: number;
    },
    pricing: Pricing,
    options?: QueryOptions,
  ): Promise<Usage> {
    return this.#asked(
      options,
      filter,
      (context, filter) => usage(context, filter, question, pricing),
    );
  }

  /** Why models stopped. */
  finishReasons(filter: GenAiFilter, options?: QueryOptions): Promise<FinishReasons> {
    return this.#asked(options, filter, (context, filter) => finishReasons(context, filter));
  }

  /** Single spans, newest or oldest first. */
  spans(
    filter: GenAiFilter,
    order: "newest" | "oldest",
    limit: number,
    options?: QueryOptions,
  ): Promise<GenAiSpans> {
    return this.#asked(options, filter, async (context, filter) => {
      const { spans, truncated } = await genAiSpans(context, filter, order, limit);
      return { spans: await withLogEvents(context, spans, this.#options.logs), truncated };
    });
  }

  /** What was said in a trace or a conversation, oldest step first. */
  transcript(request: TranscriptRequest, options?: QueryOptions): Promise<Transcript> {
    return this.#with(
      options,
      (context) => readTranscript(context, request, this.#options.logs),
    );
  }

  /** One page of conversations, the one heard from last first. */
  conversations(
    filter: GenAiFilter,
    page: { readonly limit: number; readonly after?: ConversationCursor },
    pricing: Pricing,
    options?: QueryOptions,
  ): Promise<ConversationPage> {
    return this.#asked(
      options,
      filter,
      (context, filter) => listConversations(context, filter, page, pricing),
    );
  }

  /** Counts of what may be typed next in a search. */
  searchFacets(
    filter: GenAiFilter,
    word: SearchWord,
    limit: number,
    options?: QueryOptions,
  ): Promise<SearchFacets> {
    return this.#with(options, (context) => searchFacets(context, filter, word, limit));
  }

  /** As `#with`, with the prices that the filter's search compares with. */
  #asked<T>(
    options: QueryOptions | undefined,
    filter: GenAiFilter,
    ask: (context: QueryContext, filter: GenAiFilter) => Promise<T>,
  ): Promise<T> {
    const { search } = filter;
    const { prices } = this.#options;
    if (search == null || !mentions(search, "cost")) {
      return this.#with(options, (context) => ask(context, filter));
    }
    return this.#with(options, async (context) => {
      const table = await prices?.table() ?? NO_PRICES;
      return await ask(context, {
        ...filter,
        search: await withPrices(context, search, filter, table),
      });
    });
  }

  async #with<T>(
    options: QueryOptions | undefined,
    ask: (context: QueryContext) => Promise<T>,
  ): Promise<T> {
    const { store, engine, traceIdHash } = this.#options;
    using lease = store.acquire();
    return await ask({
      engine,
      traceIdHash,
      files: lease.snapshot.files,
      options: options ?? {},
    });
  }
}
