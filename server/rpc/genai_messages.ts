/**
 * GenAI answers as messages of `scouter.v1.GenAiService`.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  ConversationSchema,
  GenAiActivitySchema,
  GenAiCostSchema,
  GenAiCountsSchema,
  GenAiEvaluationSchema,
  GenAiPriceSchema,
  GenAiQuantilesSchema,
  GenAiSpanSchema,
  GenAiTokensSchema,
  GenAiToolSchema,
} from "../../sdk/gen/scouter/v1/genai_pb.ts";
import type { StoredPrice } from "../db/genai_prices.ts";
import type { ModelPrice } from "../genai/price_table.ts";
import type { Pricing } from "../genai/pricing.ts";
import type { AgentActivity } from "../lake/traces/genai/agent_dashboard.ts";
import type { EvalResult } from "../lake/traces/genai/attribute_values.ts";
import type { Conversation } from "../lake/traces/genai/conversations.ts";
import type { GenAiSpan } from "../lake/traces/genai/genai_spans.ts";
import type {
  DurationQuantiles,
  FailureCounts,
  TokenCounts,
} from "../lake/traces/genai/measures.ts";
import { spanCost } from "../lake/traces/genai/span_cost.ts";
import type { CallCost, ToolUsage } from "../lake/traces/genai/usage_metrics.ts";
import { int64, present } from "./trace_messages.ts";

/** A whole number, or null. */
export const int64OrNull = (value: number | null): bigint | null =>
  value === null ? null : int64(value);

/** Token sums. */
export function tokensMessage(tokens: TokenCounts): MessageInitShape<typeof GenAiTokensSchema> {
  return {
    input: int64(tokens.inputTokens),
    output: int64(tokens.outputTokens),
    cacheCreation: int64(tokens.cacheCreationTokens),
    cacheRead: int64(tokens.cacheReadTokens),
  };
}

/** Counts of spans and failures. */
export function countsMessage(counts: FailureCounts): MessageInitShape<typeof GenAiCountsSchema> {
  return {
    spanCount: int64(counts.spanCount),
    errorCount: int64(counts.errorCount),
    typedErrorCount: int64(counts.typedErrorCount),
    statusErrorCount: int64(counts.statusErrorCount),
  };
}

/** A cost. */
export function costMessage(cost: CallCost): MessageInitShape<typeof GenAiCostSchema> {
  return { unpricedSpanCount: int64(cost.unpricedSpanCount), ...present({ usd: cost.cost }) };
}

/** Percentiles; undefined for an empty group. */
export function quantilesMessage(
  quantiles: DurationQuantiles,
): MessageInitShape<typeof GenAiQuantilesSchema> | undefined {
  const { p50DurationMs, p95DurationMs, p99DurationMs } = quantiles;
  return p50DurationMs === null || p95DurationMs === null || p99DurationMs === null
    ? undefined
    : { p50Ms: p50DurationMs, p95Ms: p95DurationMs, p99Ms: p99DurationMs };
}

/** What agents did in some time. */
export function activityMessage(
  activity: AgentActivity,
): MessageInitShape<typeof GenAiActivitySchema> {
  return {
    counts: countsMessage(activity),
    tokens: tokensMessage(activity),
    avgMs: activity.avgDurationMs,
    cost: costMessage(activity),
    ...present({ durations: quantilesMessage(activity) ?? null }),
  };
}

/** Calls of one tool. */
export function toolMessage(tool: ToolUsage): MessageInitShape<typeof GenAiToolSchema> {
  return {
    counts: countsMessage(tool),
    avgMs: tool.avgDurationMs,
    ...present({ toolName: tool.toolName, toolType: tool.toolType }),
  };
}

/** One conversation of a list. */
export function conversationMessage(
  conversation: Conversation,
): MessageInitShape<typeof ConversationSchema> {
  return {
    conversationId: conversation.conversationId,
    startTimeUs: int64(conversation.startTimeUs),
    endTimeUs: int64(conversation.endTimeUs),
    lastSeenUs: int64(conversation.lastSeenUs),
    counts: countsMessage(conversation),
    traceCount: int64(conversation.traceCount),
    toolCallCount: int64(conversation.toolCallCount),
    services: [...conversation.services],
    agents: [...conversation.agents],
    models: [...conversation.models],
    tokens: tokensMessage(conversation),
    cost: costMessage(conversation),
  };
}

/** A price, with who set it when it was set here. */
export function priceMessage(
  price: ModelPrice | StoredPrice,
): MessageInitShape<typeof GenAiPriceSchema> {
  return {
    model: price.model,
    effectiveFromUs: int64(price.effectiveFromUs),
    inputPerMillion: price.inputPerMillion,
    outputPerMillion: price.outputPerMillion,
    ...present({
      providerName: price.providerName,
      cacheCreationPerMillion: price.cacheCreationPerMillion,
      cacheReadPerMillion: price.cacheReadPerMillion,
    }),
    ...("id" in price
      ? { id: price.id, updatedAtUs: int64(price.updatedAtUs), updatedBy: price.updatedBy }
      : {}),
  };
}

/** An evaluation of a response. */
export function evaluationMessage(
  result: EvalResult,
): MessageInitShape<typeof GenAiEvaluationSchema> {
  return {
    name: result.name,
    ...present({
      scoreLabel: result.scoreLabel,
      scoreValue: result.scoreValue,
      explanation: result.explanation,
      responseId: result.responseId,
    }),
  };
}

/** One GenAI span with its cost. */
export function genAiSpanMessage(
  span: GenAiSpan,
  pricing: Pricing,
): MessageInitShape<typeof GenAiSpanSchema> {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    serviceName: span.serviceName,
    startTimeUs: int64(span.startTimeUs),
    endTimeUs: int64(span.endTimeUs),
    durationMs: int64(span.durationMs),
    statusCode: span.statusCode,
    operationName: span.operationName,
    finishReasons: [...span.finishReasons],
    requestStopSequences: [...span.requestStopSequences],
    evaluations: span.evalResults.map(evaluationMessage),
    ...present({
      providerName: span.providerName,
      requestModel: span.requestModel,
      responseModel: span.responseModel,
      responseId: span.responseId,
      inputTokens: int64OrNull(span.inputTokens),
      outputTokens: int64OrNull(span.outputTokens),
      cacheCreationInputTokens: int64OrNull(span.cacheCreationInputTokens),
      cacheReadInputTokens: int64OrNull(span.cacheReadInputTokens),
      outputType: span.outputType,
      conversationId: span.conversationId,
      agentName: span.agentName,
      agentId: span.agentId,
      agentDescription: span.agentDescription,
      agentVersion: span.agentVersion,
      dataSourceId: span.dataSourceId,
      toolName: span.toolName,
      toolType: span.toolType,
      toolCallId: span.toolCallId,
      requestTemperature: span.requestTemperature,
      requestTopP: span.requestTopP,
      requestFrequencyPenalty: span.requestFrequencyPenalty,
      requestPresencePenalty: span.requestPresencePenalty,
      requestMaxTokens: span.requestMaxTokens,
      requestChoiceCount: span.requestChoiceCount,
      requestSeed: span.requestSeed,
      errorType: span.errorType,
      openaiApiType: span.openaiApiType,
      openaiServiceTier: span.openaiServiceTier,
      label: span.label,
      serverAddress: span.serverAddress,
      serverPort: span.serverPort,
      inputMessages: span.inputMessages,
      outputMessages: span.outputMessages,
      systemInstructions: span.systemInstructions,
      toolDefinitions: span.toolDefinitions,
      costUsd: spanCost(span, pricing),
    }),
  };
}
