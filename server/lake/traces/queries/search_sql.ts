/**
 * Conditions on spans as parameterised SQL. Nothing a user typed becomes part of the SQL's text.
 *
 * @module
 */

import { ScouterError } from "../../../errors.ts";
import { PROMOTED_PAYLOADS } from "../schema.ts";
import { costSql } from "./call_cost.ts";
import { idBytes } from "./identifiers.ts";
import type { SearchAtom, SearchExpression, SearchField } from "./search_expression.ts";
import type { SqlParams } from "./sql_params.ts";

/** Attributes whose string value also has a column of its own, cheaper to filter on than the map. */
export const PROMOTED_NAMES: Readonly<Record<string, string>> = {
  "gen_ai.operation.name": "operation_name",
  "gen_ai.provider.name": "provider_name",
  "gen_ai.request.model": "request_model",
  "gen_ai.response.model": "response_model",
  "gen_ai.conversation.id": "conversation_id",
  "gen_ai.agent.name": "agent_name",
  "gen_ai.agent.id": "agent_id",
  "gen_ai.tool.name": "tool_name",
  "gen_ai.tool.type": "tool_type",
  "error.type": "error_type",
};

const STATUS_CODES: Readonly<Record<string, number>> = { unset: 0, ok: 1, error: 2 };

/** Microseconds between start and end. */
export const DURATION_US = "(epoch_us(end_time) - epoch_us(start_time))";

const TOKENS =
  "CASE WHEN input_tokens IS NULL AND output_tokens IS NULL THEN NULL ELSE coalesce(input_tokens, 0) + coalesce(output_tokens, 0) END";

/** What a span's agent is called. */
const OWN_AGENT_SQL = "agent_name";

/**
 * SQL that is true for spans satisfying the condition. May be null, which counts as false.
 *
 * @param atom The condition.
 * @param params Receives its values.
 * @param agentSql Name of the agent a span counts for; its own unless told otherwise.
 */
export function atomSql(
  atom: SearchAtom,
  params: SqlParams,
  agentSql: string = OWN_AGENT_SQL,
): string {
  if (atom.kind === "text") return textSql(atom.text, params);
  if (atom.kind === "present") return presentSql(atom.field, params, agentSql);
  const { field, op, value } = atom;
  if (op === "=") return equalSql(field, value, params, agentSql);
  if (op === "!=") {
    return `(${presentSql(field, params, agentSql)} AND NOT coalesce(${
      equalSql(field, value, params, agentSql)
    }, false))`;
  }
  return `${numberSql(field, params)} ${op} ${params.add(Number(value))}`;
}

/**
 * SQL over the spans of one trace (inside a GROUP BY trace_id) that is true when the trace satisfies the expression.
 */
export function traceSql(expression: SearchExpression, params: SqlParams): string {
  switch (expression.kind) {
    case "atom":
      return `coalesce(bool_or(${atomSql(expression.atom, params)}), false)`;
    case "not":
      return `NOT (${traceSql(expression.child, params)})`;
    case "and":
    case "or": {
      const joiner = expression.kind === "and" ? " AND " : " OR ";
      return `(${expression.children.map((child) => traceSql(child, params)).join(joiner)})`;
    }
  }
}

/**
 * SQL that is true for spans which themselves satisfy the whole expression, never null.
 *
 * @param conditionSql Writes one condition, such as by {@linkcode atomSql}.
 */
export function spanSql(
  expression: SearchExpression,
  conditionSql: (atom: SearchAtom) => string,
): string {
  switch (expression.kind) {
    case "atom":
      return `coalesce(${conditionSql(expression.atom)}, false)`;
    case "not":
      return `NOT (${spanSql(expression.child, conditionSql)})`;
    default:
      return `(${
        expression.children.map((child) => spanSql(child, conditionSql))
          .join(expression.kind === "and" ? " AND " : " OR ")
      })`;
  }
}

/** SQL true for spans that satisfy at least one of the conditions. */
export function anySql(atoms: readonly SearchAtom[], params: SqlParams): string {
  return `(${atoms.map((atom) => `coalesce(${atomSql(atom, params)}, false)`).join(" OR ")})`;
}

function textSql(text: string, params: SqlParams): string {
  const word = params.add(text.toLowerCase());
  const columns = [
    "span_name",
    "service_name",
    "status_message",
    "map_values(attributes)::VARCHAR",
    "events",
    ...Object.values(PROMOTED_PAYLOADS),
  ];
  return `(${
    columns.map((column) => `coalesce(contains(lower(${column}), ${word}), false)`).join(" OR ")
  })`;
}

/** JSON text of an attribute, null when absent. */
function attributeJson(field: SearchField, params: SqlParams): string {
  if (field.kind === "resource") {
    return `json_extract(resource_attributes, ${
      params.add(jsonPath(field.key))
    }::VARCHAR)::VARCHAR`;
  }
  const key = field.kind === "attribute" ? field.key : "";
  const stored = `attributes[${params.add(key)}]`;
  const column = Object.hasOwn(PROMOTED_PAYLOADS, key) ? PROMOTED_PAYLOADS[key] : undefined;
  if (column === undefined) return stored;
  const own = column === "input" || column === "output" ? column : `to_json(${column})::VARCHAR`;
  return `coalesce(${stored}, ${own})`;
}

