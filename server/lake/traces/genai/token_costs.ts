/**
 * Tokens by model and price period, and what they cost.
 *
 * @module
 */

import type { BilledCall, BilledTokens, Pricing } from "../../../genai/pricing.ts";
import { HAS_TOKENS_SQL, INCLUDED_SQL, MODEL_SQL } from "../queries/call_cost.ts";
import { type QueryContext, run } from "../queries/context.ts";
import type { SqlParams } from "../queries/sql_params.ts";
import { ENCLOSING_SQL, type GenAiFilter, genAiRows } from "./genai_rows.ts";
import { readRows, type TokenCounts, TOKENS_SQL } from "./measures.ts";

/** Tokens that share a key, a model and a price. */
export interface BilledGroup extends BilledTokens, BilledCall {
  /** What the caller groups by. */
  readonly key: string | number | null;
  readonly spanCount: number;
  /** US dollars; null when the model has no known price. */
  readonly cost: number | null;
}

/**
 * Sums tokens by `keySql`, provider, model and price period, and prices each sum. Spans without any tokens are left
 * out, and so are those of agents and workflows in traces whose model calls tell their tokens themselves: nobody pays
 * twice. A search does not change who pays: what it finds and what it leaves out add up to the whole.
 */
export async function billedGroups(
  context: QueryContext,
  filter: GenAiFilter,
  params: SqlParams,
  pricing: Pricing,
  keySql: string,
  also: readonly string[] = [],
): Promise<BilledGroup[]> {
  const rows = genAiRows(context, filter, params, [...also, HAS_TOKENS_SQL]);
  if (rows === null) return [];
  const { search: _search, ...unsearched } = filter;
  const paying = filter.search == null
    ? rows
    : genAiRows(context, unsearched, params, [...also, HAS_TOKENS_SQL]) ?? rows;
  const { startUs = -Infinity, endUs = Infinity } = filter;
  const changes = pricing.changesUs.filter((us) => us > startUs && us < endUs);
  const period = changes.length === 0
    ? "0"
    : changes.map((us) => `(start_time >= ${params.time(us)})::INTEGER`).join(" + ");
  const result = await run(
    context,
    `SELECT ${keySql} AS key, provider_name AS provider, ${MODEL_SQL} AS model, ${period} AS period,
       epoch_us(max(start_time)) AS at_us, count(*) AS spans, ${TOKENS_SQL},
       sum(input_tokens - (${INCLUDED_SQL})) AS uncached_input_tokens
     FROM (SELECT * ${rows}) billed
     WHERE NOT (${ENCLOSING_SQL} AND trace_id IN (
       SELECT trace_id ${paying} AND NOT (${ENCLOSING_SQL})))
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 2 NULLS LAST, 4`,
    params,
  );
  return readRows(result, (row) => {
    const key = row.get("key");
    const call = {
      model: row.text("model") ?? "unknown",
      providerName: row.text("provider"),
      atUs: row.number("at_us"),
    };
    const tokens = {
      ...row.tokens(),
      uncachedInputTokens: row.number("uncached_input_tokens"),
    };
    return {
      key: typeof key === "string" ? key : row.numberOrNull("key"),
      spanCount: row.number("spans"),
      ...call,
      ...tokens,
      cost: pricing.costOf(call, tokens),
    };
  });
}

/** Sums of some groups. */
export interface BilledTotal extends TokenCounts {
  /** US dollars of all calls with a known price; null when none has one. */
  readonly cost: number | null;
  /** Spans with tokens whose model has no known price. */
  readonly unpricedSpanCount: number;
}

/** Adds groups up. */
export function billedTotal(groups: readonly BilledGroup[]): BilledTotal {
  const sum = (of: (group: BilledGroup) => number) =>
    groups.reduce((total, group) => total + of(group), 0);
  const priced = groups.some((group) => group.cost !== null);
  return {
    inputTokens: sum((group) => group.inputTokens),
    outputTokens: sum((group) => group.outputTokens),
    cacheCreationTokens: sum((group) => group.cacheCreationTokens),
    cacheReadTokens: sum((group) => group.cacheReadTokens),
    cost: priced ? sum((group) => group.cost ?? 0) : null,
    unpricedSpanCount: sum((group) => group.cost === null ? group.spanCount : 0),
  };
}
