/**
 * The tables of the relational store as Kysely sees them. The DDL is in `migrations/`.
 *
 * @module
 */

import type { ColumnType, Generated } from "kysely";

/** A column filled by the database or by us with a Date, never changed afterwards. */
type CreatedAt = ColumnType<Date, Date | undefined, never>;
type NullableDate = ColumnType<Date | null, Date | null | undefined, Date | null>;

/** `scouter.users`. */
export interface UsersTable {
  id: Generated<number>;
  username: string;
  email: string | null;
  password_hash: string;
  active: Generated<boolean>;
  role: Generated<string>;
  permissions: string[];
  group_permissions: string[];
  favorite_spaces: string[];
  created_at: CreatedAt;
  updated_at: ColumnType<Date, Date | undefined, Date>;
}

/** `scouter.recovery_codes`: SHA-256 of codes that reset a password once. */
export interface RecoveryCodesTable {
  user_id: number;
  code_hash: Uint8Array;
  used_at: NullableDate;
}

/** `scouter.sessions`: one row per login; holds the hash of its refresh token. */
export interface SessionsTable {
  id: string;
  user_id: number;
  token_hash: Uint8Array;
  previous_hash: Uint8Array | null;
  rotated_at: NullableDate;
  created_at: CreatedAt;
  expires_at: ColumnType<Date, Date, Date>;
  ends_at: ColumnType<Date, Date, never>;
  revoked_at: NullableDate;
}

/** `scouter.api_keys`: long-lived keys for exporters and scripts. */
export interface ApiKeysTable {
  id: string;
  name: string;
  prefix: string;
  key_hash: Uint8Array;
  scopes: string[];
  space: string | null;
  owner_id: number | null;
  created_at: CreatedAt;
  expires_at: NullableDate;
  revoked_at: NullableDate;
  last_used_at: NullableDate;
}

/** `scouter.secrets`: generated once, kept for the life of the installation. */
export interface SecretsTable {
  name: string;
  value: string;
  created_at: CreatedAt;
}

/** `scouter.bootstrap_tokens`: one-time links that create the first administrator. */
export interface BootstrapTokensTable {
  token_hash: Uint8Array;
  created_at: CreatedAt;
  expires_at: ColumnType<Date, Date, never>;
  used_at: NullableDate;
}

/** `scouter.tags`. `tag_hash` identifies the four texts, `pair_hash` the (key, value) pair; both fit an index. */
export interface TagsTable {
  tag_hash: Uint8Array;
  pair_hash: Uint8Array;
  entity_type: string;
  entity_id: string;
  key: string;
  value: string;
  created_at: CreatedAt;
  updated_at: ColumnType<Date, Date | undefined, Date>;
}

/** `scouter.trace_baggage`. */
export interface TraceBaggageTable {
  trace_id: Uint8Array;
  row_hash: Uint8Array;
  created_at: ColumnType<Date, Date, never>;
  scope: string;
  key: string;
  value: string;
}

/** `scouter.trace_entities`. */
export interface TraceEntitiesTable {
  trace_id: Uint8Array;
  entity_uid: string;
  tagged_at: ColumnType<Date, Date, never>;
  queue_owned: boolean;
}

/** `scouter.genai_prices`: US dollars per million tokens. */
export interface GenAiPricesTable {
  id: string;
  model: string;
  provider_name: string | null;
  effective_from: ColumnType<Date, Date, Date>;
  input_per_million: number;
  output_per_million: number;
  cache_creation_per_million: number | null;
  cache_read_per_million: number | null;
  updated_at: ColumnType<Date, Date | undefined, Date>;
  updated_by: string;
}

/** Every table, by its qualified name. */
export interface ScouterSchema {
  "scouter.users": UsersTable;
  "scouter.recovery_codes": RecoveryCodesTable;
  "scouter.sessions": SessionsTable;
  "scouter.api_keys": ApiKeysTable;
  "scouter.secrets": SecretsTable;
  "scouter.bootstrap_tokens": BootstrapTokensTable;
  "scouter.tags": TagsTable;
  "scouter.trace_baggage": TraceBaggageTable;
  "scouter.trace_entities": TraceEntitiesTable;
  "scouter.genai_prices": GenAiPricesTable;
}
