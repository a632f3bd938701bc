/**
 * Which spans are GenAI operations, and which of them a question is about. Rows are the spans themselves: a span is one
 * as soon as it names its operation.
 *
 * @module
 */

import { type QueryContext, traceHashes } from "../queries/context.ts";
import { type BucketInterval, intervalOrigin, intervalText } from "../queries/interval.ts";
import { pruneFiles } from "../queries/prune.ts";
import {
  mentions,
  requiredAtoms,
  type SearchAtom,
  type SearchExpression,
} from "../queries/search_expression.ts";
import { atomSql, spanSql } from "../queries/search_sql.ts";
import type { SqlParams } from "../queries/sql_params.ts";
import { servicesOf } from "../queries/trace_filter.ts";

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
  /** A parsed search, asked of each operation's own span; only `agent` looks around it, see {@linkcode agentSql}. */
  readonly search?: SearchExpression | null;
}

/** An agent may have started this long before the window that its calls are in, µs. */
const AGENT_LEAD_US = 3600e6;

/** Operations whose spans may repeat, summed up, the tokens of the calls below them. */
export const ENCLOSING_SQL =
  "operation_name IN ('invoke_agent', 'create_agent', 'invoke_workflow')";

/** What a failure is called that names no type (OpenTelemetry's fallback value of `error.type`). */
const OTHER_ERROR = "_OTHER";

/** The type of a failure; null for a success. */
export const ERROR_TYPE_SQL =
  `coalesce(error_type, CASE WHEN status_code = 2 THEN '${OTHER_ERROR}' END)`;

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
  const { startUs, endUs, serviceName, model, search = null } = filter;
  const required = search === null ? null : requiredAtoms(search);
  const services = serviceName === undefined ? servicesOf(required) : [serviceName];
  const traceIds = traceIdsOf(required);
  const files = pruneFiles(context.files, {
    ...(startUs === undefined ? {} : { fromUs: startUs }),
    ...(endUs === undefined ? {} : { toUs: endUs }),
    ...(services === null ? {} : { services }),
    ...(traceIds === null ? {} : { traceHashes: traceHashes(context, traceIds) }),
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
  if (search !== null) {
    const agent = mentions(search, "agent") ? agentSql(context, filter, params, "op") : undefined;
    conditions.push(spanSql(search, (atom) => atomSql(atom, params, agent)));
  }
  return `FROM ${params.files(files)} op WHERE ${[...conditions, ...also].join(" AND ")}`;
}

/** Traces one of which every span is in that satisfies one of some conditions; null when they tell none. */
function traceIdsOf(atoms: readonly SearchAtom[] | null): readonly string[] | null {
  if (atoms === null) return null;
  const ids: string[] = [];
  for (const atom of atoms) {
    if (atom.kind !== "compare" || atom.field.kind !== "trace" || atom.op !== "=") return null;
    ids.push(String(atom.value));
  }
  return ids;
}

/**
 * SQL of the name of the agent an operation counts for: its own, else that of the innermost agent that ran around it
 * in its trace, else null.
 *
 * @param rows Alias of the operations' table.
 */
export function agentSql(
  context: QueryContext,
  { startUs, endUs }: Pick<GenAiFilter, "startUs" | "endUs">,
  params: SqlParams,
  rows: string,
): string {
  const agents = genAiRows(
    context,
    {
      ...(startUs === undefined ? {} : { startUs: startUs - AGENT_LEAD_US }),
      ...(endUs === undefined ? {} : { endUs }),
    },
    params,
    ["agent_name IS NOT NULL", ENCLOSING_SQL],
  );
  if (agents === null) return `${rows}.agent_name`;
  return `coalesce(${rows}.agent_name, (SELECT arg_max(around.agent_name, around.start_time)
    FROM (SELECT trace_id, agent_name, start_time, end_time ${agents}) around
    WHERE around.trace_id = ${rows}.trace_id AND around.start_time <= ${rows}.start_time
      AND around.end_time >= ${rows}.start_time))`;
}

/** SQL of the start of a row's bucket in µs. */
export function bucketSql(interval: BucketInterval, params: SqlParams): string {
  return `epoch_us(time_bucket(${params.add(intervalText(interval))}::INTERVAL, start_time, ${
    intervalOrigin(interval)
  }))`;
}
