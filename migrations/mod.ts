/**
 * The relational schema's history, oldest first. Migrations only go forward and only add, so that a process of
 * the version before can still run beside a process of this one. Applied ones are never edited.
 *
 * @module
 */

import { accounts } from "./0001_accounts.ts";
import { traceSideRows } from "./0002_trace_side_rows.ts";
import { genAiPrices } from "./0003_genai_prices.ts";

/** One step of the schema. All statements run in one transaction. */
export interface Migration {
  /** Unique and sortable: `NNNN_what`. */
  readonly name: string;
  readonly statements: readonly string[];
}

/** Every migration in the order of application. */
export const migrations: readonly Migration[] = [accounts, traceSideRows, genAiPrices];
