/**
 * Prices of models with the dates from which they hold.
 *
 * @module
 */

import { modelNames } from "./model_names.ts";
import type { BilledCall, BilledTokens, Pricing } from "./pricing.ts";

/** What a model costs from a date on, in US dollars per million tokens. */
export interface ModelPrice {
  /** The model's name; also found under longer names of the same model (see `modelNames`). */
  readonly model: string;
  /** Whose price it is (`gen_ai.provider.name`); null when it holds whoever serves the model. */
  readonly providerName: string | null;
  /** The price holds for calls from this time on, µs, until the model's next one. */
  readonly effectiveFromUs: number;
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  /** Null when tokens that fill a cache cost what other input does. */
  readonly cacheCreationPerMillion: number | null;
  /** Null when tokens from a cache cost what other input does. */
  readonly cacheReadPerMillion: number | null;
}

/**
 * Looks prices up. For each of a model's names, the most specific first, an override that holds at the time wins over
 * a default, and a price of the provider over one for all.
 */
export class PriceTable implements Pricing {
  readonly changesUs: readonly number[];
  readonly #layers: readonly ReadonlyMap<string, readonly ModelPrice[]>[];

  /**
   * @param overrides Prices set by the operator.
   * @param defaults Prices shipped with the server.
   */
  constructor(overrides: readonly ModelPrice[], defaults: readonly ModelPrice[]) {
    this.#layers = [overrides, defaults].map((prices) =>
      Map.groupBy(
        // The last that holds is the first found.
        prices.toSorted((a, b) => b.effectiveFromUs - a.effectiveFromUs),
        (price) => price.model.trim().toLowerCase(),
      )
    );
    this.changesUs = [
      ...new Set([...overrides, ...defaults].map((price) => price.effectiveFromUs)),
    ].sort((a, b) => a - b);
  }

  /** The price of a call; undefined when none is known. */
  priceOf({ model, providerName, atUs }: BilledCall): ModelPrice | undefined {
    for (const name of modelNames(model)) {
      for (const layer of this.#layers) {
        const holding = (layer.get(name) ?? []).filter((price) => price.effectiveFromUs <= atUs);
        const price = holding.find((price) =>
          price.providerName !== null && price.providerName === providerName
        ) ?? holding.find((price) =>
          price.providerName === null
        );
        if (price !== undefined) return price;
      }
    }
    return undefined;
  }

  costOf(call: BilledCall, tokens: BilledTokens): number | null {
    const price = this.priceOf(call);
    if (price === undefined) return null;
    const { inputPerMillion, cacheCreationPerMillion, cacheReadPerMillion } = price;
    return (tokens.uncachedInputTokens * inputPerMillion +
      tokens.cacheCreationTokens * (cacheCreationPerMillion ?? inputPerMillion) +
      tokens.cacheReadTokens * (cacheReadPerMillion ?? inputPerMillion) +
      tokens.outputTokens * price.outputPerMillion) / 1e6;
  }
}
