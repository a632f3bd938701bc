/**
 * Columns: the one shape in which data reaches every engine.
 *
 * A column is either numeric (a typed array in which a missing value is `NaN`) or text (codes into a dictionary).
 * Integers, floats and dates are numeric; strings and booleans are text. Typed arrays are used as they come, without
 * copying.
 *
 * @module
 */

import { compareUtf8 } from "./utf8_order.ts";
import { DataError } from "./error.ts";

/** The typed arrays a numeric column may wrap. 64-bit integers are converted on the way in. */
export type NumericArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** What the numbers of a numeric column stand for. Dates are milliseconds since 1970-01-01T00:00Z. */
export type NumericType = "integer" | "float" | "date";

/** Numbers. `NaN` stands for a missing value. */
export interface NumericColumn {
  /** Tells the kinds of column apart. */
  readonly kind: "numeric";
  /** The column's name. */
  readonly name: string;
  /** What the values stand for. */
  readonly type: NumericType;
  /** One number per row. */
  readonly values: NumericArray;
}

/** Strings or booleans, as codes into a dictionary that is sorted by UTF-8 bytes. */
export interface TextColumn {
  /** Tells the kinds of column apart. */
  readonly kind: "text";
  /** The column's name. */
  readonly name: string;
  /** What the values stand for. */
  readonly type: "string" | "boolean";
  /** One code per row: an index into `dictionary`, or -1 for a missing value. */
  readonly codes: Int32Array;
  /** Distinct values, ascending by UTF-8 bytes. */
  readonly dictionary: readonly string[];
}

/** One column of a {@linkcode DataTable}. */
export type Column = NumericColumn | TextColumn;

/** Columns of equal length. */
export interface DataTable {
  /** How many rows there are. */
  readonly rowCount: number;
  /** The columns, in order. */
  readonly columns: readonly Column[];
}

/**
 * The column's numbers as a `Float64Array`: the very array when it is one, else a converted copy.
 *
 * @param column the column
 * @returns its values, one per row
 * @example
 * ```ts
 * import { asFloat64, numericColumn } from "./mod.ts";
 *
 * asFloat64(numericColumn("x", new Int32Array([1, 2]))); // Float64Array [1, 2]
 * ```
 */
export function asFloat64(column: NumericColumn): Float64Array {
  return column.values instanceof Float64Array ? column.values : Float64Array.from(column.values);
}

/**
 * Wraps a typed array as a column. Float64 and narrower arrays are not copied; 64-bit integers are converted and must
 * lie within ±(2⁵³−1).
 *
 * @param name the column's name
 * @param values one number per row, `NaN` for a missing value
 * @param type what the numbers stand for; by default "integer" for integer arrays, "float" for the others
 * @returns the column
 * @throws DataError when a 64-bit integer cannot be represented exactly
 * @example
 * ```ts
 * import { numericColumn } from "./mod.ts";
 *
 * const column = numericColumn("age", new Float64Array([31, 44, NaN]));
 * ```
 */
export function numericColumn(
  name: string,
  values: NumericArray | BigInt64Array | BigUint64Array,
  type?: NumericType,
): NumericColumn {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    const converted = new Float64Array(values.length);
    for (let row = 0; row < values.length; row++) {
      converted[row] = bigintToNumber(values[row] as bigint, name, row);
    }
    return { kind: "numeric", name, type: type ?? "integer", values: converted };
  }
  const isFloat = values instanceof Float64Array || values instanceof Float32Array;
  return { kind: "numeric", name, type: type ?? (isFloat ? "float" : "integer"), values };
}

/**
 * Makes a text column from strings.
 *
 * @param name the column's name
 * @param values one string per row; null and undefined are missing values
 * @param type "boolean" when the strings are "false" and "true"
 * @returns the column, its dictionary sorted by UTF-8 bytes
 * @example
 * ```ts
 * import { textColumn } from "./mod.ts";
 *
 * textColumn("plan", ["pro", "free", null]).dictionary; // ["free", "pro"]
 * ```
 */
