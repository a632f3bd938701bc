/**
 * Single GenAI spans with everything the conventions say of them.
 *
 * @module
 */

import { type QueryContext, run } from "../queries/context.ts";
import { idHex } from "../queries/identifiers.ts";
import { SqlParams } from "../queries/sql_params.ts";
import {
  type EvalResult,
  evalResults,
  integerValue,
  listValue,
  numberValue,
  stringValue,
} from "./attribute_values.ts";
import { type GenAiFilter, genAiRows } from "./genai_rows.ts";
import { readRows, type ResultRow } from "./measures.ts";

/** One GenAI span. Fields are null, and lists empty, where the span says nothing. */
export interface GenAiSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly serviceName: string;
  readonly startTimeUs: number;
  readonly endTimeUs: number;
  readonly durationMs: number;
  readonly statusCode: number;
  readonly operationName: string;
  readonly providerName: string | null;
  readonly requestModel: string | null;
  readonly responseModel: string | null;
  readonly responseId: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheCreationInputTokens: number | null;
  readonly cacheReadInputTokens: number | null;
  readonly finishReasons: readonly string[];
  readonly outputType: string | null;
  readonly conversationId: string | null;
  readonly agentName: string | null;
  readonly agentId: string | null;
  readonly agentDescription: string | null;
  readonly agentVersion: string | null;
  readonly dataSourceId: string | null;
  readonly toolName: string | null;
  readonly toolType: string | null;
  readonly toolCallId: string | null;
  readonly requestTemperature: number | null;
  readonly requestTopP: number | null;
  readonly requestFrequencyPenalty: number | null;
  readonly requestPresencePenalty: number | null;
  readonly requestMaxTokens: bigint | null;
  readonly requestChoiceCount: bigint | null;
  readonly requestSeed: bigint | null;
  readonly requestStopSequences: readonly string[];
  readonly errorType: string | null;
  readonly openaiApiType: string | null;
  readonly openaiServiceTier: string | null;
  readonly label: string | null;
  readonly serverAddress: string | null;
  readonly serverPort: bigint | null;
  /** JSON text, as are the next three. */
  readonly inputMessages: string | null;
  readonly outputMessages: string | null;
  readonly systemInstructions: string | null;
  readonly toolDefinitions: string | null;
  readonly evalResults: readonly EvalResult[];
}

/** Some GenAI spans. */
export interface GenAiSpans {
  readonly spans: readonly GenAiSpan[];
  /** True when there are more than asked for. */
  readonly truncated: boolean;
}

/** Columns that {@linkcode readGenAiSpan} reads. */
export const GENAI_SPAN_COLUMNS: readonly string[] = [
  "trace_id",
  "span_id",
  "service_name",
  "start_time",
  "end_time",
  "duration_ms",
  "status_code",
  "label",
  "operation_name",
  "provider_name",
  "request_model",
  "response_model",
  "conversation_id",
  "agent_name",
  "agent_id",
  "tool_name",
  "tool_type",
  "error_type",
  "input_tokens",
  "output_tokens",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
  "input_messages",
  "output_messages",
  "system_instructions",
  "tool_definitions",
  "attributes",
  "events",
];

/**
 * Reads spans in order of time.
 *
 * @param order Which end to begin with, and the order of the answer.
 * @param limit Most spans.
 */
export async function genAiSpans(
  context: QueryContext,
  filter: GenAiFilter,
  order: "newest" | "oldest",
  limit: number,
): Promise<GenAiSpans> {
  const params = new SqlParams();
  const rows = genAiRows(context, filter, params);
  if (rows === null) return { spans: [], truncated: false };
  const direction = order === "newest" ? "DESC" : "ASC";
  const result = await run(
    context,
    `SELECT ${GENAI_SPAN_COLUMNS.join(", ")} ${rows}
     ORDER BY start_time ${direction}, trace_id ${direction}, span_id ${direction}
     LIMIT ${params.add(limit + 1)}`,
    params,
  );
  const spans = readRows(result, readGenAiSpan);
  return { spans: spans.slice(0, limit), truncated: spans.length > limit };
}

/** Reads one row of {@linkcode GENAI_SPAN_COLUMNS}. */
export function readGenAiSpan(row: ResultRow): GenAiSpan {
  const stored = row.get("attributes");
  const attribute = (key: string): string | null => {
    const value: unknown = stored instanceof Map ? stored.get(key) : null;
    return typeof value === "string" ? value : null;
  };
  const string = (key: string) => stringValue(attribute(key));
  const number = (key: string) => numberValue(attribute(key));
  const integer = (key: string) => integerValue(attribute(key));
  return {
    traceId: hex(row, "trace_id"),
    spanId: hex(row, "span_id"),
    serviceName: row.text("service_name") ?? "",
    startTimeUs: row.number("start_time"),
    endTimeUs: row.number("end_time"),
    durationMs: row.number("duration_ms"),
    statusCode: row.number("status_code"),
    operationName: row.text("operation_name") ?? "",
    providerName: row.text("provider_name"),
    requestModel: row.text("request_model"),
    responseModel: row.text("response_model"),
    responseId: string("gen_ai.response.id"),
    inputTokens: row.numberOrNull("input_tokens"),
    outputTokens: row.numberOrNull("output_tokens"),
    cacheCreationInputTokens: row.numberOrNull("cache_creation_input_tokens"),
    cacheReadInputTokens: row.numberOrNull("cache_read_input_tokens"),
    finishReasons: listValue(
      attribute("gen_ai.response.finish_reasons") ?? attribute("llm.finish_reason") ??
        attribute("ai.response.finishReason"),
      true,
    ),
    outputType: string("gen_ai.output.type"),
    conversationId: row.text("conversation_id"),
    agentName: row.text("agent_name"),
    agentId: row.text("agent_id"),
    agentDescription: string("gen_ai.agent.description"),
    agentVersion: string("gen_ai.agent.version"),
    dataSourceId: string("gen_ai.data_source.id"),
    toolName: row.text("tool_name"),
    toolType: row.text("tool_type"),
    toolCallId: string("gen_ai.tool.call.id"),
    requestTemperature: number("gen_ai.request.temperature"),
    requestTopP: number("gen_ai.request.top_p"),
    requestFrequencyPenalty: number("gen_ai.request.frequency_penalty"),
    requestPresencePenalty: number("gen_ai.request.presence_penalty"),
    requestMaxTokens: integer("gen_ai.request.max_tokens"),
    requestChoiceCount: integer("gen_ai.request.choice.count"),
    requestSeed: integer("gen_ai.request.seed"),
    requestStopSequences: listValue(attribute("gen_ai.request.stop_sequences"), false),
    errorType: row.text("error_type"),
    openaiApiType: string("openai.api.type"),
    openaiServiceTier: string("openai.response.service_tier"),
    label: row.text("label"),
    serverAddress: string("server.address"),
    serverPort: integer("server.port"),
    inputMessages: row.text("input_messages"),
    outputMessages: row.text("output_messages"),
    systemInstructions: row.text("system_instructions"),
    toolDefinitions: row.text("tool_definitions"),
    evalResults: evalResults(row.text("events")),
  };
}

function hex(row: ResultRow, name: string): string {
  const value = row.get(name);
  return value instanceof Uint8Array ? idHex(value) : "";
}