const jsonPath = (key: string) => `$."${key.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

function presentSql(field: SearchField, params: SqlParams, agentSql: string): string {
  switch (field.kind) {
    case "attribute": {
      const present = `${attributeJson(field, params)} IS NOT NULL`;
      // Other conventions say the same under names of their own.
      const column = promotedColumn(field);
      return column === undefined ? present : `(${present} OR ${column} IS NOT NULL)`;
    }
    case "resource":
      return `${attributeJson(field, params)} IS NOT NULL`;
    case "cost":
      return `${numberSql(field, params)} IS NOT NULL`;
    case "model":
      return "coalesce(response_model, request_model) IS NOT NULL";
    case "agent":
      return `coalesce(${agentSql}, agent_id) IS NOT NULL`;
    case "tool":
      return "tool_name IS NOT NULL";
    case "conversation":
      return "conversation_id IS NOT NULL";
    case "tokens":
      return `${TOKENS} IS NOT NULL`;
    case "entity":
      return "len(entity_ids) > 0";
    case "queue":
      return "len(queue_ids) > 0";
    default:
      return "true";
  }
}

function numberSql(field: SearchField, params: SqlParams): string {
  if (field.kind === "duration") return DURATION_US;
  if (field.kind === "tokens") return TOKENS;
  if (field.kind === "cost") {
    if (field.prices === undefined) {
      throw new ScouterError(
        "INTERNAL_ERROR",
        "cost was asked for without prices; call withPrices.",
      );
    }
    return costSql(field.prices, params);
  }
  return `try_cast(${attributeJson(field, params)} AS DOUBLE)`;
}

function equalSql(
  field: SearchField,
  value: string | number,
  params: SqlParams,
  agentSql: string,
): string {
  const text = () => params.add(String(value));
  switch (field.kind) {
    case "service":
      return `service_name = ${text()}`;
    case "name":
      return `span_name = ${text()}`;
    case "span-kind":
      return `span_kind = ${text()}`;
    case "status":
      return `status_code = ${params.add(STATUS_CODES[value] ?? -1)}`;
    case "duration":
    case "tokens":
    case "cost":
      return `${numberSql(field, params)} = ${params.add(Number(value))}`;
    case "model":
      return `(response_model = ${text()} OR request_model = ${text()})`;
    case "agent":
      return `(${agentSql} = ${text()} OR agent_id = ${text()})`;
    case "tool":
      return `tool_name = ${text()}`;
    case "conversation":
      return `conversation_id = ${text()}`;
    case "trace":
      return idSql("trace_id", String(value), params);
    case "span":
      return idSql("span_id", String(value), params);
    case "entity":
      return `list_contains(entity_ids, ${text()})`;
    case "queue":
      return `list_contains(queue_ids, ${text()})`;
    case "attribute":
    case "resource":
      return attributeEqualSql(field, String(value), params);
  }
}

/** `=` on ids is wrong in DuckDB 1.5 when the file has a bloom filter for the column; a range is right. */
export function idSql(column: "trace_id" | "span_id", hex: string, params: SqlParams): string {
  const id = params.add(idBytes(hex));
  return `${column} BETWEEN ${id}::BLOB AND ${id}::BLOB`;
}

function promotedColumn(field: SearchField): string | undefined {
  return field.kind === "attribute" && Object.hasOwn(PROMOTED_NAMES, field.key)
    ? PROMOTED_NAMES[field.key]
    : undefined;
}

/**
 * Equality with what a person typed: the JSON string of that text, or the number, boolean or other JSON that reads
 * the same.
 */
function attributeEqualSql(field: SearchField, value: string, params: SqlParams): string {
  const column = promotedColumn(field);
  const isNumber = value.trim() !== "" && Number.isFinite(Number(value));
  const otherwise = isNumber || ["true", "false", "null"].includes(value) ||
    value.startsWith("[") || value.startsWith("{");
  // A statement names no parameter it does not use: the key comes after this.
  if (column !== undefined && !otherwise) return `${column} = ${params.add(value)}`;
  const json = attributeJson(field, params);
  const forms = [
    ...(column === undefined ? [] : [`coalesce(${column} = ${params.add(value)}, false)`]),
    `${json} IN (${params.add(JSON.stringify(value))}, ${params.add(value)})`,
    // Another writer may escape characters differently.
    `(contains(${json}, '\\') AND json_extract_string(${json}, '$') = ${params.add(value)})`,
  ];
  if (isNumber && Math.abs(Number(value)) <= Number.MAX_SAFE_INTEGER) {
    forms.push(`try_cast(${json} AS DOUBLE) = ${params.add(Number(value))}::DOUBLE`);
  }
  return `(${forms.join(" OR ")})`;
}
