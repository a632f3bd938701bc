/**
 * Collects the values of a statement while its text is written.
 *
 * @module
 */

import type { QueryParam } from "../../query/contract.ts";

/** The parameters of one SQL statement. */
export class SqlParams {
  readonly values: QueryParam[] = [];
  readonly #numbers = new Map<QueryParam, string>();

  /**
   * Adds a value.
   *
   * @returns Its placeholder (`$1`, `$2`, …); equal primitives share one.
   */
  add(value: QueryParam): string {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.values.push(value);
    const placeholder = `$${this.values.length}`;
    this.#numbers.set(value, placeholder);
    return placeholder;
  }

  /** Adds a time in microseconds since the epoch and returns an expression of type TIMESTAMPTZ. */
  time(timeUs: number): string {
    return `make_timestamptz(${this.add(BigInt(Math.round(timeUs)))}::BIGINT)`;
  }

  /** Adds a list of files and returns a table to read from. */
  files(files: readonly { readonly path: string }[]): string {
    // Hot files and table files may differ in columns that were added later.
    return `read_parquet(${this.add(files.map((file) => file.path))}, union_by_name = false)`;
  }
}
