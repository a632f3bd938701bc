import {
  bigintToNumber,
  type Column,
  numericColumn,
  type NumericType,
  textColumn,
} from "./column.ts";
import { DataError } from "./error.ts";

/** A value of one cell before its column's type is known. */
export type CellValue = number | bigint | string | boolean | Date | null | undefined;

/**
 * Makes a column from plain values, its type inferred over all rows:
 *
 * - only numbers and bigints: numeric ("integer" when every value is a whole number). A bigint beyond ±(2⁵³−1) is an
 *   error, never a rounding.
 * - numbers together with booleans: numeric, false = 0 and true = 1
 * - only booleans: text of type "boolean" ("false", "true")
 * - only dates: numeric of type "date", in milliseconds; an invalid date is missing
 * - any string: text; numbers and booleans beside it are written out
 * - dates together with anything else, objects, arrays, functions: an error naming column and row
 * - null, undefined and NaN are missing; a column of nothing else is numeric
 *
 * @param name the column's name
 * @param values one value per row
 * @returns the column
 * @throws DataError naming column, row and value when the values do not make one column
 * @example
 * ```ts
 * import { inferColumn } from "./mod.ts";
 *
 * inferColumn("x", [1, null, 2.5]).type; // "float"
 * inferColumn("ok", [true, false]).type; // "boolean"
 * ```
 */
export function inferColumn(name: string, values: ArrayLike<unknown>): Column {
  let numbers = 0;
  let booleans = 0;
  let strings = 0;
  let dates = 0;
  let whole = true;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    switch (typeof value) {
      case "number":
        // Counting NaN as missing: it says nothing about the column's type.
        if (value === value) {
          numbers++;
          if (whole && !Number.isInteger(value)) whole = false;
        }
        break;
      case "bigint":
        numbers++;
        break;
      case "boolean":
        booleans++;
        break;
      case "string":
        strings++;
        break;
      default:
        if (value === null || value === undefined) break;
        if (value instanceof Date) dates++;
        else throw badCell(name, row, value);
    }
  }
  if (dates > 0) {
    if (numbers + booleans + strings > 0) {
      throw new DataError(
        "MIXED_TYPES",
        `Column "${name}" mixes dates with other values; convert all of them to one type`,
      );
    }
    return numericFrom(name, values, "date");
  }
  if (strings > 0) return textColumn(name, stringsFrom(values));
  if (booleans > 0 && numbers === 0) return textColumn(name, stringsFrom(values), "boolean");
  return numericFrom(name, values, numbers > 0 && whole ? "integer" : "float");
}

function numericFrom(name: string, values: ArrayLike<unknown>, type: NumericType): Column {
  const converted = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (typeof value === "number") converted[row] = value;
    else if (typeof value === "bigint") converted[row] = bigintToNumber(value, name, row);
    else if (typeof value === "boolean") converted[row] = value ? 1 : 0;
    else if (value instanceof Date) converted[row] = value.getTime();
    else converted[row] = NaN;
  }
  return numericColumn(name, converted, type);
}

function stringsFrom(values: ArrayLike<unknown>): (string | null)[] {
  return Array.from(
    values,
    (value) =>
      value === null || value === undefined || (typeof value === "number" && value !== value)
        ? null
        : String(value),
  );
}

function badCell(name: string, row: number, value: unknown): DataError {
  const kind = Array.isArray(value) ? "an array" : `of type ${typeof value}`;
  return new DataError(
    "BAD_VALUE",
    `Column "${name}", row ${row}: a value ${kind} cannot be a cell; use numbers, strings, booleans, dates or null`,
  );
}
