import assert from "node:assert/strict";
import { GenAiPriceRepository } from "../../../server/db/genai_prices.ts";
import type { ModelPrice } from "../../../server/genai/price_table.ts";
import { onBothDatabases } from "../../support/databases.ts";

const PRICE: ModelPrice = {
  model: "m",
  providerName: null,
  effectiveFromUs: 1_767_600_000_000_000,
  inputPerMillion: 0.1,
  outputPerMillion: 2,
  cacheCreationPerMillion: null,
  cacheReadPerMillion: 0.01,
};

onBothDatabases("prices of models", ({ database, clear, test }) => {
  test("are kept by model, provider and date, and replaced by a price of the same", async () => {
    await clear();
    const prices = new GenAiPriceRepository(database().db);
    await prices.put(PRICE, "ada");
    await prices.put({ ...PRICE, inputPerMillion: 0.3 }, "bob");
    await prices.put({ ...PRICE, providerName: "p" }, "ada");
    await prices.put({ ...PRICE, effectiveFromUs: 0 }, "ada");
    const stored = await prices.list();
    assert.deepEqual(
      stored.map(({ id: _id, updatedAtUs: _at, ...price }) => price).sort((a, b) =>
        b.inputPerMillion - a.inputPerMillion || b.effectiveFromUs - a.effectiveFromUs
      ),
      [
        { ...PRICE, inputPerMillion: 0.3, updatedBy: "bob" },
        { ...PRICE, providerName: "p", updatedBy: "ada" },
        { ...PRICE, effectiveFromUs: 0, updatedBy: "ada" },
      ],
    );
    const id = stored[0]?.id ?? "";
    assert.equal(await prices.remove(id), true);
    assert.equal(await prices.remove(id), false);
    assert.equal((await prices.list()).length, 2);
  });
});
