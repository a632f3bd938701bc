/**
 * `scouter.v1.GenAiService`: GenAI analytics over Connect, gRPC-Web and gRPC.
 *
 * @module
 */

import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type GenAiFilter as FilterMessage,
  GenAiService,
  type GetMessagesRequest,
} from "../../sdk/gen/scouter/v1/genai_pb.ts";
import { ScouterError } from "../errors.ts";
import type { PriceBook } from "../genai/price_book.ts";
import type { Authority } from "../http/authority.ts";
import type { QueryOptions } from "../lake/query/contract.ts";
import type { GenAiQueries } from "../lake/traces/genai/genai_queries.ts";
import type { GenAiFilter } from "../lake/traces/genai/genai_rows.ts";
import { parseId } from "../lake/traces/queries/identifiers.ts";
import { parseSplit, parseUsageOf } from "../lake/traces/genai/usage_split.ts";
import { suggest, wordAt } from "../lake/traces/queries/search_completion.ts";
import { parseSearch } from "../lake/traces/queries/search_grammar.ts";
import { parseInterval } from "../lake/traces/queries/interval.ts";
import { principalOf } from "./context.ts";
import {
  activityMessage,
  conversationMessage,
  costMessage,
  countsMessage,
  genAiSpanMessage,
  priceMessage,
  quantilesMessage,
  tokensMessage,
  toolMessage,
} from "./genai_messages.ts";
import { stepMessage } from "./genai_step_messages.ts";
import { usageMessage } from "./genai_usage_messages.ts";
import type { RpcService } from "./services.ts";
import { int64, present } from "./trace_messages.ts";

/** What the service needs. */
export interface GenAiServiceDeps {
  readonly authority: Pick<Authority, "authorize">;
  readonly queries: GenAiQueries;
  readonly prices: PriceBook;
}

/** The service, to be handed to the RPC doors. */
export function genAiService(deps: GenAiServiceDeps): RpcService {
  return {
    descriptor: GenAiService,
    register: (router) => void router.service(GenAiService, genAiServiceImpl(deps)),
  };
}

const MAX_CONVERSATION_ID_BYTES = 256;
const MAX_CONVERSATION_SPANS = 1000;
const MAX_PRICE = 1e9;
const MAX_TEXT_CHARS = 2 ** 31 - 1;

