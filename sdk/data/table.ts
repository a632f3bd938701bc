import { type ArrowTableLike, fromArrow, isArrowTable } from "./arrow.ts";
import { type Column, type DataTable, type NumericArray, numericColumn } from "./column.ts";
import { DataError } from "./error.ts";
import { type CellValue, inferColumn } from "./infer.ts";

/** Rows as objects. A key that a row lacks is a missing value there. */
export type RecordRows = readonly Readonly<Record<string, unknown>>[];

/** Columns by name. */
export type ColumnObject = Readonly<
  Record<string, NumericArray | BigInt64Array | BigUint64Array | readonly CellValue[]>
>;

/** A row-major matrix: value (row, column) lies at `row * columnCount + column`. */
export interface Matrix {
  /** All values, row after row. */
  readonly data: NumericArray;
  /** How many rows there are. */
  readonly rowCount: number;
  /** How many columns there are. */
  readonly columnCount: number;
  /** One name per column; `feature_0`, `feature_1`, … when left out. */
  readonly names?: readonly string[];
}

/** Everything {@linkcode toTable} reads. */
export type TableInput =
  | DataTable
  | RecordRows
  | readonly (readonly number[])[]
  | ColumnObject
  | Matrix
  | ArrowTableLike;

/**
 * Turns data in any accepted shape into columns: an array of records, an object of columns (typed arrays are not
 * copied), a matrix (rows of numbers, or row-major with dimensions), an Apache Arrow table, or a table already made.
 * Types are inferred over all rows; see {@linkcode inferColumn} for the rules.
 *
 * @param input the data
 * @returns its columns, in the order they came
 * @throws DataError naming the column and row that do not fit
 * @example
 * ```ts
 * import { toTable } from "./mod.ts";
 *
 * toTable([{ age: 31, plan: "pro" }, { age: 44, plan: "free" }]).rowCount; // 2
 * toTable({ age: new Float64Array([31, 44]), plan: ["pro", "free"] }).columns.length; // 2
 * ```
 */
export function toTable(input: TableInput): DataTable {
  // Widened on purpose: callers without types reach this too.
  const value: unknown = input;
  if (typeof value !== "object" || value === null) {
    throw new DataError(
      "UNSUPPORTED_INPUT",
      `Data must be records, columns, a matrix or an Arrow table, not ${
        value === null ? "null" : typeof value
      }`,
    );
  }
  if (isDataTable(value)) return value;
  if (isArrowTable(value)) return fromArrow(value);
  if (Array.isArray(value)) {
    return Array.isArray(value[0]) || ArrayBuffer.isView(value[0])
      ? fromRows(value)
      : fromRecords(value);
  }
  if (isMatrix(value)) return fromMatrix(value);
  return fromColumns(value as Readonly<Record<string, unknown>>);
}

function isDataTable(value: object): value is DataTable {
  return "rowCount" in value && "columns" in value && Array.isArray(value.columns) &&
    value.columns.every((column) =>
      typeof column === "object" && column !== null && "kind" in column && "name" in column
    );
}

function isMatrix(value: object): value is Matrix {
  return "data" in value && ArrayBuffer.isView(value.data) && "rowCount" in value &&
    typeof value.rowCount === "number" && "columnCount" in value &&
    typeof value.columnCount === "number";
}

function fromRecords(rows: readonly unknown[]): DataTable {
  const names = new Set<string>();
  rows.forEach((row, index) => {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw new DataError(
        "UNSUPPORTED_INPUT",
        `Row ${index} is ${
          row === null ? "null" : typeof row
        }; every row must be an object of values`,
      );
    }
    for (const name of Object.keys(row)) names.add(name);
  });
  const records = rows as readonly Readonly<Record<string, unknown>>[];
  const columns = [...names].map((name) => inferColumn(name, records.map((row) => row[name])));
  return { rowCount: rows.length, columns };
}

function fromRows(rows: readonly unknown[]): DataTable {
  const first = rows[0] as ArrayLike<unknown>;
  const columnCount = first.length;
  const data = new Float64Array(rows.length * columnCount);
  rows.forEach((row, index) => {
    const cells = row as ArrayLike<unknown>;
    if (typeof row !== "object" || row === null || cells.length !== columnCount) {
      throw new DataError("RAGGED", `Row ${index} does not have ${columnCount} values like row 0`);
    }
    for (let column = 0; column < columnCount; column++) {
      const cell = cells[column];
      if (cell !== null && cell !== undefined && typeof cell !== "number") {
        throw new DataError(
          "BAD_VALUE",
          `Row ${index}, column ${column}: a matrix holds numbers, not ${typeof cell}; pass records or columns instead`,
        );
      }
      data[index * columnCount + column] = cell ?? NaN;
    }
  });
  return fromMatrix({ data, rowCount: rows.length, columnCount });
}

function fromMatrix(matrix: Matrix): DataTable {
  const { data, rowCount, columnCount } = matrix;
  if (data.length !== rowCount * columnCount) {
    throw new DataError(
      "RAGGED",
      `A matrix of ${rowCount} × ${columnCount} needs ${
        rowCount * columnCount
      } values, not ${data.length}`,
    );
  }
  const names = matrix.names ?? Array.from({ length: columnCount }, (_, i) => `feature_${i}`);
  if (names.length !== columnCount) {
    throw new DataError("RAGGED", `${columnCount} columns need as many names, not ${names.length}`);
  }
  const isFloat = data instanceof Float64Array || data instanceof Float32Array;
  const columns = names.map((name, index): Column => {
    const values = new Float64Array(rowCount);
    for (let row = 0, at = index; row < rowCount; row++, at += columnCount) {
      values[row] = data[at] as number;
    }
    return numericColumn(name, values, isFloat ? "float" : "integer");
  });
  return checked({ rowCount, columns });
}

function fromColumns(object: Readonly<Record<string, unknown>>): DataTable {
  const columns = Object.entries(object).map(([name, values]): Column => {
    if (
      values instanceof Float64Array || values instanceof Float32Array ||
      values instanceof Int8Array || values instanceof Uint8Array ||
      values instanceof Uint8ClampedArray || values instanceof Int16Array ||
      values instanceof Uint16Array || values instanceof Int32Array ||
      values instanceof Uint32Array || values instanceof BigInt64Array ||
      values instanceof BigUint64Array
    ) return numericColumn(name, values);
    if (Array.isArray(values)) return inferColumn(name, values);
    throw new DataError(
      "UNSUPPORTED_INPUT",
      `Column "${name}" is neither an array nor a typed array; data must be records, columns, a matrix or an Arrow table`,
    );
  });
  const first = columns[0];
  return checked({ rowCount: first === undefined ? 0 : columnLength(first), columns });
}

function columnLength(column: Column): number {
  return column.kind === "text" ? column.codes.length : column.values.length;
}

function checked(table: DataTable): DataTable {
  const seen = new Set<string>();
  for (const column of table.columns) {
    if (seen.has(column.name)) {
      throw new DataError("DUPLICATE_COLUMN", `Two columns are named "${column.name}"; rename one`);
    }
    seen.add(column.name);
    if (columnLength(column) !== table.rowCount) {
      throw new DataError(
        "RAGGED",
        `Column "${column.name}" has ${
          columnLength(column)
        } rows, the first column ${table.rowCount}`,
      );
    }
  }
  return table;
}
