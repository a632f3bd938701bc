/**
 * Which spans of one trace satisfy a search. Unlike in a search for traces, every condition is asked of each span by
 * itself, and words are looked for in everything a span carries.
 *
 * @module
 */

import { PROMOTED_PAYLOADS } from "../schema.ts";
import { columnOf, type QueryContext, run, traceHashes } from "./context.ts";
import { idHex } from "./identifiers.ts";
import { pruneFiles } from "./prune.ts";
import type { SearchAtom, SearchExpression } from "./search_expression.ts";
import { atomSql, idSql, spanSql } from "./search_sql.ts";
import { SqlParams } from "./sql_params.ts";
import { MAX_TRACE_SPANS } from "./trace_spans.ts";

/** Spans that were found. */
export interface FoundSpans {
  /** Lowercase hex, by start time, then id. */
  readonly spanIds: readonly string[];
  /** True when there are more than an answer holds. */
  readonly truncated: boolean;
}

/** Plain text. */
const TEXTS = [
  "span_name",
  "service_name",
  "status_message",
  "label",
  "error_type",
  "scope_name",
  "operation_name",
  "provider_name",
  "request_model",
  "response_model",
  "agent_name",
  "tool_name",
  "array_to_string(map_keys(attributes), chr(10))",
];
/** JSON, in which some characters are written otherwise. */
const JSON_TEXTS = [
  "array_to_string(map_values(attributes), chr(10))",
  "resource_attributes",
  "scope_attributes",
  "events",
  "links",
  ...Object.values(PROMOTED_PAYLOADS),
];
const SPAN_ID = /^[0-9a-f]{16}$/;

/**
 * Finds spans.
 *
 * @param traceId Lowercase hex.
 */
export async function findSpans(
  context: QueryContext,
  traceId: string,
  search: SearchExpression,
): Promise<FoundSpans> {
  const files = pruneFiles(context.files, { traceHashes: traceHashes(context, [traceId]) });
  if (files.length === 0) return { spanIds: [], truncated: false };
  const params = new SqlParams();
  const result = await run(
    context,
    `SELECT span_id FROM ${params.files(files)}
     WHERE ${idSql("trace_id", traceId, params)} AND ${
      spanSql(search, (atom) => conditionSql(atom, params))
    }
     ORDER BY start_time, span_id LIMIT ${params.add(MAX_TRACE_SPANS + 1)}`,
    params,
  );
  const ids = columnOf(result, "span_id").flatMap((id) =>
    id instanceof Uint8Array ? [idHex(id)] : []
  );
  return { spanIds: ids.slice(0, MAX_TRACE_SPANS), truncated: ids.length > MAX_TRACE_SPANS };
}

function conditionSql(atom: SearchAtom, params: SqlParams): string {
  if (atom.kind !== "text") return atomSql(atom, params);
  const text = atom.text.toLowerCase();
  const inJson = JSON.stringify(text).slice(1, -1);
  const has = (column: string, word: string) =>
    `coalesce(contains(lower(${column}), ${params.add(word)}), false)`;
  const conditions = [
    ...[...TEXTS, ...JSON_TEXTS].map((column) => has(column, text)),
    ...(inJson === text ? [] : JSON_TEXTS.map((column) => has(column, inJson))),
    ...(SPAN_ID.test(text) ? [idSql("span_id", text, params)] : []),
  ];
  return `(${conditions.join(" OR ")})`;
}
