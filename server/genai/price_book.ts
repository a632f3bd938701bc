/**
 * The prices in force: those the operator set over those the server ships with.
 *
 * @module
 */

import type { GenAiPriceRepository, StoredPrice } from "../db/genai_prices.ts";
import { ScouterError } from "../errors.ts";
import { DEFAULT_PRICES } from "./default_prices.ts";
import { type ModelPrice, PriceTable } from "./price_table.ts";

/** Another process's change is seen after this long. */
const FRESH_MS = 10_000;

/** Keeps a {@linkcode PriceTable} at hand. */
export class PriceBook {
  readonly #repository: Pick<GenAiPriceRepository, "list" | "put" | "remove">;
  readonly #nowMs: () => number;
  #held: { readonly table: PriceTable; readonly atMs: number } | null = null;
  /** Counts changes made here, so that a list read before one is not kept after it. */
  #changes = 0;

  /** @param nowMs A clock that never goes back. */
  constructor(
    repository: Pick<GenAiPriceRepository, "list" | "put" | "remove">,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#repository = repository;
    this.#nowMs = nowMs;
  }

  /** The prices in force, at most ten seconds old. */
  async table(): Promise<PriceTable> {
    const atMs = this.#nowMs();
    if (this.#held !== null && atMs - this.#held.atMs < FRESH_MS) return this.#held.table;
    const changes = this.#changes;
    const table = new PriceTable(await this.#repository.list(), DEFAULT_PRICES);
    if (changes === this.#changes) this.#held = { table, atMs };
    return table;
  }

  /** The prices the operator set. */
  overrides(): Promise<StoredPrice[]> {
    return this.#repository.list();
  }

  /** The prices the server ships with. */
  get defaults(): readonly ModelPrice[] {
    return DEFAULT_PRICES;
  }

  /**
   * Sets a price; one of the same model, provider and date is replaced.
   *
   * @throws {ScouterError} BAD_REQUEST when the date is before 1970 or beyond 2255.
   */
  async put(price: ModelPrice, updatedBy: string): Promise<void> {
    const { effectiveFromUs } = price;
    if (!(effectiveFromUs >= 0 && effectiveFromUs <= Number.MAX_SAFE_INTEGER)) {
      throw new ScouterError(
        "BAD_REQUEST",
        `effective_from is ${effectiveFromUs} µs; it must be from 1970 to 2255.`,
      );
    }
    await this.#repository.put(
      { ...price, model: price.model.trim().toLowerCase() },
      updatedBy,
    );
    this.#forget();
  }

  /** Removes a price that was set. @throws {ScouterError} NOT_FOUND. */
  async remove(id: string): Promise<void> {
    const removed = await this.#repository.remove(id);
    this.#forget();
    if (!removed) {
      throw new ScouterError("NOT_FOUND", `There is no price with the id "${id.slice(0, 64)}".`, {
        suggestedAction: "Defaults cannot be removed; set a price of your own over them.",
      });
    }
  }

  #forget(): void {
    this.#changes++;
    this.#held = null;
  }
}
