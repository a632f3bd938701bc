/**
 * Keys and values of GenAI operations that complete a search.
 *
 * @module
 */

import { type QueryContext, run } from "../queries/context.ts";
import type { SearchFacet, SearchFacets, SearchWord } from "../queries/search_completion.ts";
import { PROMOTED_NAMES } from "../queries/search_sql.ts";
import { SqlParams } from "../queries/sql_params.ts";
import { agentSql, type GenAiFilter, genAiRows } from "./genai_rows.ts";
import { readRows } from "./measures.ts";

/** Longer values help nobody who types. */
const MAX_VALUE_BYTES = 256;

const MODELS_SQL =
  "list_distinct(list_filter([response_model, request_model], x -> x IS NOT NULL))";

/** Fields of an operation as lists of texts, by the name the search language has for them. */
const FIELDS: Readonly<Record<string, string>> = {
  service: "[service_name]",
  name: "[span_name]",
  kind: "[lower(span_kind)]",
  status: "[CASE status_code WHEN 2 THEN 'error' WHEN 1 THEN 'ok' ELSE 'unset' END]",
  model: MODELS_SQL,
  tool: "[tool_name]",
  conversation: "[conversation_id]",
  entity: "coalesce(entity_ids, [])",
};

/**
 * Counts the operations that have each key, or each value of the key that was typed, beginning with what was typed.
 *
 * @param limit Most keys or values.
 */
export async function searchFacets(
  context: QueryContext,
  filter: GenAiFilter,
  word: SearchWord,
  limit: number,
): Promise<SearchFacets> {
  const found = word.key === null
    ? await keys(context, filter, word.prefix, limit)
    : await values(context, filter, word.key, word.prefix, limit);
  return { fields: found, attributes: [] };
}

async function keys(
  context: QueryContext,
  filter: GenAiFilter,
  prefix: string,
  limit: number,
): Promise<SearchFacet[]> {
  const params = new SqlParams();
  const rows = genAiRows(context, filter, params);
  if (rows === null) return [];
  const typed = params.add(prefix.toLowerCase());
  const scope = ["tag.", "resource."].find((scope) => prefix.startsWith(scope)) ?? "";
  const lists = scope === "resource."
    ? "CASE WHEN json_valid(resource_attributes) THEN json_keys(resource_attributes) ELSE [] END"
    : "map_keys(attributes)";
  const result = await run(
    context,
    `SELECT ${params.add(scope)} || key AS name, count(*) AS spans
     FROM (SELECT unnest(${lists}) AS key ${rows})
     WHERE starts_with(lower(name), ${typed}) GROUP BY 1 ORDER BY spans DESC, name LIMIT ${
      params.add(limit)
    }`,
    params,
  );
  return readRows(result, (row) => ({
    key: row.text("name") ?? "",
    spanCount: row.number("spans"),
    values: [],
  }));
}

async function values(
  context: QueryContext,
  filter: GenAiFilter,
  key: string,
  prefix: string,
  limit: number,
): Promise<SearchFacet[]> {
  const params = new SqlParams();
  const rows = genAiRows(context, filter, params);
  if (rows === null) return [];
  const result = await run(
    context,
    `SELECT value, count(*) AS spans
     FROM (SELECT unnest(${valuesSql(context, filter, key, params)}) AS value
       FROM (SELECT * ${rows}) found)
     WHERE value IS NOT NULL AND strlen(value) <= ${MAX_VALUE_BYTES}
       AND starts_with(lower(value), ${params.add(prefix.toLowerCase())})
     GROUP BY 1 ORDER BY spans DESC, value LIMIT ${params.add(limit)}`,
    params,
  );
  const counted = readRows(result, (row) => ({
    value: row.text("value") ?? "",
    spanCount: row.number("spans"),
  }));
  return [{
    key: key.startsWith("tag.") ? key.slice("tag.".length) : key,
    spanCount: counted.reduce((sum, { spanCount }) => sum + spanCount, 0),
    values: counted,
  }];
}

/** SQL of the texts that a row has for a key; the rows are called `found`. */
function valuesSql(
  context: QueryContext,
  filter: GenAiFilter,
  key: string,
  params: SqlParams,
): string {
  if (key === "agent") return `[${agentSql(context, filter, params, "found")}]`;
  const field = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
  if (field !== undefined) return field;
  if (key.startsWith("resource.")) {
    // The path is a JSON pointer, in which these two characters have a meaning.
    const name = key.slice("resource.".length).replaceAll("~", "~0").replaceAll("/", "~1");
    return `[json_extract_string(resource_attributes, ${params.add(`/${name}`)})]`;
  }
  const name = key.startsWith("tag.") ? key.slice("tag.".length) : key;
  const stored = `attributes[${params.add(name)}]`;
  const text = `json_extract_string(CASE WHEN json_valid(${stored}) THEN ${stored} END, '$')`;
  const column = Object.hasOwn(PROMOTED_NAMES, name) ? PROMOTED_NAMES[name] : undefined;
  return `[${column === undefined ? text : `coalesce(${column}, ${text})`}]`;
}
