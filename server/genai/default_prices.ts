/**
 * List prices of widely used models, in US dollars per million tokens at the standard tier and the shortest context.
 * Models that are not here are unpriced until somebody sets their price.
 *
 * @module
 */

import type { ModelPrice } from "./price_table.ts";

/** Input, output, and where they have a price of their own: reading from and filling the cache. */
type Rates = readonly [input: number, output: number, cacheRead?: number, cacheCreation?: number];

/** By model: the price from the beginning, and the dates (UTC) of its changes. */
const RATES: Readonly<Record<string, Rates | Readonly<Record<string, Rates>>>> = {
  // OpenAI
  "gpt-5.1": [1.25, 10, 0.125],
  "gpt-5": [1.25, 10, 0.125],
  "gpt-5-mini": [0.25, 2, 0.025],
  "gpt-5-nano": [0.05, 0.4, 0.005],
  "gpt-4.1": [2, 8, 0.5],
  "gpt-4.1-mini": [0.4, 1.6, 0.1],
  "gpt-4.1-nano": [0.1, 0.4, 0.025],
  "gpt-4o": { "1970-01-01": [5, 15], "2024-10-02": [2.5, 10, 1.25] },
  "gpt-4o-2024-05-13": [5, 15],
  "gpt-4o-mini": [0.15, 0.6, 0.075],
  "gpt-4-turbo": [10, 30],
  "gpt-4-turbo-preview": [10, 30],
  "gpt-4-1106-preview": [10, 30],
  "gpt-4-0125-preview": [10, 30],
  "gpt-4": [30, 60],
  "gpt-4-32k": [60, 120],
  "gpt-3.5-turbo": [0.5, 1.5],
  "gpt-3.5-turbo-1106": [1, 2],
  "gpt-3.5-turbo-0613": [1.5, 2],
  "o1": [15, 60, 7.5],
  "o1-preview": [15, 60, 7.5],
  "o3": { "1970-01-01": [10, 40, 2.5], "2025-06-10": [2, 8, 0.5] },
  "o3-mini": [1.1, 4.4, 0.55],
  "o4-mini": [1.1, 4.4, 0.275],
  "text-embedding-3-small": [0.02, 0],
  "text-embedding-3-large": [0.13, 0],
  "text-embedding-ada-002": [0.1, 0],
  // Anthropic; filling the cache at its default lifetime of five minutes.
  "claude-opus-4-5": [5, 25, 0.5, 6.25],
  "claude-opus-4-1": [15, 75, 1.5, 18.75],
  "claude-opus-4": [15, 75, 1.5, 18.75],
  "claude-opus-4-0": [15, 75, 1.5, 18.75],
  "claude-sonnet-4-5": [3, 15, 0.3, 3.75],
  "claude-sonnet-4": [3, 15, 0.3, 3.75],
  "claude-sonnet-4-0": [3, 15, 0.3, 3.75],
  "claude-haiku-4-5": [1, 5, 0.1, 1.25],
  "claude-3-7-sonnet": [3, 15, 0.3, 3.75],
  "claude-3-5-sonnet": [3, 15, 0.3, 3.75],
  "claude-3-5-haiku": [0.8, 4, 0.08, 1],
  "claude-3-opus": [15, 75, 1.5, 18.75],
  "claude-3-sonnet": [3, 15],
  "claude-3-haiku": [0.25, 1.25, 0.03, 0.3],
  // Google
  "gemini-2.5-pro": [1.25, 10],
  "gemini-2.5-flash": [0.3, 2.5],
  "gemini-2.5-flash-lite": [0.1, 0.4],
  "gemini-2.0-flash": [0.1, 0.4],
  "gemini-2.0-flash-lite": [0.075, 0.3],
  "gemini-1.5-pro": { "1970-01-01": [3.5, 10.5], "2024-10-01": [1.25, 5] },
  "gemini-1.5-flash": { "1970-01-01": [0.35, 1.05], "2024-08-12": [0.075, 0.3] },
};

/** The prices the server ships with. */
export const DEFAULT_PRICES: readonly ModelPrice[] = Object.entries(RATES).flatMap(
  ([model, rates]) => {
    const dated = Array.isArray(rates) ? { "1970-01-01": rates } : rates;
    return Object.entries(dated).map(
      ([date, [input, output, cacheRead, cacheCreation]]): ModelPrice => ({
        model,
        providerName: null,
        effectiveFromUs: Date.parse(`${date}T00:00:00Z`) * 1000,
        inputPerMillion: input,
        outputPerMillion: output,
        cacheReadPerMillion: cacheRead ?? null,
        cacheCreationPerMillion: cacheCreation ?? null,
      }),
    );
  },
);