function genAiServiceImpl(
  { authority, queries, prices }: GenAiServiceDeps,
): ServiceImpl<typeof GenAiService> {
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
    getTokenMetrics: (request, context) =>
      read(context, async (options) => {
        const interval = parseInterval(request.bucketInterval || "hour");
        const filter = filterOf(request.filter);
        const buckets = await queries.tokens(filter, interval, await prices.table(), options);
        return {
          buckets: buckets.map((bucket) => ({
            startTimeUs: int64(bucket.bucketStartUs),
            tokens: tokensMessage(bucket),
            counts: countsMessage(bucket),
            cost: costMessage(bucket),
          })),
        };
      }),

    getOperationMetrics: (request, context) =>
      read(context, async (options) => {
        const operations = await queries.operations(filterOf(request.filter), options);
        return {
          operations: operations.map((usage) => ({
            operationName: usage.operationName,
            tokens: tokensMessage(usage),
            counts: countsMessage(usage),
            avgMs: usage.avgDurationMs,
            ...present({ providerName: usage.providerName }),
          })),
        };
      }),

    getModelMetrics: (request, context) =>
      read(context, async (options) => {
        const filter = filterOf(request.filter);
        const models = await queries.models(filter, await prices.table(), options);
        return {
          models: models.map((usage) => ({
            model: usage.model,
            tokens: tokensMessage(usage),
            counts: countsMessage(usage),
            cost: costMessage(usage),
            ...present({
              providerName: usage.providerName,
              durations: quantilesMessage(usage) ?? null,
            }),
          })),
        };
      }),

    getAgentMetrics: (request, context) =>
      read(context, async (options) => {
        const agents = await queries.agents(filterOf(request.filter), options);
        return {
          agents: agents.map((usage) => ({
            tokens: tokensMessage(usage),
            counts: countsMessage(usage),
            lastSeenUs: int64(usage.lastSeenUs),
            ...present({
              agentName: usage.agentName,
              agentId: usage.agentId,
              conversationId: usage.conversationId,
            }),
          })),
        };
      }),

    getToolMetrics: (request, context) =>
      read(context, async (options) => {
        const interval = parseInterval(request.bucketInterval || "hour");
        const found = await queries.toolDashboard(filterOf(request.filter), interval, options);
        return {
          tools: found.tools.map(toolMessage),
          buckets: found.buckets.map((bucket) => ({
            startTimeUs: int64(bucket.bucketStartUs),
            tool: toolMessage(bucket),
          })),
        };
      }),

    getErrorMetrics: (request, context) =>
      read(context, async (options) => {
        const errors = await queries.errors(filterOf(request.filter), options);
        return {
          errors: errors.map(({ errorType, count }) => ({ errorType, count: int64(count) })),
        };
      }),

    getAgentDashboard: (request, context) =>
      read(context, async (options) => {
        const interval = parseInterval(request.bucketInterval || "hour");
        const filter = filterOf(request.filter);
        const pricing = await prices.table();
        const found = await queries.agentDashboard(filter, interval, pricing, options);
        return {
          summary: activityMessage(found.summary),
          agentCount: int64(found.summary.agentCount),
          conversationCount: int64(found.summary.conversationCount),
          costByModel: found.summary.costByModel.map((cost) => ({
            model: cost.model,
            tokens: tokensMessage(cost),
            cost: costMessage(cost),
          })),
          buckets: found.buckets.map((bucket) => ({
            startTimeUs: int64(bucket.bucketStartUs),
            activity: activityMessage(bucket),
          })),
        };
      }),

    getUsage: (request, context) =>
      read(context, async (options) => {
        const question = {
          interval: parseInterval(request.bucketInterval || "hour"),
          split: parseSplit(request.splitBy),
          of: parseUsageOf(request.of),
          maxGroups: bounded(request.maxGroups, "max_groups", 8, 50),
        };
        const filter = filterOf(request.filter);
        return usageMessage(await queries.usage(filter, question, await prices.table(), options));
      }),

    getFinishReasons: (request, context) =>
      read(context, async (options) => {
        const found = await queries.finishReasons(filterOf(request.filter), options);
        return {
          reasons: found.reasons.map(({ reason, count }) => ({ reason, count: int64(count) })),
          untoldCount: int64(found.untoldCount),
        };
      }),

    listGenAiSpans: (request, context) =>
      read(context, async (options) => {
        const limit = bounded(request.limit, "limit", 100, 10_000);
        const filter = filterOf(request.filter);
        const pricing = await prices.table();
        const { spans, truncated } = await queries.spans(filter, "newest", limit, options);
        return { spans: spans.map((span) => genAiSpanMessage(span, pricing)), truncated };
      }),

    listConversations: (request, context) =>
      read(context, async (options) => {
        const { after } = request;
        const page = {
          limit: bounded(request.limit, "limit", 50, 1000),
          ...(after === undefined ? {} : {
            after: {
              lastSeenUs: Number(after.lastSeenUs),
              conversationId: after.conversationId,
            },
          }),
        };
        const filter = filterOf(request.filter);
        const found = await queries.conversations(filter, page, await prices.table(), options);
        return {
          conversations: found.conversations.map(conversationMessage),
          ...(found.next === null ? {} : {
            next: {
              lastSeenUs: int64(found.next.lastSeenUs),
              conversationId: found.next.conversationId,
            },
          }),
        };
      }),

    getConversation: (request, context) =>
      read(context, async (options) => {
        const conversationId = checkedConversationId(request.conversationId);
        const pricing = await prices.table();
        const { spans, truncated } = await queries.spans(
          { ...timesOf(request), conversationId },
          "oldest",
          MAX_CONVERSATION_SPANS,
          options,
        );
        return { spans: spans.map((span) => genAiSpanMessage(span, pricing)), truncated };
      }),

    completeGenAiSearch: (request, context) =>
      read(context, async (options) => {
        const limit = bounded(request.limit, "limit", 10, 100);
        const word = wordAt(request.query, request.position);
        const filter = filterOf(request.filter);
        const facets = filter.startUs === undefined || filter.endUs === undefined
          ? null
          : await queries.searchFacets(filter, word, limit, options);
        return {
          from: word.from,
          to: word.to,
          suggestions: suggest(word, facets, limit).map(({ text, spanCount }) => ({
            text,
            spanCount: int64(spanCount),
          })),
        };
      }),

    getMessages: (request, context) =>
      read(context, async (options) => {
        const { of, spanId } = request;
        const maxTextChars = bounded(request.maxTextChars, "max_text_chars", 8000, MAX_TEXT_CHARS);
        const wanted = spanId === undefined ? undefined : parseId(spanId, "span");
        const [transcript, pricing] = await Promise.all([
          queries.transcript({ ...timesOf(request), ...transcriptOf(of) }, options),
          prices.table(),
        ]);
        return {
          steps: transcript.steps.flatMap((step, at) =>
            wanted !== undefined && step.span.spanId !== wanted
              ? []
              : [stepMessage(transcript.steps, at, pricing, maxTextChars)]
          ),
          truncated: transcript.truncated,
        };
      }),

    listPrices: (_request, context) =>
      read(context, async () => ({
        prices: [...await prices.overrides(), ...prices.defaults].map(priceMessage),
      })),

    setPrice: async (request, context) => {
      const principal = principalOf(context);
      authority.authorize(principal, "admin");
      const { price } = request;
      const model = price?.model.trim() ?? "";
      if (price === undefined || model === "" || model.length > 256) {
        throw new ScouterError("BAD_REQUEST", "price.model must have from 1 to 256 characters.");
      }
      await prices.put({
        model,
        providerName: price.providerName?.trim() || null,
        effectiveFromUs: Number(price.effectiveFromUs),
        inputPerMillion: dollars(price.inputPerMillion, "input_per_million"),
        outputPerMillion: dollars(price.outputPerMillion, "output_per_million"),
        cacheCreationPerMillion: price.cacheCreationPerMillion === undefined
          ? null
          : dollars(price.cacheCreationPerMillion, "cache_creation_per_million"),
        cacheReadPerMillion: price.cacheReadPerMillion === undefined
          ? null
          : dollars(price.cacheReadPerMillion, "cache_read_per_million"),
      }, principal.username);
      return {};
    },

    deletePrice: async (request, context) => {
      authority.authorize(principalOf(context), "admin");
      await prices.remove(request.id);
      return {};
    },
  };
}

