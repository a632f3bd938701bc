/**
 * GenAI usage counted by time, operation, model, agent, tool and error.
 *
 * @module
 */

import type { Pricing } from "../../../genai/pricing.ts";
import { MODEL_SQL } from "../queries/call_cost.ts";
import { type QueryContext, run } from "../queries/context.ts";
import type { BucketInterval } from "../queries/interval.ts";
import { SqlParams } from "../queries/sql_params.ts";
import {
  bucketSql,
  ERROR_TYPE_SQL,
  type GenAiFilter,
  genAiRows,
  IS_AGENT_SQL,
  IS_TOOL_SQL,
} from "./genai_rows.ts";
import {
  type DurationQuantiles,
  type FailureCounts,
  FAILURES_SQL,
  QUANTILES_SQL,
  readRows,
  type ResultRow,
  type TokenCounts,
  TOKENS_SQL,
} from "./measures.ts";
import { billedGroups, billedTotal } from "./token_costs.ts";

/** What calls cost. */
export interface CallCost {
  /** US dollars of the calls with a known price; null when none has one. */
  readonly cost: number | null;
  /** Spans with tokens whose model has no known price. */
  readonly unpricedSpanCount: number;
}

/** Usage in one bucket of time; empty buckets are absent. */
export interface TokenBucket extends TokenCounts, FailureCounts, CallCost {
  readonly bucketStartUs: number;
}

/** Usage of one operation of one provider. */
export interface OperationUsage extends TokenCounts, FailureCounts {
  readonly operationName: string;
  readonly providerName: string | null;
  readonly avgDurationMs: number;
}

/** Usage of one model of one provider. */
export interface ModelUsage extends TokenCounts, FailureCounts, DurationQuantiles, CallCost {
  readonly model: string;
  readonly providerName: string | null;
}

/** Usage of one agent within one conversation. */
export interface AgentUsage extends TokenCounts, FailureCounts {
  readonly agentName: string | null;
  readonly agentId: string | null;
  readonly conversationId: string | null;
  readonly lastSeenUs: number;
}

/** Calls of one tool. */
export interface ToolUsage extends FailureCounts {
  readonly toolName: string | null;
  readonly toolType: string | null;
  readonly avgDurationMs: number;
}

/** Calls of one tool in one bucket of time. */
export interface ToolBucket extends ToolUsage {
  readonly bucketStartUs: number;
}

/** Failures of one type. */
export interface ErrorUsage {
  readonly errorType: string;
  readonly count: number;
}

/** Most groups in one answer; the largest are kept. */
const MAX_GROUPS = 10_000;

interface Grouping<T> {
  /** Columns to group by, as `expression AS name`. */
  readonly by: readonly string[];
  readonly measures: readonly string[];
  readonly order: string;
  readonly also?: readonly string[];
  readonly limit?: number;
  readonly read: (row: ResultRow) => T;
}

async function grouped<T>(
  context: QueryContext,
  filter: GenAiFilter,
  params: SqlParams,
  grouping: Grouping<T>,
): Promise<T[]> {
  const rows = genAiRows(context, filter, params, grouping.also);
  if (rows === null) return [];
  const { by, measures, order, limit, read } = grouping;
  const result = await run(
    context,
    `SELECT ${[...by, ...measures].join(", ")} ${rows}
     GROUP BY ${by.map((_, index) => index + 1).join(", ")} ORDER BY ${order}${
      limit === undefined ? "" : ` LIMIT ${limit}`
    }`,
    params,
  );
  return readRows(result, read);
}

/**
 * Tokens, cost and failures over time, oldest bucket first. Tokens are counted where they are paid for: the sums that
 * spans of agents repeat are not added to those of their calls.
 */
export async function tokenBuckets(
  context: QueryContext,
  filter: GenAiFilter,
  interval: BucketInterval,
  pricing: Pricing,
): Promise<TokenBucket[]> {
  const params = new SqlParams();
  const billed = new SqlParams();
  const [buckets, groups] = await Promise.all([
    grouped(context, filter, params, {
      by: [`${bucketSql(interval, params)} AS bucket_us`],
      measures: [FAILURES_SQL],
      order: "bucket_us",
      read: (row) => ({
        bucketStartUs: row.number("bucket_us"),
        ...row.failures(),
      }),
    }),
    billedGroups(context, filter, billed, pricing, bucketSql(interval, billed)),
  ]);
  const byBucket = Map.groupBy(groups, (group) => group.key);
  return buckets.map((bucket) => ({
    ...bucket,
    ...billedTotal(byBucket.get(bucket.bucketStartUs) ?? []),
  }));
}

