/**
 * How agents did over a window: volume, failures, durations, tokens and cost, in all and over time.
 *
 * @module
 */

import type { Pricing } from "../../../genai/pricing.ts";
import { type QueryContext, run } from "../queries/context.ts";
import type { BucketInterval } from "../queries/interval.ts";
import { SqlParams } from "../queries/sql_params.ts";
import { bucketSql, type GenAiFilter, genAiRows, IS_AGENT_SQL } from "./genai_rows.ts";
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
import { billedGroups, type BilledTotal, billedTotal } from "./token_costs.ts";

/** What agents did in some time. Percentiles are over all their spans. */
export interface AgentActivity extends TokenCounts, FailureCounts, DurationQuantiles {
  readonly avgDurationMs: number;
  /** US dollars of the calls with a known price; null when none has one. */
  readonly cost: number | null;
  /** Spans with tokens whose model has no known price. */
  readonly unpricedSpanCount: number;
}

/** {@linkcode AgentActivity} in one bucket of time. */
export interface AgentBucket extends AgentActivity {
  readonly bucketStartUs: number;
}

/** Tokens and cost of one model. */
export interface ModelCost extends BilledTotal {
  readonly model: string;
}

/** The dashboard. */
export interface AgentDashboard {
  readonly summary: AgentActivity & {
    readonly agentCount: number;
    readonly conversationCount: number;
    /** Most expensive first, unpriced ones last. */
    readonly costByModel: readonly ModelCost[];
  };
  /** Oldest first; empty buckets are absent. */
  readonly buckets: readonly AgentBucket[];
}

const NOTHING: AgentDashboard = {
  summary: {
    spanCount: 0,
    errorCount: 0,
    typedErrorCount: 0,
    statusErrorCount: 0,
    avgDurationMs: 0,
    p50DurationMs: null,
    p95DurationMs: null,
    p99DurationMs: null,
    inputTokens: 0,
    outputTokens: 0,
    cacheCreationTokens: 0,
    cacheReadTokens: 0,
    cost: null,
    unpricedSpanCount: 0,
    agentCount: 0,
    conversationCount: 0,
    costByModel: [],
  },
  buckets: [],
};

/** Computes the dashboard of the agents' spans that a filter finds. */
export async function agentDashboard(
  context: QueryContext,
  filter: GenAiFilter,
  interval: BucketInterval,
  pricing: Pricing,
): Promise<AgentDashboard> {
  const params = new SqlParams();
  const rows = genAiRows(context, filter, params, [IS_AGENT_SQL]);
  if (rows === null) return NOTHING;
  const billed = new SqlParams();
  const [result, groups] = await Promise.all([
    run(
      context,
      `SELECT grouping(bucket_us) = 1 AS whole, bucket_us, ${FAILURES_SQL}, ${TOKENS_SQL}, ${QUANTILES_SQL},
         avg(duration_ms) AS avg_ms, count(DISTINCT coalesce(agent_name, agent_id)) AS agents,
         count(DISTINCT conversation_id) AS conversations
       FROM (SELECT *, ${bucketSql(interval, params)} AS bucket_us ${rows})
       GROUP BY GROUPING SETS ((bucket_us), ()) ORDER BY whole, bucket_us`,
      params,
    ),
    billedGroups(context, filter, billed, pricing, bucketSql(interval, billed), [IS_AGENT_SQL]),
  ]);
  const byBucket = Map.groupBy(groups, (group) => group.key);
  const activity = (row: ResultRow, { cost, unpricedSpanCount }: BilledTotal): AgentActivity => ({
    ...row.failures(),
    ...row.tokens(),
    ...row.quantiles(),
    avgDurationMs: row.number("avg_ms"),
    cost,
    unpricedSpanCount,
  });
  const buckets: AgentBucket[] = [];
  let summary = NOTHING.summary;
  readRows(result, (row) => {
    if (row.get("whole") === true) {
      summary = {
        ...activity(row, billedTotal(groups)),
        agentCount: row.number("agents"),
        conversationCount: row.number("conversations"),
        costByModel: modelCosts(groups),
      };
    } else {
      const bucketStartUs = row.number("bucket_us");
      const billed = billedTotal(byBucket.get(bucketStartUs) ?? []);
      buckets.push({ bucketStartUs, ...activity(row, billed) });
    }
  });
  return { summary, buckets };
}

function modelCosts(groups: Awaited<ReturnType<typeof billedGroups>>): ModelCost[] {
  return [...Map.groupBy(groups, (group) => group.model)]
    .map(([model, members]) => ({ model, ...billedTotal(members) }))
    .sort((a, b) => (b.cost ?? -1) - (a.cost ?? -1) || (a.model < b.model ? -1 : 1));
}