export function textColumn(
  name: string,
  values: ArrayLike<string | null | undefined>,
  type: TextColumn["type"] = "string",
): TextColumn {
  const firstSeen = new Map<string, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) {
      codes[row] = -1;
      continue;
    }
    let code = firstSeen.get(value);
    if (code === undefined) firstSeen.set(value, code = firstSeen.size);
    codes[row] = code;
  }
  return sortDictionary(name, codes, [...firstSeen.keys()], type);
}

/**
 * Makes a text column from codes and a dictionary in any order, duplicates allowed; both are renumbered.
 *
 * @param name the column's name
 * @param codes indices into `values`, -1 for missing; overwritten with the new numbering
 * @param values the dictionary as it came
 * @param type "boolean" when the strings are "false" and "true"
 * @returns the column
 * @example
 * ```ts
 * import { sortDictionary } from "./mod.ts";
 *
 * sortDictionary("plan", Int32Array.of(0, 1, -1), ["pro", "free"]).codes; // Int32Array [1, 0, -1]
 * ```
 */
export function sortDictionary(
  name: string,
  codes: Int32Array,
  values: readonly string[],
  type: TextColumn["type"] = "string",
): TextColumn {
  const dictionary = [...new Set(values)].sort(compareUtf8);
  const position = new Map(dictionary.map((value, index) => [value, index]));
  const renumbered = Int32Array.from(values, (value) => position.get(value) ?? -1);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (code >= 0) codes[row] = renumbered[code] as number;
  }
  return { kind: "text", name, type, codes, dictionary };
}

/**
 * The number of rows without a value: `NaN` in a numeric column, code -1 in a text column.
 *
 * @param column the column
 * @returns how many rows are missing
 * @example
 * ```ts
 * import { countMissing, textColumn } from "./mod.ts";
 *
 * countMissing(textColumn("plan", ["pro", null])); // 1
 * ```
 */
export function countMissing(column: Column): number {
  let missing = 0;
  if (column.kind === "text") {
    for (const code of column.codes) if (code < 0) missing++;
  } else if (column.values instanceof Float64Array || column.values instanceof Float32Array) {
    for (const value of column.values) if (value !== value) missing++;
  }
  return missing;
}

/**
 * A run of a column's rows, without copying.
 *
 * @param column the column
 * @param start first row
 * @param end row after the last
 * @returns a view of these rows
 * @example
 * ```ts
 * import { numericColumn, sliceColumn } from "./mod.ts";
 *
 * sliceColumn(numericColumn("x", Float64Array.of(1, 2, 3)), 1, 3); // rows 2 and 3
 * ```
 */
export function sliceColumn(column: Column, start: number, end: number): Column {
  return column.kind === "text"
    ? { ...column, codes: column.codes.subarray(start, end) }
    : { ...column, values: column.values.subarray(start, end) };
}

/**
 * Finds a column by name.
 *
 * @param table the table
 * @param name the column's name
 * @returns the column
 * @throws DataError listing the columns there are, when there is none of that name
 * @example
 * ```ts
 * import { getColumn, toTable } from "./mod.ts";
 *
 * getColumn(toTable({ age: [31, 44] }), "age").kind; // "numeric"
 * ```
 */
export function getColumn(table: DataTable, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    const names = table.columns.map((candidate) => `"${candidate.name}"`).join(", ");
    throw new DataError("MISSING_COLUMN", `There is no column "${name}"; the data has ${names}`);
  }
  return column;
}

/** Converts a bigint that a double can hold exactly; anything else is an error naming the cell. */
export function bigintToNumber(value: bigint, name: string, row: number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new DataError(
      "BAD_VALUE",
      `Column "${name}", row ${row}: ${value} is beyond ±(2^53-1) and cannot be represented exactly; ` +
        "scale it, or pass it as a string to treat it as a category",
    );
  }
  return number;
}
