/**
 * Usage over time, in all and split by one thing: model, provider, operation, agent, tool, service or an attribute.
 *
 * @module
 */

import { ScouterError } from "../../../errors.ts";
import type { Pricing } from "../../../genai/pricing.ts";
import { MODEL_SQL } from "../queries/call_cost.ts";
import { type QueryContext, run } from "../queries/context.ts";
import type { BucketInterval } from "../queries/interval.ts";
import { SqlParams } from "../queries/sql_params.ts";
import type { AgentActivity } from "./agent_dashboard.ts";
import {
  agentSql,
  bucketSql,
  ENCLOSING_SQL,
  type GenAiFilter,
  genAiRows,
  IS_TOOL_SQL,
} from "./genai_rows.ts";
import { FAILURES_SQL, QUANTILES_SQL, readRows, type ResultRow } from "./measures.ts";
import { type BilledGroup, billedGroups, billedTotal } from "./token_costs.ts";

/** What to split by. */
export type UsageSplit =
  | "none"
  | "model"
  | "provider"
  | "operation"
  | "agent"
  | "tool"
  | "service"
  | { readonly attribute: string };

/** Which operations to look at. */
export type UsageOf = "all" | "models" | "agents" | "tools";

/** Operations that share a value; `none` those that name no value, `rest` all values that are not told apart. */
export interface UsageGroup {
  readonly kind: "value" | "none" | "rest";
  /** Empty but for `value`. */
  readonly key: string;
  readonly activity: AgentActivity;
}

/** One group in one bucket of time. */
export interface UsageBucket {
  readonly bucketStartUs: number;
  /** Place in {@linkcode Usage.groups}. */
  readonly group: number;
  readonly activity: AgentActivity;
}

/** The answer. Tokens are those paid for, see `billedGroups`. */
export interface Usage {
  readonly total: AgentActivity;
  /** Most expensive first, then most tokens, then most operations; `none` and `rest` last. */
  readonly groups: readonly UsageGroup[];
  /** By time, then group. */
  readonly buckets: readonly UsageBucket[];
  readonly valueCount: number;
}

const MAX_ATTRIBUTE_LENGTH = 256;

const NAMES = ["model", "provider", "operation", "agent", "tool", "service"] as const;

const OF_SQL: Readonly<Record<UsageOf, readonly string[]>> = {
  all: [],
  models: [`NOT ${IS_TOOL_SQL}`, `NOT ${ENCLOSING_SQL}`],
  agents: [ENCLOSING_SQL],
  tools: [IS_TOOL_SQL],
};

/** Reads `model` … `service`, `tag.<key>`, or nothing. @throws {ScouterError} BAD_REQUEST. */
export function parseSplit(text: string): UsageSplit {
  if (text === "") return "none";
  const name = NAMES.find((name) => name === text);
  if (name !== undefined) return name;
  const attribute = text.startsWith("tag.") ? text.slice("tag.".length) : "";
  if (attribute !== "" && attribute.length <= MAX_ATTRIBUTE_LENGTH) return { attribute };
  throw new ScouterError(
    "BAD_REQUEST",
    `split_by is "${text.slice(0, 64)}"; expected ${NAMES.join(", ")} or tag.<key>.`,
  );
}

/** Reads which operations are meant. @throws {ScouterError} BAD_REQUEST. */
export function parseUsageOf(text: string): UsageOf {
  if (text === "") return "all";
  if (text === "models" || text === "agents" || text === "tools") return text;
  throw new ScouterError(
    "BAD_REQUEST",
    `of is "${text.slice(0, 64)}"; expected models, agents, tools, or nothing for all.`,
  );
}

/**
 * Computes usage.
 *
 * @param maxGroups Values to tell apart.
 */
