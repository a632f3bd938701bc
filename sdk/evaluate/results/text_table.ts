// deno-lint-ignore no-control-regex -- escape sequences take no room on a terminal
const ANSI = /\x1b\[[0-9;]*m/g;

/**
 * Lays out a table in plain text.
 *
 * @param header column names
 * @param rows cells; missing ones are empty
 * @returns lines, ending with a newline
 * @example
 * ```ts
 * import { renderTable } from "./text_table.ts";
 *
 * renderTable(["Task", "Passed"], [["a", "✓"]]);
 * ```
 */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = header.map((name, column) =>
    rows.reduce((widest, row) => Math.max(widest, width(row[column] ?? "")), width(name))
  );
  const line = (cells: readonly string[]): string =>
    widths.map((room, column) => {
      const cell = (cells[column] ?? "").replaceAll("\n", " ");
      return cell + " ".repeat(Math.max(0, room - width(cell)));
    }).join("  ").trimEnd();
  const rule = widths.map((room) => "─".repeat(room)).join("  ");
  return [line(header), rule, ...rows.map(line)].join("\n") + "\n";
}

function width(text: string): number {
  return [...text.replace(ANSI, "")].length;
}
