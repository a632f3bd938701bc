/**
 * Why models stopped.
 *
 * @module
 */

import { type QueryContext, run } from "../queries/context.ts";
import { SqlParams } from "../queries/sql_params.ts";
import { ENCLOSING_SQL, type GenAiFilter, genAiRows, IS_TOOL_SQL } from "./genai_rows.ts";
import { readRows } from "./measures.ts";

/** How many answers ended for which reason. */
export interface FinishReasons {
  /** Most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  /** Calls of models that tell none. */
  readonly untoldCount: number;
}

const TOLD_SQL = "attributes['gen_ai.response.finish_reasons']";

/** Most reasons in one answer. */
const MAX_REASONS = 100;

/** Counts the reasons that calls of models tell, by their attribute or else in their messages. */
export async function finishReasons(
  context: QueryContext,
  filter: GenAiFilter,
): Promise<FinishReasons> {
  const params = new SqlParams();
  const rows = genAiRows(context, filter, params, [
    `NOT ${IS_TOOL_SQL}`,
    `NOT ${ENCLOSING_SQL}`,
  ]);
  if (rows === null) return { reasons: [], untoldCount: 0 };
  const result = await run(
    context,
    `WITH calls AS (
       SELECT CASE WHEN json_valid(${TOLD_SQL}) THEN ${TOLD_SQL} END AS told,
         CASE WHEN json_valid(output_messages) THEN output_messages END AS said ${rows}),
     lists AS (
       SELECT CASE WHEN json_type(told) = 'ARRAY' THEN json_extract_string(told, '$[*]')
         WHEN json_type(told) = 'VARCHAR' THEN
           CASE WHEN json_valid(told->>'$') AND json_type(told->>'$') = 'ARRAY'
             THEN json_extract_string(told->>'$', '$[*]') ELSE [told->>'$'] END
         WHEN json_type(said) = 'ARRAY' THEN json_extract_string(said, '$[*].finish_reason')
         END AS list
       FROM calls),
     told AS (SELECT list_filter(coalesce(list, []), lambda x: x IS NOT NULL AND x <> '') AS list FROM lists)
     SELECT reason, count(*) AS answers FROM (
       SELECT unnest(CASE WHEN len(list) = 0 THEN [NULL] ELSE list END) AS reason FROM told)
     GROUP BY 1 ORDER BY answers DESC, reason LIMIT ${MAX_REASONS}`,
    params,
  );
  const counted = readRows(result, (row) => ({
    reason: row.text("reason"),
    count: row.number("answers"),
  }));
  return {
    reasons: counted.filter((entry): entry is { reason: string; count: number } =>
      entry.reason !== null
    ),
    untoldCount: counted.find(({ reason }) => reason === null)?.count ?? 0,
  };
}
