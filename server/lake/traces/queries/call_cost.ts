/**
 * What a span's own tokens cost, as SQL: a search may compare it.
 *
 * @module
 */

import type { PriceTable } from "../../../genai/price_table.ts";
import type { QueryContext } from "./context.ts";
import { columnOf, numberOrNull, run } from "./context.ts";
import { pruneFiles } from "./prune.ts";
import {
  type CallPrices,
  mapFields,
  mentions,
  type SearchExpression,
} from "./search_expression.ts";
import { SqlParams } from "./sql_params.ts";

/** Knows the price of a call, and when prices change. */
export type PriceLookup = Pick<PriceTable, "changesUs" | "priceOf">;

/** No model has a price. */
export const NO_PRICES: PriceLookup = { changesUs: [], priceOf: () => undefined };

/** The model that answered, else the one asked for. */
export const MODEL_SQL = "coalesce(response_model, request_model, 'unknown')";

/** Cached tokens that input_tokens includes; of a span that reports less input than cached tokens, none. */
export const INCLUDED_SQL = `CASE WHEN input_tokens >=
    coalesce(cache_creation_input_tokens, 0) + coalesce(cache_read_input_tokens, 0)
  THEN coalesce(cache_creation_input_tokens, 0) + coalesce(cache_read_input_tokens, 0) ELSE 0 END`;

/** Holds for spans that tell tokens of any kind. */
export const HAS_TOKENS_SQL = `coalesce(input_tokens, output_tokens, cache_creation_input_tokens,
  cache_read_input_tokens) IS NOT NULL`;

/** Number of a span's price period. */
function periodSql(changesUs: readonly number[], params: SqlParams): string {
  return changesUs.length === 0
    ? "0"
    : `(${changesUs.map((us) => `(start_time >= ${params.time(us)})::INTEGER`).join(" + ")})`;
}

/** Provider, model and period of a span in one text. */
const callKeySql = (changesUs: readonly number[], params: SqlParams) =>
  `(${periodSql(changesUs, params)} || ' ' || length(coalesce(provider_name, '')) || ' ' ||
    coalesce(provider_name, '') || ' ' || ${MODEL_SQL})`;

/**
 * Adds to each condition on cost the prices of the calls in a window.
 *
 * @param window Where the spans that are compared start, µs.
 */
export async function withPrices(
  context: QueryContext,
  expression: SearchExpression,
  window: { readonly startUs?: number; readonly endUs?: number },
  table: PriceLookup,
): Promise<SearchExpression> {
  if (!mentions(expression, "cost")) return expression;
  const prices = await callPrices(context, window, table);
  return mapFields(expression, (field) => field.kind === "cost" ? { ...field, prices } : field);
}

async function callPrices(
  context: QueryContext,
  window: { readonly startUs?: number; readonly endUs?: number },
  table: PriceLookup,
): Promise<CallPrices> {
  const { startUs = -Infinity, endUs = Infinity } = window;
  const changesUs = table.changesUs.filter((us) => us > startUs && us < endUs);
  const keys: string[] = [];
  const input: string[] = [];
  const output: string[] = [];
  const cacheCreation: string[] = [];
  const cacheRead: string[] = [];
  const files = pruneFiles(context.files, { fromUs: startUs, toUs: endUs });
  if (files.length > 0) {
    const params = new SqlParams();
    const within = [
      HAS_TOKENS_SQL,
      ...(Number.isFinite(startUs) ? [`start_time >= ${params.time(startUs)}`] : []),
      ...(Number.isFinite(endUs) ? [`start_time < ${params.time(endUs)}`] : []),
    ];
    const result = await run(
      context,
      `SELECT ${callKeySql(changesUs, params)} AS key, any_value(provider_name) AS provider,
         any_value(${MODEL_SQL}) AS model, epoch_us(max(start_time)) AS at_us
       FROM ${params.files(files)} WHERE ${within.join(" AND ")} GROUP BY 1`,
      params,
    );
    const column = (name: string) => columnOf(result, name);
    for (let row = 0; row < result.rowCount; row++) {
      const [key, model] = [column("key")[row], column("model")[row]];
      const provider = column("provider")[row];
      if (typeof key !== "string" || typeof model !== "string") continue;
      const price = table.priceOf({
        model,
        providerName: typeof provider === "string" ? provider : null,
        atUs: numberOrNull(column("at_us")[row]) ?? 0,
      });
      if (price === undefined) continue;
      keys.push(key);
      input.push(String(price.inputPerMillion));
      output.push(String(price.outputPerMillion));
      cacheCreation.push(String(price.cacheCreationPerMillion ?? price.inputPerMillion));
      cacheRead.push(String(price.cacheReadPerMillion ?? price.inputPerMillion));
    }
  }
  return { changesUs, keys, input, output, cacheCreation, cacheRead };
}

/** US dollars a span's own tokens cost; null when it tells none or its model has no known price. */
export function costSql(prices: CallPrices, params: SqlParams): string {
  const place = `list_position(${params.add(prices.keys)}::VARCHAR[], ${
    callKeySql(prices.changesUs, params)
  })`;
  const price = (list: readonly string[]) => `(${params.add(list)}::VARCHAR[]::DOUBLE[])[${place}]`;
  return `(CASE WHEN ${HAS_TOKENS_SQL} THEN (
    ${price(prices.input)} * coalesce(input_tokens - (${INCLUDED_SQL}), 0)
    + ${price(prices.cacheCreation)} * coalesce(cache_creation_input_tokens, 0)
    + ${price(prices.cacheRead)} * coalesce(cache_read_input_tokens, 0)
    + ${price(prices.output)} * coalesce(output_tokens, 0)) / 1e6 END)`;
}
