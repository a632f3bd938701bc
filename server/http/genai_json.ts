/**
 * GenAI answers in the shapes of the REST interface.
 *
 * @module
 */

import type { Pricing } from "../genai/pricing.ts";
import type { AgentActivity, AgentDashboard } from "../lake/traces/genai/agent_dashboard.ts";
import type { Conversation } from "../lake/traces/genai/conversations.ts";
import type { GenAiSpan } from "../lake/traces/genai/genai_spans.ts";
import { spanCost } from "../lake/traces/genai/span_cost.ts";
import type { FailureCounts, TokenCounts } from "../lake/traces/genai/measures.ts";
import type {
  AgentUsage,
  CallCost,
  ModelUsage,
  OperationUsage,
  TokenBucket,
  ToolBucket,
  ToolUsage,
} from "../lake/traces/genai/usage_metrics.ts";
import { formatTimeUs } from "../lake/traces/queries/identifiers.ts";
import { type JsonValue, parseLossless } from "../lake/traces/queries/lossless_json.ts";

const share = (count: number, of: number) => of === 0 ? 0 : count / of;

/** Shares from 0 to 1: of all failures, of those that name an error type, and of those with an error status. */
function rates(counts: FailureCounts) {
  return {
    error_rate: share(counts.errorCount, counts.spanCount),
    error_type_rate: share(counts.typedErrorCount, counts.spanCount),
    status_error_rate: share(counts.statusErrorCount, counts.spanCount),
  };
}

function twoTokens(tokens: TokenCounts) {
  return { total_input_tokens: tokens.inputTokens, total_output_tokens: tokens.outputTokens };
}

function fourTokens(tokens: TokenCounts) {
  return {
    ...twoTokens(tokens),
    total_cache_creation_tokens: tokens.cacheCreationTokens,
    total_cache_read_tokens: tokens.cacheReadTokens,
  };
}

/** US dollars of what has a price (null when nothing has), and how many spans have none. */
function costJson(cost: CallCost) {
  return { total_cost: cost.cost, unpriced_span_count: cost.unpricedSpanCount };
}

/** A bucket of `/genai/metrics/tokens`. */
export function tokenBucketJson(bucket: TokenBucket) {
  return {
    bucket_start: formatTimeUs(bucket.bucketStartUs),
    ...fourTokens(bucket),
    span_count: bucket.spanCount,
    ...rates(bucket),
    ...costJson(bucket),
  };
}

/** An entry of `/genai/metrics/operations`. */
export function operationJson(usage: OperationUsage) {
  return {
    operation_name: usage.operationName,
    provider_name: usage.providerName,
    span_count: usage.spanCount,
    avg_duration_ms: usage.avgDurationMs,
    ...twoTokens(usage),
    ...rates(usage),
  };
}

/** An entry of `/genai/metrics/models`. */
export function modelJson(usage: ModelUsage) {
  return {
    model: usage.model,
    provider_name: usage.providerName,
    span_count: usage.spanCount,
    ...twoTokens(usage),
    p50_duration_ms: usage.p50DurationMs,
    p95_duration_ms: usage.p95DurationMs,
    ...rates(usage),
    ...costJson(usage),
  };
}

/** An entry of `/genai/metrics/agents`. */
export function agentJson(usage: AgentUsage) {
  return {
    agent_name: usage.agentName,
    agent_id: usage.agentId,
    conversation_id: usage.conversationId,
    span_count: usage.spanCount,
    ...twoTokens(usage),
    last_seen: formatTimeUs(usage.lastSeenUs),
  };
}

/** An entry of `/genai/metrics/tools`. */
export function toolJson(usage: ToolUsage) {
  return {
    tool_name: usage.toolName,
    tool_type: usage.toolType,
    call_count: usage.spanCount,
    avg_duration_ms: usage.avgDurationMs,
    ...rates(usage),
  };
}

/** An entry of the time series of `/genai/tool/metrics`. */
export function toolBucketJson(bucket: ToolBucket) {
  return { bucket_start: formatTimeUs(bucket.bucketStartUs), ...toolJson(bucket) };
}

