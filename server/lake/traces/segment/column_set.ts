/**
 * The builders of all columns of a table, cut back and handed over together.
 *
 * @module
 */
import type { ColumnBuilder } from "./column_builders.ts";
import type { SegmentData } from "./column_data.ts";

/** Rows under construction. */
export class ColumnSet<B extends { readonly [name: string]: ColumnBuilder }> {
  readonly builders: B;
  readonly #all: readonly ColumnBuilder[];
  readonly #dictionaries;
  /** Complete rows. */
  rowCount = 0;

  /**
   * @param builders By column name.
   * @param names Columns in file order.
   */
  constructor(builders: B, names: readonly (keyof B & string)[]) {
    this.builders = builders;
    this.#all = names.map((name) => builders[name]!);
    this.#dictionaries = this.#all.flatMap((column) => column.dictionary ?? []);
  }

  /** Makes room for as much text as another segment held: growing step by step copies all of it. */
  reserveLike(other: ColumnSet<B>): void {
    this.#all.forEach((column, i) => column.sink?.reserve(other.#all[i]?.sink?.length ?? 0));
  }

  /** Bytes held by the columns. */
  get byteSize(): number {
    let size = 0;
    for (const column of this.#all) size += column.byteSize;
    return size;
  }

  /** Drops the rows from `row` on, and what an unfinished row left. */
  truncate(row: number): void {
    for (const column of this.#all) column.truncate(row);
    this.rowCount = row;
  }

  /** Entry counts of all dictionaries, for {@linkcode ColumnSet.restoreDictionaries}. */
  dictionaryMark(): readonly number[] {
    return this.#dictionaries.map((dictionary) => dictionary.count);
  }

  /** Forgets dictionary entries added since the mark; no row may use them any more. */
  restoreDictionaries(mark: readonly number[]): void {
    this.#dictionaries.forEach((dictionary, i) => dictionary.truncate(mark[i]!));
  }

  /** The finished form, sharing the builders' buffers. */
  data(): SegmentData {
    return { rowCount: this.rowCount, columns: this.#all.map((column) => column.column()) };
  }
}
