/**
 * Conversations: GenAI spans that share a conversation id.
 *
 * @module
 */

import type { Pricing } from "../../../genai/pricing.ts";
import { type QueryContext, run } from "../queries/context.ts";
import { SqlParams } from "../queries/sql_params.ts";
import { type GenAiFilter, genAiRows } from "./genai_rows.ts";
import { type FailureCounts, FAILURES_SQL, readRows } from "./measures.ts";
import { billedGroups, type BilledTotal, billedTotal } from "./token_costs.ts";

/** What happened in a conversation, as far as the filter finds its spans. */
export interface Conversation extends FailureCounts, BilledTotal {
  readonly conversationId: string;
  readonly startTimeUs: number;
  /** Start of its latest span. */
  readonly lastSeenUs: number;
  readonly endTimeUs: number;
  readonly traceCount: number;
  readonly toolCallCount: number;
  /** Distinct, sorted, at most {@linkcode MAX_NAMES}; so are the next two. */
  readonly services: readonly string[];
  readonly agents: readonly string[];
  readonly models: readonly string[];
}

/** A place in the list. */
export interface ConversationCursor {
  readonly lastSeenUs: number;
  readonly conversationId: string;
}

/** One page. */
export interface ConversationPage {
  /** The one heard from last first. */
  readonly conversations: readonly Conversation[];
  /** Continues after this page; null at the end. */
  readonly next: ConversationCursor | null;
}

/** Most names a conversation lists of one kind. */
export const MAX_NAMES = 20;

const names = (sql: string) =>
  `list_sort(list(DISTINCT ${sql}) FILTER (${sql} IS NOT NULL))[:${MAX_NAMES}]`;

/** Lists conversations, the one heard from last first. */
export async function listConversations(
  context: QueryContext,
  filter: GenAiFilter,
  page: { readonly limit: number; readonly after?: ConversationCursor },
  pricing: Pricing,
): Promise<ConversationPage> {
  const params = new SqlParams();
  const rows = genAiRows(context, filter, params, ["conversation_id IS NOT NULL"]);
  if (rows === null) return { conversations: [], next: null };
  const { limit, after } = page;
  const beyond = after === undefined
    ? "true"
    : `(last_us, id) < (${params.add(BigInt(Math.round(after.lastSeenUs)))}::BIGINT, ${
      params.add(after.conversationId)
    }::VARCHAR)`;
  const result = await run(
    context,
    `SELECT conversation_id AS id, epoch_us(min(start_time)) AS start_us,
       epoch_us(max(start_time)) AS last_us, epoch_us(max(end_time)) AS end_us, ${FAILURES_SQL},
       count(DISTINCT trace_id) AS traces,
       count(*) FILTER (operation_name = 'execute_tool') AS tool_calls,
       ${names("service_name")} AS services, ${names("agent_name")} AS agents,
       ${names("coalesce(response_model, request_model)")} AS models
     ${rows} GROUP BY conversation_id HAVING ${beyond}
     ORDER BY last_us DESC, id DESC LIMIT ${params.add(limit + 1)}`,
    params,
  );
  const found = readRows(result, (row) => ({
    conversationId: row.text("id") ?? "",
    startTimeUs: row.number("start_us"),
    lastSeenUs: row.number("last_us"),
    endTimeUs: row.number("end_us"),
    traceCount: row.number("traces"),
    toolCallCount: row.number("tool_calls"),
    services: row.texts("services"),
    agents: row.texts("agents"),
    models: row.texts("models"),
    ...row.failures(),
  }));
  const shown = found.slice(0, limit);
  if (shown.length === 0) return { conversations: [], next: null };
  const billed = new SqlParams();
  const ids = billed.add(shown.map((conversation) => conversation.conversationId));
  const groups = Map.groupBy(
    await billedGroups(context, filter, billed, pricing, "conversation_id", [
      `conversation_id IN (SELECT unnest(${ids}::VARCHAR[]))`,
    ]),
    (group) => group.key,
  );
  const last = shown.at(-1);
  return {
    conversations: shown.map((conversation) => ({
      ...conversation,
      ...billedTotal(groups.get(conversation.conversationId) ?? []),
    })),
    next: found.length > limit && last !== undefined
      ? { lastSeenUs: last.lastSeenUs, conversationId: last.conversationId }
      : null,
  };
}
