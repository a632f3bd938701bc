/**
 * Which spans are GenAI operations, and which of them a question is about. Rows are the spans themselves: a span is one
 * as soon as it names its operation.
 *
 * @module
 */

import type { QueryContext } from "../queries/context.ts";
import { type BucketInterval, intervalOrigin, intervalText } from "../queries/interval.ts";
import { pruneFiles } from "../queries/prune.ts";
import type { SqlParams } from "../queries/sql_params.ts";

/** Conditions on GenAI spans; all given ones must hold. */
export interface GenAiFilter {
  /** Start at or after, µs. */
  readonly startUs?: number;
  /** Start before, µs. */
  readonly endUs?: number;
  readonly serviceName?: string;
  readonly operationName?: string;
  readonly providerName?: string;
  /** The model asked for or the one that answered. */
  readonly model?: string;
  readonly conversationId?: string;
  readonly agentName?: string;
  readonly toolName?: string;
  /** `_OTHER` also finds failures that name no type. */
  readonly errorType?: string;
}

/** What a failure is called that names no type (OpenTelemetry's fallback value of `error.type`). */
const OTHER_ERROR = "_OTHER";

/** The type of a failure; null for a success. */
export const ERROR_TYPE_SQL =
  `coalesce(error_type, CASE WHEN status_code = 2 THEN '${OTHER_ERROR}' END)`;

/** The model that answered, else the one asked for. */
export const MODEL_SQL = "coalesce(response_model, request_model, 'unknown')";

/** Holds for spans of agents. */
export const IS_AGENT_SQL =
  "(operation_name IN ('invoke_agent', 'create_agent') OR agent_name IS NOT NULL)";

/** Holds for calls of tools. */
export const IS_TOOL_SQL = "(tool_name IS NOT NULL OR operation_name = 'execute_tool')";

/**
 * The `FROM … WHERE …` of the rows a filter finds.
 *
 * @param also Further conditions, as SQL.
 * @returns Null when no file can hold such a row.
 */
export function genAiRows(
  context: QueryContext,
  filter: GenAiFilter,
  params: SqlParams,
  also: readonly string[] = [],
): string | null {
  const { startUs, endUs, serviceName, model } = filter;
  const files = pruneFiles(context.files, {
    ...(startUs === undefined ? {} : { fromUs: startUs }),
    ...(endUs === undefined ? {} : { toUs: endUs }),
    ...(serviceName === undefined ? {} : { services: [serviceName] }),
  });
  if (files.length === 0) return null;
  const conditions = ["operation_name IS NOT NULL"];
  if (startUs !== undefined) conditions.push(`start_time >= ${params.time(startUs)}`);
  if (endUs !== undefined) conditions.push(`start_time < ${params.time(endUs)}`);
  const equals: readonly (readonly [sql: string, value: string | undefined])[] = [
    ["service_name", serviceName],
    ["operation_name", filter.operationName],
    ["provider_name", filter.providerName],
    ["conversation_id", filter.conversationId],
    ["agent_name", filter.agentName],
    ["tool_name", filter.toolName],
    [ERROR_TYPE_SQL, filter.errorType],
  ];
  for (const [sql, value] of equals) {
    if (value !== undefined) conditions.push(`${sql} = ${params.add(value)}`);
  }
  if (model !== undefined) {
    const wanted = params.add(model);
    conditions.push(`(request_model = ${wanted} OR response_model = ${wanted})`);
  }
  return `FROM ${params.files(files)} WHERE ${[...conditions, ...also].join(" AND ")}`;
}

/** SQL of the start of a row's bucket in µs. */
export function bucketSql(interval: BucketInterval, params: SqlParams): string {
  return `epoch_us(time_bucket(${params.add(intervalText(interval))}::INTERVAL, start_time, ${
    intervalOrigin(interval)
  }))`;
}
