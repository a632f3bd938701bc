import { type Column, type DataTable, numericColumn, textColumn } from "./column.ts";
import { DataError } from "./error.ts";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOT_A_NUMBER = /^(nan|[+-]?inf(inity)?)$/i;
const DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Reads comma-separated values (RFC 4180) whose first row names the columns. Types are inferred over all rows: numbers,
 * `true`/`false`, ISO 8601 dates (UTC when no offset is given), else text. An empty cell that is not quoted is a
 * missing value.
 *
 * @param text the file's text
 * @param delimiter what separates cells; a comma by default
 * @returns one column per name
 * @throws DataError naming the line that has another number of cells than the first, or an open quote
 * @example
 * ```ts
 * import { parseCsv } from "./mod.ts";
 *
 * parseCsv("age,plan\n31,pro\n44,free\n").rowCount; // 2
 * ```
 */
export function parseCsv(text: string, delimiter: string = ","): DataTable {
  const [header, ...rows] = readRows(text, delimiter);
  if (header === undefined) {
    throw new DataError("EMPTY", "The file is empty; its first row must name the columns");
  }
  const names = header.map((name) => name ?? "");
  rows.forEach((row, index) => {
    if (row.length !== names.length) {
      throw new DataError(
        "RAGGED",
        `Record ${index + 1} after the header has ${row.length} cells, the header ${names.length}`,
      );
    }
  });
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new DataError("DUPLICATE_COLUMN", `Two columns are named "${repeated}"; rename one`);
  }
  const columns = names.map((name, at) => inferText(name, rows.map((row) => row[at] ?? null)));
  return { rowCount: rows.length, columns };
}

/** A column from text, by what all its cells look like. */
function inferText(name: string, cells: readonly (string | null)[]): Column {
  const present = cells.filter((cell): cell is string => cell !== null);
  if (present.every((cell) => NUMBER.test(cell) || NOT_A_NUMBER.test(cell))) {
    const values = Float64Array.from(cells, toNumber);
    const whole = present.length > 0 && values.every((v) => Number.isInteger(v) || v !== v);
    return numericColumn(name, values, whole ? "integer" : "float");
  }
  if (present.every((cell) => /^(true|false)$/i.test(cell))) {
    return textColumn(name, cells.map((cell) => cell?.toLowerCase() ?? null), "boolean");
  }
  if (present.every((cell) => DATE.test(cell))) {
    return numericColumn(name, Float64Array.from(cells, toTime), "date");
  }
  return textColumn(name, cells);
}

function toNumber(cell: string | null): number {
  if (cell === null || /^nan$/i.test(cell)) return NaN;
  if (/inf/i.test(cell)) return cell.startsWith("-") ? -Infinity : Infinity;
  return Number(cell);
}

/** Milliseconds since 1970 of an ISO 8601 date; UTC unless it says otherwise. */
export function toTime(cell: string | null): number {
  if (cell === null) return NaN;
  const iso = cell.replace(" ", "T");
  return Date.parse(/T\d{2}:\d{2}[\d:.]*$/.test(iso) ? `${iso}Z` : iso);
}

/** Splits text into records of cells; null for an empty cell without quotes. */
function readRows(text: string, delimiter: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    let cell: string | null;
    if (text[at] === '"') {
      [cell, at] = quoted(text, at, rows.length + 1);
    } else {
      const start = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") {
        at++;
      }
      cell = at === start ? null : text.slice(start, at);
    }
    row.push(cell);
    if (text[at] === delimiter) {
      at++;
      // A delimiter at the very end of the text is followed by one more, empty cell.
      if (at === text.length) row.push(null);
      else continue;
    }
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    // A line without anything is no record.
    if (row.length > 1 || row[0] !== null) rows.push(row);
    row = [];
  }
  return rows;
}

function quoted(text: string, start: number, record: number): [string, number] {
  let cell = "";
  let at = start + 1;
  while (true) {
    const end = text.indexOf('"', at);
    if (end < 0) {
      throw new DataError("BAD_VALUE", `Record ${record}: a quoted cell is never closed`);
    }
    cell += text.slice(at, end);
    if (text[end + 1] !== '"') return [cell, end + 1];
    cell += '"';
    at = end + 2;
  }
}
