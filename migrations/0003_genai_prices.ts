import type { Migration } from "./mod.ts";

/** Prices of models set by the operator; they win over those the server ships with. */
export const genAiPrices: Migration = {
  name: "0003_genai_prices",
  statements: [
    `create table scouter.genai_prices (
       id text primary key,
       model text not null,
       provider_name text,
       effective_from timestamptz not null,
       input_per_million double precision not null,
       output_per_million double precision not null,
       cache_creation_per_million double precision,
       cache_read_per_million double precision,
       updated_at timestamptz not null default now(),
       updated_by text not null
     )`,
    `create unique index genai_prices_by_model on scouter.genai_prices
       (model, coalesce(provider_name, ''), effective_from)`,
  ],
};