export async function usage(
  context: QueryContext,
  filter: GenAiFilter,
  question: {
    readonly interval: BucketInterval;
    readonly split: UsageSplit;
    readonly of: UsageOf;
    readonly maxGroups: number;
  },
  pricing: Pricing,
): Promise<Usage> {
  const { interval, split, maxGroups } = question;
  const also = OF_SQL[question.of];
  const top = split === "none"
    ? { keys: [], count: 0 }
    : await topValues(context, filter, split, also, maxGroups, pricing);
  // A group is written as its place from 1; 0 stands for no value, one more than all for the rest.
  const groupSql = (params: SqlParams) => {
    const key = splitSql(context, filter, split, params);
    const keys = params.add(top.keys);
    return `CASE WHEN (${key}) IS NULL THEN 0
      ELSE coalesce(nullif(list_position(${keys}::VARCHAR[], ${key}), 0), ${
      top.keys.length + 1
    }) END::INTEGER`;
  };
  const params = new SqlParams();
  const rows = genAiRows(context, filter, params, also);
  if (rows === null) return { total: NOTHING, groups: [], buckets: [], valueCount: 0 };
  const billed = new SqlParams();
  const bucketAndGroup = `(${bucketSql(interval, billed)})::VARCHAR || ' ' || (${
    groupSql(billed)
  })::VARCHAR`;
  const [result, paid] = await Promise.all([
    run(
      context,
      `SELECT grouping(bucket_us) = 1 AS whole, grouping(place) = 1 AS every, bucket_us, place,
         ${FAILURES_SQL}, ${QUANTILES_SQL}, avg(duration_ms) AS avg_ms
       FROM (SELECT *, ${bucketSql(interval, params)} AS bucket_us, ${groupSql(params)} AS place
         FROM (SELECT * ${rows}) billed)
       GROUP BY GROUPING SETS ((bucket_us, place), (place), ())
       ORDER BY every DESC, whole DESC, bucket_us, place`,
      params,
    ),
    billedGroups(context, filter, billed, pricing, bucketAndGroup, also),
  ]);
  const byPlace = Map.groupBy(paid, ({ key }) => String(key).split(" ")[1] ?? "");
  const byBucket = Map.groupBy(paid, ({ key }) => String(key));
  const order = [...top.keys.map((_, index) => index + 1), 0, top.keys.length + 1];
  let total = NOTHING;
  const found = new Map<number, AgentActivity>();
  const buckets: { bucketStartUs: number; place: number; activity: AgentActivity }[] = [];
  readRows(result, (row) => {
    const place = row.number("place");
    if (row.get("every") === true) total = activityOf(row, paid);
    else if (row.get("whole") === true) {
      found.set(place, activityOf(row, byPlace.get(String(place)) ?? []));
    } else {
      const bucketStartUs = row.number("bucket_us");
      const groups = byBucket.get(`${bucketStartUs} ${place}`) ?? [];
      buckets.push({ bucketStartUs, place, activity: activityOf(row, groups) });
    }
  });
  const places = order.filter((place) => found.has(place));
  return {
    total,
    groups: places.map((place): UsageGroup => {
      const key = top.keys[place - 1];
      return {
        kind: place === 0 ? "none" : key === undefined ? "rest" : "value",
        key: key ?? "",
        activity: found.get(place) ?? NOTHING,
      };
    }),
    buckets: buckets
      .map(({ place, ...bucket }) => ({ ...bucket, group: places.indexOf(place) }))
      .sort((a, b) => a.bucketStartUs - b.bucketStartUs || a.group - b.group),
    valueCount: top.count,
  };
}

/** The values that most is spent on. */
async function topValues(
  context: QueryContext,
  filter: GenAiFilter,
  split: UsageSplit,
  also: readonly string[],
  limit: number,
  pricing: Pricing,
): Promise<{ readonly keys: string[]; readonly count: number }> {
  const params = new SqlParams();
  const rows = genAiRows(context, filter, params, also);
  if (rows === null) return { keys: [], count: 0 };
  const billed = new SqlParams();
  const [result, groups] = await Promise.all([
    run(
      context,
      `SELECT ${splitSql(context, filter, split, params)} AS key, count(*) AS spans
       FROM (SELECT * ${rows}) billed GROUP BY 1`,
      params,
    ),
    billedGroups(
      context,
      filter,
      billed,
      pricing,
      splitSql(context, filter, split, billed),
      also,
    ),
  ]);
  const byKey = Map.groupBy(groups, ({ key }) => key);
  const values = readRows(result, (row) => {
    const key = row.text("key");
    const { cost, inputTokens, outputTokens } = billedTotal(byKey.get(key) ?? []);
    return {
      key,
      cost: cost ?? -1,
      tokens: inputTokens + outputTokens,
      spans: row.number("spans"),
    };
  }).filter((value): value is typeof value & { key: string } => value.key !== null);
  values.sort((a, b) =>
    b.cost - a.cost || b.tokens - a.tokens || b.spans - a.spans || (a.key < b.key ? -1 : 1)
  );
  return { keys: values.slice(0, limit).map(({ key }) => key), count: values.length };
}

/** SQL of a row's value, as a text or null; the rows are called `billed`. */
function splitSql(
  context: QueryContext,
  filter: GenAiFilter,
  split: UsageSplit,
  params: SqlParams,
): string {
  switch (split) {
    case "none":
      return "NULL::VARCHAR";
    case "model":
      // Calls of tools and agents name no model, and have none.
      return `nullif(${MODEL_SQL}, 'unknown')`;
    case "provider":
      return "provider_name";
    case "operation":
      return "operation_name";
    case "service":
      return "service_name";
    case "tool":
      return "tool_name";
    case "agent":
      return agentSql(context, filter, params, "billed");
    default: {
      const key = params.add(split.attribute);
      // A resource attribute's path is a JSON pointer, in which these two characters have a meaning.
      const pointer = params.add(
        `/${split.attribute.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      );
      return `coalesce(json_extract_string(CASE WHEN json_valid(attributes[${key}])
        THEN attributes[${key}] END, '$'), json_extract_string(resource_attributes, ${pointer}))`;
    }
  }
}

const NOTHING: AgentActivity = {
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
};

function activityOf(row: ResultRow, groups: readonly BilledGroup[]): AgentActivity {
  return {
    ...row.failures(),
    ...row.quantiles(),
    avgDurationMs: row.number("avg_ms"),
    ...billedTotal(groups),
  };
}
