/**
 * Prices of models.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { z } from "zod";
import { callerOf, requireAuth } from "../auth/require_auth.ts";
import type { StoredPrice } from "../db/genai_prices.ts";
import type { PriceBook } from "../genai/price_book.ts";
import type { ModelPrice } from "../genai/price_table.ts";
import { formatTimeUs, parseTimeUs } from "../lake/traces/queries/identifiers.ts";
import type { Authority } from "./authority.ts";
import type { HttpApp, HttpEnv } from "./context.ts";
import { jsonBody } from "./json_body.ts";

/** What the routes need. */
export interface GenAiPriceRoutesDeps {
  readonly authority: Authority;
  readonly prices: PriceBook;
}

const dollars = z.number().min(0).max(1e9);
const PriceBody = z.object({
  model: z.string().trim().min(1).max(256),
  provider_name: z.string().trim().min(1).max(256).nullish(),
  effective_from: z.string().nullish(),
  input_per_million: dollars,
  output_per_million: dollars,
  cache_creation_per_million: dollars.nullish(),
  cache_read_per_million: dollars.nullish(),
});

/** Routes under `/scouter/genai/prices`. Whoever may read sees prices; an administrator sets them. */
export function genAiPriceRoutes({ authority, prices }: GenAiPriceRoutesDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();

  app.get("/scouter/genai/prices", requireAuth(authority, "read"), async (c) => {
    const overrides = await prices.overrides();
    return c.json({
      currency: "USD",
      prices: [
        ...overrides.map((price) => ({ ...priceJson(price), ...overrideJson(price) })),
        ...prices.defaults.map((price) => ({ ...priceJson(price), source: "default" })),
      ],
    });
  });

  app.put("/scouter/genai/prices", requireAuth(authority, "admin"), async (c) => {
    const body = await jsonBody(c, PriceBody);
    await prices.put({
      model: body.model,
      providerName: body.provider_name ?? null,
      effectiveFromUs: body.effective_from == null
        ? 0
        : parseTimeUs(body.effective_from, "effective_from"),
      inputPerMillion: body.input_per_million,
      outputPerMillion: body.output_per_million,
      cacheCreationPerMillion: body.cache_creation_per_million ?? null,
      cacheReadPerMillion: body.cache_read_per_million ?? null,
    }, callerOf(c).username);
    return c.json({ status: "success", message: "The price was set." });
  });

  app.delete("/scouter/genai/prices/:id", requireAuth(authority, "admin"), async (c) => {
    await prices.remove(c.req.param("id"));
    return c.json({ status: "success", message: "The price was removed." });
  });

  return app;
}

function priceJson(price: ModelPrice) {
  return {
    model: price.model,
    provider_name: price.providerName,
    effective_from: formatTimeUs(price.effectiveFromUs),
    input_per_million: price.inputPerMillion,
    output_per_million: price.outputPerMillion,
    cache_creation_per_million: price.cacheCreationPerMillion,
    cache_read_per_million: price.cacheReadPerMillion,
  };
}

function overrideJson(price: StoredPrice) {
  return {
    source: "override",
    id: price.id,
    updated_at: formatTimeUs(price.updatedAtUs),
    updated_by: price.updatedBy,
  };
}
