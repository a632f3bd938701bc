/**
 * What tokens cost.
 *
 * @module
 */

/** Tokens of calls to one model. */
export interface BilledTokens {
  /** As the calls report them: by the GenAI conventions with the cached ones among them. */
  readonly inputTokens: number;
  /** Input tokens that neither filled nor came from a cache. */
  readonly uncachedInputTokens: number;
  readonly outputTokens: number;
  readonly cacheCreationTokens: number;
  readonly cacheReadTokens: number;
}

/** Where and when tokens were used. */
export interface BilledCall {
  readonly model: string;
  readonly providerName: string | null;
  /** Time of the calls, µs. */
  readonly atUs: number;
}

/** Knows prices. */
export interface Pricing {
  /** Times at which some price changes, ascending, µs: calls on either side of one are counted apart. */
  readonly changesUs: readonly number[];
  /** The cost in US dollars; null when the model has no known price, which is not the same as free. */
  costOf(call: BilledCall, tokens: BilledTokens): number | null;
}

/** Prices per million tokens by model, as a request may bring them. */
export interface RequestPrice {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  readonly cacheCreationPerMillion: number;
  readonly cacheReadPerMillion: number;
}

/**
 * The prices of a request: each reported count times its price, at any time and for any provider.
 *
 * @param prices By model; spans without a model are those of `unknown`.
 * @param others Prices of models the request does not name.
 */
export function requestPricing(
  prices: ReadonlyMap<string, RequestPrice>,
  others: Pricing,
): Pricing {
  return {
    changesUs: others.changesUs,
    costOf(call, tokens) {
      const price = prices.get(call.model);
      if (price === undefined) return others.costOf(call, tokens);
      return (tokens.inputTokens * price.inputPerMillion +
        tokens.outputTokens * price.outputPerMillion +
        tokens.cacheCreationTokens * price.cacheCreationPerMillion +
        tokens.cacheReadTokens * price.cacheReadPerMillion) / 1e6;
    },
  };
}
