/**
 * What the decoder does with a span attribute, decided once per distinct key.
 *
 * @module
 */
import { ATTRIBUTE_ALIASES, type AttributeAlias } from "../../../genai/conventions.ts";
import { PROMOTED_PAYLOADS } from "../schema.ts";
import type { SpanColumnName } from "./span_columns.ts";

/** Kinds of treatment; `PLAIN` must stay 0, it is tested on the hot path. */
export const ACTION = {
  PLAIN: 0,
  /** `scouter.tracing.tag.<k>`: a tag row, and stored under the bare `<k>` as a string. */
  TAG: 1,
  /** `baggage.scouter.tracing.tag.<k>`: the same, and a baggage row. */
  BAGGAGE_TAG: 2,
  /** `baggage.<k>`: a baggage row only. */
  BAGGAGE: 3,
  /** `scouter.entity*`: also an entity id when it is a UUID. */
  ENTITY: 4,
  /** `scouter.queue.record`: also a queue id when it is a UUID. */
  QUEUE: 5,
  /** A string value also fills a column. */
  STRING_COLUMN: 6,
  /** A number also fills a column. */
  TOKEN_COLUMN: 7,
  /** A string value only fills a column; others fill it and stay. */
  PAYLOAD_COLUMN: 8,
  /** Another name of a promoted attribute: stays, and fills its column when nothing better does. */
  ALIAS: 9,
} as const;

/** How to treat one attribute key. */
export interface AttributeAction {
  readonly action: number;
  /** For tags and baggage: the key without its prefix. */
  readonly bareKey?: string;
  /** For promoted attributes: the column. */
  readonly column?: SpanColumnName;
  /** For aliases: what the attribute stands for. */
  readonly alias?: AttributeAlias;
  /** For aliases: the lower goes first. */
  readonly rank?: number;
}

const TAG_PREFIX = "scouter.tracing.tag.";
const BAGGAGE_PREFIX = "baggage.";
const PLAIN: AttributeAction = { action: ACTION.PLAIN };

const STRING_COLUMNS = {
  "scouter.tracing.label": "label",
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
} as const;

const TOKEN_COLUMNS = {
  "gen_ai.usage.input_tokens": "input_tokens",
  "gen_ai.usage.output_tokens": "output_tokens",
  "gen_ai.usage.cache_creation.input_tokens": "cache_creation_input_tokens",
  "gen_ai.usage.cache_read.input_tokens": "cache_read_input_tokens",
} as const;

/** Columns of one kind. */
export type StringColumnName = typeof STRING_COLUMNS[keyof typeof STRING_COLUMNS];
export type TokenColumnName = typeof TOKEN_COLUMNS[keyof typeof TOKEN_COLUMNS];
export type PayloadColumnName =
  | "input"
  | "output"
  | "input_messages"
  | "output_messages"
  | "system_instructions"
  | "tool_definitions";

const PROMOTED: ReadonlyMap<string, AttributeAction> = new Map<string, AttributeAction>([
  ...ATTRIBUTE_ALIASES.map((alias, rank): [string, AttributeAction] => [
    alias.attribute,
    { action: ACTION.ALIAS, column: alias.column, alias, rank },
  ]),
  ...Object.entries(STRING_COLUMNS).map(([key, column]): [string, AttributeAction] => [
    key,
    { action: ACTION.STRING_COLUMN, column },
  ]),
  ...Object.entries(TOKEN_COLUMNS).map(([key, column]): [string, AttributeAction] => [
    key,
    { action: ACTION.TOKEN_COLUMN, column },
  ]),
  ...Object.entries(PROMOTED_PAYLOADS).map(([key, column]): [string, AttributeAction] => [
    key,
    { action: ACTION.PAYLOAD_COLUMN, column: column as PayloadColumnName },
  ]),
]);

/** Decides the treatment of an attribute key. First match wins; prefixes with nothing after them are plain keys. */
export function attributeAction(key: string): AttributeAction {
  if (key.startsWith(BAGGAGE_PREFIX)) {
    const rest = key.slice(BAGGAGE_PREFIX.length);
    if (rest.startsWith(TAG_PREFIX) && rest.length > TAG_PREFIX.length) {
      return { action: ACTION.BAGGAGE_TAG, bareKey: rest.slice(TAG_PREFIX.length) };
    }
    const bareKey = rest.trim();
    return bareKey === "" ? PLAIN : { action: ACTION.BAGGAGE, bareKey };
  }
  if (key.startsWith(TAG_PREFIX) && key.length > TAG_PREFIX.length) {
    return { action: ACTION.TAG, bareKey: key.slice(TAG_PREFIX.length) };
  }
  if (key === "scouter.queue.record") return { action: ACTION.QUEUE };
  if (key.startsWith("scouter.entity")) return { action: ACTION.ENTITY };
  return PROMOTED.get(key) ?? PLAIN;
}
