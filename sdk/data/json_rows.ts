import type { DataTable } from "./column.ts";
import { DataError } from "./error.ts";
import { type TableInput, toTable } from "./table.ts";

/**
 * Reads a table from JSON: an array of records, an object of columns, or one record per line (JSON Lines).
 *
 * @param text the file's text
 * @returns its columns
 * @throws DataError when it is none of these, naming the line
 * @example
 * ```ts
 * import { parseJsonTable } from "./mod.ts";
 *
 * parseJsonTable('{"age": 31}\n{"age": 44}\n').rowCount; // 2
 * ```
 */
export function parseJsonTable(text: string): DataTable {
  const trimmed = text.trim();
  const lines = trimmed.split(/\r?\n/).filter((line) => line.trim() !== "");
  // A record on a line of its own: JSON Lines, even when there is only one.
  if (trimmed.startsWith("{") && lines.every((line) => /^\s*\{.*\}\s*$/.test(line))) {
    const rows = lines.map((line, index) => parse(line, `Line ${index + 1}`));
    const [first] = rows;
    const isColumns = rows.length === 1 && typeof first === "object" && first !== null &&
      Object.values(first).length > 0 && Object.values(first).every(Array.isArray);
    return toTable((isColumns ? first : rows) as TableInput);
  }
  return toTable(parse(text, "The file") as TableInput);
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError("BAD_VALUE", `${where} is not JSON: ${String(cause)}`, { cause });
  }
}