function activity(activity: AgentActivity) {
  return {
    avg_duration_ms: activity.avgDurationMs,
    p50_duration_ms: activity.p50DurationMs,
    p95_duration_ms: activity.p95DurationMs,
    p99_duration_ms: activity.p99DurationMs,
    ...fourTokens(activity),
    ...costJson(activity),
  };
}

/** The answer of `/genai/agent/metrics`. */
export function agentDashboardJson({ summary, buckets }: AgentDashboard) {
  const { error_rate, ...otherRates } = rates(summary);
  return {
    summary: {
      total_requests: summary.spanCount,
      error_count: summary.errorCount,
      overall_error_rate: error_rate,
      ...otherRates,
      ...activity(summary),
      unique_agent_count: summary.agentCount,
      unique_conversation_count: summary.conversationCount,
      cost_by_model: summary.costByModel.map((cost) => ({
        model: cost.model,
        ...fourTokens(cost),
        total_cost: cost.cost,
      })),
    },
    buckets: buckets.map((bucket) => ({
      bucket_start: formatTimeUs(bucket.bucketStartUs),
      span_count: bucket.spanCount,
      error_count: bucket.errorCount,
      ...rates(bucket),
      ...activity(bucket),
    })),
  };
}

/** An entry of `/genai/conversations`. */
export function conversationJson(conversation: Conversation) {
  return {
    conversation_id: conversation.conversationId,
    start_time: formatTimeUs(conversation.startTimeUs),
    end_time: formatTimeUs(conversation.endTimeUs),
    last_seen: formatTimeUs(conversation.lastSeenUs),
    span_count: conversation.spanCount,
    error_count: conversation.errorCount,
    trace_count: conversation.traceCount,
    tool_call_count: conversation.toolCallCount,
    services: conversation.services,
    agents: conversation.agents,
    models: conversation.models,
    ...fourTokens(conversation),
    ...costJson(conversation),
  };
}

/** A 64-bit integer with all its digits. */
const integer = (value: bigint | null): JsonValue =>
  value === null ? null : parseLossless(String(value));

/** One GenAI span, with its cost in US dollars: null when its model has no known price or it tells no tokens. */
export function genAiSpanJson(span: GenAiSpan, pricing: Pricing) {
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    service_name: span.serviceName,
    start_time: formatTimeUs(span.startTimeUs),
    end_time: formatTimeUs(span.endTimeUs),
    duration_ms: span.durationMs,
    status_code: span.statusCode,
    operation_name: span.operationName,
    provider_name: span.providerName,
    request_model: span.requestModel,
    response_model: span.responseModel,
    response_id: span.responseId,
    input_tokens: span.inputTokens,
    output_tokens: span.outputTokens,
    cache_creation_input_tokens: span.cacheCreationInputTokens,
    cache_read_input_tokens: span.cacheReadInputTokens,
    finish_reasons: span.finishReasons,
    output_type: span.outputType,
    conversation_id: span.conversationId,
    agent_name: span.agentName,
    agent_id: span.agentId,
    tool_name: span.toolName,
    tool_type: span.toolType,
    tool_call_id: span.toolCallId,
    request_temperature: span.requestTemperature,
    request_max_tokens: integer(span.requestMaxTokens),
    request_top_p: span.requestTopP,
    error_type: span.errorType,
    openai_api_type: span.openaiApiType,
    openai_service_tier: span.openaiServiceTier,
    label: span.label,
    agent_description: span.agentDescription,
    agent_version: span.agentVersion,
    data_source_id: span.dataSourceId,
    request_choice_count: integer(span.requestChoiceCount),
    request_seed: integer(span.requestSeed),
    request_frequency_penalty: span.requestFrequencyPenalty,
    request_presence_penalty: span.requestPresencePenalty,
    request_stop_sequences: span.requestStopSequences,
    server_address: span.serverAddress,
    server_port: integer(span.serverPort),
    input_messages: span.inputMessages,
    output_messages: span.outputMessages,
    system_instructions: span.systemInstructions,
    tool_definitions: span.toolDefinitions,
    eval_results: span.evalResults.map((result) => ({
      name: result.name,
      score_label: result.scoreLabel,
      score_value: result.scoreValue,
      explanation: result.explanation,
      response_id: result.responseId,
    })),
    cost: spanCost(span, pricing),
  };
}
