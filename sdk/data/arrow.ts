import { type Column, type DataTable, numericColumn, sortDictionary } from "./column.ts";
import { DataError } from "./error.ts";
import { inferColumn } from "./infer.ts";

/**
 * The part of an Apache Arrow vector that is used here, so that the library itself need not be loaded.
 */
export interface ArrowVectorLike extends Iterable<unknown> {
  /** How many rows there are. */
  readonly length: number;
  /** How many rows are null. */
  readonly nullCount: number;
  /** The Arrow type. */
  readonly type: { readonly typeId: number; toString(): string; readonly scale?: number };
  /** The value of a row. */
  get(index: number): unknown;
  /** All values, as a typed array where possible. */
  toArray(): unknown;
}

/** The part of an Apache Arrow table that is used here. */
export interface ArrowTableLike {
  /** How many rows there are. */
  readonly numRows: number;
  /** Names of the columns. */
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  /** The column at a position. */
  getChildAt(index: number): ArrowVectorLike | null;
}

/** Type ids of the Arrow columnar format as `apache-arrow` numbers them. */
const ARROW = { int: 2, float: 3, utf8: 5, bool: 6, decimal: 7, date: 8, timestamp: 10 } as const;
const ARROW_DICTIONARY = -1;
const ARROW_LARGE_UTF8 = 20;

/**
 * Whether a value looks like an Apache Arrow table.
 *
 * @param value anything
 * @returns true when it has rows, a schema and child vectors
 * @example
 * ```ts
 * import { isArrowTable } from "./mod.ts";
 *
 * isArrowTable({ a: [1] }); // false
 * ```
 */
export function isArrowTable(value: unknown): value is ArrowTableLike {
  return typeof value === "object" && value !== null &&
    "numRows" in value && typeof value.numRows === "number" &&
    "schema" in value && "getChildAt" in value && typeof value.getChildAt === "function";
}

/**
 * Reads an Apache Arrow table. Integers, floats and decimals become numeric, dates and timestamps become dates,
 * strings, dictionaries and booleans become text. A numeric vector of one chunk without nulls is not copied.
 *
 * @param table the Arrow table
 * @returns the same columns
 * @throws DataError for a column of any other Arrow type
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import { fromArrow } from "./mod.ts";
 *
 * fromArrow(tableFromArrays({ x: new Float64Array([1, 2]) })).rowCount; // 2
 * ```
 */
export function fromArrow(table: ArrowTableLike): DataTable {
  const columns = table.schema.fields.map((field, index): Column => {
    const vector = table.getChildAt(index);
    if (vector === null) throw new DataError("RAGGED", `Column "${field.name}" has no data`);
    return fromVector(field.name, vector);
  });
  return { rowCount: table.numRows, columns };
}

function fromVector(name: string, vector: ArrowVectorLike): Column {
  const id = vector.type.typeId;
  if (id === ARROW.int || (id === ARROW.float && !/16/.test(vector.type.toString()))) {
    return numericVector(name, vector);
  }
  if (id === ARROW.float || id === ARROW.decimal) return decimalVector(name, vector);
  if (id === ARROW.date || id === ARROW.timestamp) {
    const values = new Float64Array(vector.length);
    for (let row = 0; row < values.length; row++) {
      const value = vector.get(row);
      values[row] = value === null ? NaN : Number(value);
    }
    return numericColumn(name, values, "date");
  }
  if (id === ARROW_DICTIONARY || id === ARROW.utf8 || id === ARROW_LARGE_UTF8) {
    return textVector(name, vector);
  }
  if (id === ARROW.bool) return inferColumn(name, [...vector]);
  throw new DataError(
    "UNSUPPORTED_INPUT",
    `Column "${name}" has the Arrow type ${vector.type}; cast it to a number, a string, a boolean or a timestamp`,
  );
}

function numericVector(name: string, vector: ArrowVectorLike): Column {
  const raw = vector.nullCount === 0 ? vector.toArray() : undefined;
  if (raw instanceof BigInt64Array || raw instanceof BigUint64Array) {
    return numericColumn(name, raw);
  }
  if (
    raw instanceof Float64Array || raw instanceof Float32Array || raw instanceof Int32Array ||
    raw instanceof Uint32Array || raw instanceof Int16Array || raw instanceof Uint16Array ||
    raw instanceof Int8Array || raw instanceof Uint8Array
  ) return numericColumn(name, raw);
  const column = inferColumn(name, [...vector]);
  if (column.kind !== "numeric") {
    throw new DataError(
      "MIXED_TYPES",
      `Column "${name}" is declared numeric but holds other values`,
    );
  }
  return { ...column, type: vector.type.typeId === ARROW.int ? "integer" : "float" };
}

function decimalVector(name: string, vector: ArrowVectorLike): Column {
  const scale = 10 ** (vector.type.scale ?? 0);
  const values = new Float64Array(vector.length);
  for (let row = 0; row < values.length; row++) {
    const value = vector.get(row);
    if (value === null) values[row] = NaN;
    else if (typeof value === "number") values[row] = value;
    // A decimal arrives as little-endian 32-bit words whose text is the unscaled integer.
    else values[row] = Number(String(value)) / scale;
  }
  return numericColumn(name, values, "float");
}

function textVector(name: string, vector: ArrowVectorLike): Column {
  const seen = new Map<string, number>();
  const codes = new Int32Array(vector.length);
  for (let row = 0; row < codes.length; row++) {
    const value = vector.get(row);
    if (value === null || value === undefined) {
      codes[row] = -1;
      continue;
    }
    const text = String(value);
    let code = seen.get(text);
    if (code === undefined) seen.set(text, code = seen.size);
    codes[row] = code;
  }
  return sortDictionary(name, codes, [...seen.keys()]);
}
