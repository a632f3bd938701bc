import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_PRICES } from "../../../server/genai/default_prices.ts";
import { modelNames } from "../../../server/genai/model_names.ts";
import { type ModelPrice, PriceTable } from "../../../server/genai/price_table.ts";
import type { BilledTokens } from "../../../server/genai/pricing.ts";

const at = (date: string) => Date.parse(`${date}T00:00:00Z`) * 1000;
const call = (model: string, date = "2026-01-05", providerName: string | null = null) => ({
  model,
  providerName,
  atUs: at(date),
});
const tokens = (more: Partial<BilledTokens> = {}): BilledTokens => ({
  inputTokens: 0,
  uncachedInputTokens: 0,
  outputTokens: 0,
  cacheCreationTokens: 0,
  cacheReadTokens: 0,
  ...more,
});
const MILLION_IN = tokens({ inputTokens: 1e6, uncachedInputTokens: 1e6 });
const price = (model: string, more: Partial<ModelPrice> = {}): ModelPrice => ({
  model,
  providerName: null,
  effectiveFromUs: 0,
  inputPerMillion: 1,
  outputPerMillion: 1,
  cacheCreationPerMillion: null,
  cacheReadPerMillion: null,
  ...more,
});

describe("the price table", () => {
  const defaults = new PriceTable([], DEFAULT_PRICES);

  it("knows a model by the names of its snapshots and of those who serve it", () => {
    for (
      const name of [
        "claude-3-5-sonnet-20241022",
        "claude-3-5-sonnet-latest",
        "anthropic/claude-3-5-sonnet",
        "us.anthropic.claude-3-5-sonnet-20240620-v1:0",
        "claude-3-5-sonnet-v2@20241022",
        "Claude-3-5-Sonnet",
      ]
    ) {
      assert.equal(defaults.costOf(call(name), MILLION_IN), 3, `${name}: ${modelNames(name)}`);
    }
    assert.equal(defaults.costOf(call("models/gemini-2.0-flash-001"), MILLION_IN), 0.1);
    assert.equal(defaults.costOf(call("gpt-4-0613"), MILLION_IN), 30);
  });

  it("never takes one model for another whose name begins alike", () => {
    assert.equal(defaults.costOf(call("gpt-4o-mini-2024-07-18"), MILLION_IN), 0.15);
    assert.equal(defaults.costOf(call("gpt-4o-audio-preview"), MILLION_IN), null);
    assert.equal(defaults.costOf(call("gpt-4"), MILLION_IN), 30);
  });

  it("an unknown model has no cost, which is not a cost of zero", () => {
    assert.equal(defaults.costOf(call("my-own-llama"), MILLION_IN), null);
    assert.equal(defaults.costOf(call("unknown"), tokens()), null);
    assert.equal(defaults.costOf(call("gpt-4o"), tokens()), 0);
  });

  it("takes the price that held at the time of the call", () => {
    assert.equal(defaults.costOf(call("gpt-4o", "2024-10-01"), MILLION_IN), 5);
    assert.equal(defaults.costOf(call("gpt-4o", "2024-10-02"), MILLION_IN), 2.5);
    // The first snapshot kept its price.
    assert.equal(defaults.costOf(call("gpt-4o-2024-05-13", "2025-01-01"), MILLION_IN), 5);
  });

  it("cached tokens have their own price where the model has one, else that of input", () => {
    const cached = tokens({
      inputTokens: 1_000_000,
      uncachedInputTokens: 500_000,
      cacheCreationTokens: 100_000,
      cacheReadTokens: 400_000,
      outputTokens: 200_000,
    });
    // 0.5 × 3 + 0.1 × 3.75 + 0.4 × 0.3 + 0.2 × 15
    assert.equal(defaults.costOf(call("claude-sonnet-4-5"), cached)?.toFixed(9), "4.995000000");
    // (0.5 + 0.1 + 0.4) × 10 + 0.2 × 30
    assert.equal(defaults.costOf(call("gpt-4-turbo"), cached)?.toFixed(9), "16.000000000");
  });

  it("an override wins from its date on, for its provider or for all", () => {
    const table = new PriceTable([
      price("gpt-4o", { inputPerMillion: 1, effectiveFromUs: at("2026-01-01") }),
      price("gpt-4o", { inputPerMillion: 7, providerName: "azure.ai.openai" }),
      price("My-Own-Llama", { inputPerMillion: 0 }),
    ], DEFAULT_PRICES);
    assert.equal(table.costOf(call("gpt-4o", "2025-12-31"), MILLION_IN), 2.5);
    assert.equal(table.costOf(call("gpt-4o", "2026-01-01"), MILLION_IN), 1);
    assert.equal(table.costOf(call("gpt-4o", "2026-01-01", "azure.ai.openai"), MILLION_IN), 7);
    assert.equal(table.costOf(call("my-own-llama"), MILLION_IN), 0);
    assert.deepEqual(
      table.changesUs.filter((us) => us >= at("2025-06-11")),
      [at("2026-01-01")],
    );
  });

  it("the shipped prices are sane: none negative, none twice", () => {
    const keys = DEFAULT_PRICES.map((price) => `${price.model} ${price.effectiveFromUs}`);
    assert.equal(new Set(keys).size, keys.length);
    for (const price of DEFAULT_PRICES) {
      assert.ok(price.inputPerMillion > 0 && price.outputPerMillion >= 0, price.model);
      assert.ok((price.cacheReadPerMillion ?? 0) <= price.inputPerMillion, price.model);
    }
  });
});
