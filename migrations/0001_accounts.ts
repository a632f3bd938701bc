import type { Migration } from "./mod.ts";

/** Users, sessions, API keys, secrets. */
export const accounts: Migration = {
  name: "0001_accounts",
  statements: [
    `create table scouter.users (
       id integer generated always as identity primary key,
       username text not null unique,
       email text unique,
       password_hash text not null,
       active boolean not null default true,
       role text not null default 'user',
       permissions text[] not null default '{}',
       group_permissions text[] not null default '{}',
       favorite_spaces text[] not null default '{}',
       created_at timestamptz not null default now(),
       updated_at timestamptz not null default now()
     )`,
    `create table scouter.recovery_codes (
       user_id integer not null references scouter.users (id) on delete cascade,
       code_hash bytea not null,
       used_at timestamptz,
       primary key (user_id, code_hash)
     )`,
    `create table scouter.sessions (
       id text primary key,
       user_id integer not null references scouter.users (id) on delete cascade,
       token_hash bytea not null unique,
       previous_hash bytea,
       rotated_at timestamptz,
       created_at timestamptz not null default now(),
       expires_at timestamptz not null,
       ends_at timestamptz not null,
       revoked_at timestamptz
     )`,
    `create index sessions_by_user on scouter.sessions (user_id)`,
    `create index sessions_by_previous_hash on scouter.sessions (previous_hash) where previous_hash is not null`,
    `create index sessions_by_expiry on scouter.sessions (expires_at)`,
    `create table scouter.api_keys (
       id text primary key,
       name text not null,
       prefix text not null,
       key_hash bytea not null unique,
       scopes text[] not null,
       space text,
       owner_id integer references scouter.users (id) on delete cascade,
       created_at timestamptz not null default now(),
       expires_at timestamptz,
       revoked_at timestamptz,
       last_used_at timestamptz
     )`,
    `create index api_keys_by_owner on scouter.api_keys (owner_id)`,
    `create table scouter.secrets (
       name text primary key,
       value text not null,
       created_at timestamptz not null default now()
     )`,
    `create table scouter.bootstrap_tokens (
       token_hash bytea primary key,
       created_at timestamptz not null default now(),
       expires_at timestamptz not null,
       used_at timestamptz
     )`,
  ],
};