function checkedConversationId(id: string): string {
  const bytes = new TextEncoder().encode(id).length;
  if (bytes === 0 || bytes > MAX_CONVERSATION_ID_BYTES) {
    throw new ScouterError(
      "BAD_REQUEST",
      `conversation_id has ${bytes} bytes; it must have from 1 to ${MAX_CONVERSATION_ID_BYTES}.`,
    );
  }
  return id;
}

function transcriptOf(
  of: GetMessagesRequest["of"],
): { traceId: string } | { conversationId: string } {
  switch (of.case) {
    case "traceId":
      return { traceId: parseId(of.value, "trace") };
    case "conversationId":
      return { conversationId: checkedConversationId(of.value) };
    default:
      throw new ScouterError("BAD_REQUEST", "Give either trace_id or conversation_id.");
  }
}

function dollars(value: number, field: string): number {
  if (!(value >= 0 && value <= MAX_PRICE)) {
    throw new ScouterError(
      "BAD_REQUEST",
      `price.${field} is ${value}; it must be from 0 to ${MAX_PRICE}.`,
    );
  }
  return value;
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
  return {
    ...(startUs === undefined ? {} : { startUs }),
    ...(endUs === undefined ? {} : { endUs }),
  };
}

function filterOf(filter: FilterMessage | undefined): GenAiFilter {
  if (filter === undefined) return {};
  const { serviceName, operationName, providerName, model } = filter;
  const { conversationId, agentName, toolName, errorType } = filter;
  return {
    ...timesOf(filter),
    ...(serviceName === undefined ? {} : { serviceName }),
    ...(operationName === undefined ? {} : { operationName }),
    ...(providerName === undefined ? {} : { providerName }),
    ...(model === undefined ? {} : { model }),
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(agentName === undefined ? {} : { agentName }),
    ...(toolName === undefined ? {} : { toolName }),
    ...(errorType === undefined ? {} : { errorType }),
    ...(filter.query === "" ? {} : { search: parseSearch(filter.query) }),
  };
}
