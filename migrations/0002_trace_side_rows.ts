import type { Migration } from "./mod.ts";

/**
 * Tags, baggage and entities found on spans. Their texts come from spans and may be of any length, while a B-tree
 * entry may not: identity is therefore a hash of the texts.
 */
export const traceSideRows: Migration = {
  name: "0002_trace_side_rows",
  statements: [
    `create table scouter.tags (
       tag_hash bytea primary key,
       pair_hash bytea not null,
       entity_type text not null,
       entity_id text not null,
       key text not null,
       value text not null,
       created_at timestamptz not null default now(),
       updated_at timestamptz not null default now()
     )`,
    `create index tags_by_entity on scouter.tags (entity_type, entity_id)`,
    `create index tags_by_pair on scouter.tags (pair_hash)`,
    `create table scouter.trace_baggage (
       trace_id bytea not null,
       row_hash bytea not null,
       created_at timestamptz not null,
       scope text not null,
       key text not null,
       value text not null,
       primary key (trace_id, row_hash)
     )`,
    `create index trace_baggage_by_time on scouter.trace_baggage (created_at)`,
    `create table scouter.trace_entities (
       entity_uid uuid not null,
       tagged_at timestamptz not null,
       trace_id bytea not null,
       queue_owned boolean not null default false,
       primary key (entity_uid, tagged_at, trace_id)
     )`,
    `create index trace_entities_by_trace on scouter.trace_entities (trace_id)`,
    `create index trace_entities_by_time on scouter.trace_entities (tagged_at)`,
  ],
};