/** Usage by operation and provider, most spans first. */
export function operationUsage(
  context: QueryContext,
  filter: GenAiFilter,
): Promise<OperationUsage[]> {
  return grouped(context, filter, new SqlParams(), {
    by: ["operation_name AS operation", "provider_name AS provider"],
    measures: [TOKENS_SQL, FAILURES_SQL, "avg(duration_ms) AS avg_ms"],
    order: "spans DESC, operation, provider NULLS LAST",
    limit: MAX_GROUPS,
    read: (row) => ({
      operationName: row.text("operation") ?? "",
      providerName: row.text("provider"),
      avgDurationMs: row.number("avg_ms"),
      ...row.tokens(),
      ...row.failures(),
    }),
  });
}

/** Usage and cost by model and provider, most spans first. Tokens are counted as over time. */
export async function modelUsage(
  context: QueryContext,
  filter: GenAiFilter,
  pricing: Pricing,
): Promise<ModelUsage[]> {
  const [models, groups] = await Promise.all([
    grouped(context, filter, new SqlParams(), {
      by: [`${MODEL_SQL} AS model`, "provider_name AS provider"],
      measures: [FAILURES_SQL, QUANTILES_SQL],
      order: "spans DESC, model, provider NULLS LAST",
      limit: MAX_GROUPS,
      read: (row) => ({
        model: row.text("model") ?? "unknown",
        providerName: row.text("provider"),
        ...row.failures(),
        ...row.quantiles(),
      }),
    }),
    billedGroups(context, filter, new SqlParams(), pricing, "NULL"),
  ]);
  const key = (model: string, provider: string | null) => JSON.stringify([model, provider]);
  const byModel = Map.groupBy(groups, (group) => key(group.model, group.providerName));
  return models.map((usage) => ({
    ...usage,
    ...billedTotal(byModel.get(key(usage.model, usage.providerName)) ?? []),
  }));
}

/** Usage by agent and conversation, the one seen last first. */
export function agentUsage(context: QueryContext, filter: GenAiFilter): Promise<AgentUsage[]> {
  return grouped(context, filter, new SqlParams(), {
    by: ["agent_name AS name", "agent_id AS id", "conversation_id AS conversation"],
    measures: [TOKENS_SQL, FAILURES_SQL, "epoch_us(max(start_time)) AS last_us"],
    order: "last_us DESC, name NULLS LAST, id NULLS LAST, conversation NULLS LAST",
    also: [IS_AGENT_SQL],
    limit: MAX_GROUPS,
    read: (row) => ({
      agentName: row.text("name"),
      agentId: row.text("id"),
      conversationId: row.text("conversation"),
      lastSeenUs: row.number("last_us"),
      ...row.tokens(),
      ...row.failures(),
    }),
  });
}

const readTool = (row: ResultRow): ToolUsage => ({
  toolName: row.text("name"),
  toolType: row.text("type"),
  avgDurationMs: row.number("avg_ms"),
  ...row.failures(),
});

/** Calls by tool, most calls first. */
export function toolUsage(context: QueryContext, filter: GenAiFilter): Promise<ToolUsage[]> {
  return grouped(context, filter, new SqlParams(), {
    by: ["tool_name AS name", "tool_type AS type"],
    measures: [FAILURES_SQL, "avg(duration_ms) AS avg_ms"],
    order: "spans DESC, name NULLS LAST, type NULLS LAST",
    also: [IS_TOOL_SQL],
    limit: MAX_GROUPS,
    read: readTool,
  });
}

/** Calls by tool over time: oldest bucket first, then by tool. */
export function toolBuckets(
  context: QueryContext,
  filter: GenAiFilter,
  interval: BucketInterval,
): Promise<ToolBucket[]> {
  const params = new SqlParams();
  return grouped(context, filter, params, {
    by: [
      `${bucketSql(interval, params)} AS bucket_us`,
      "tool_name AS name",
      "tool_type AS type",
    ],
    measures: [FAILURES_SQL, "avg(duration_ms) AS avg_ms"],
    order: "bucket_us, name NULLS LAST, type NULLS LAST",
    also: [IS_TOOL_SQL],
    read: (row) => ({ bucketStartUs: row.number("bucket_us"), ...readTool(row) }),
  });
}

/** Failures by type, most frequent first. */
export function errorUsage(context: QueryContext, filter: GenAiFilter): Promise<ErrorUsage[]> {
  return grouped(context, filter, new SqlParams(), {
    by: [`${ERROR_TYPE_SQL} AS type`],
    measures: ["count(*) AS spans"],
    order: "spans DESC, type",
    also: [`${ERROR_TYPE_SQL} IS NOT NULL`],
    limit: MAX_GROUPS,
    read: (row) => ({ errorType: row.text("type") ?? "", count: row.number("spans") }),
  });
}
