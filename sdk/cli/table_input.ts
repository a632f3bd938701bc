import { resolve } from "node:path";
import { type DataTable, getColumn, numericColumn, parseCsv, parseJsonTable } from "../data/mod.ts";
import { DataError } from "../data/mod.ts";
import { toTime } from "../data/csv.ts";
import { type CliIo, UsageError } from "./io.ts";

/** Reads a command's data file: CSV, TSV, JSON and JSON Lines here, Parquet (or anything on request) through DuckDB. */
export async function readTableArgument(
  path: string | undefined,
  io: CliIo,
  options: { duckdb: boolean; timeColumn?: string | undefined },
): Promise<DataTable> {
  if (path === undefined) {
    throw new UsageError("name the data file (.csv, .tsv, .json, .jsonl or .parquet)");
  }
  const table = await read(path, io, options.duckdb).catch((cause) => {
    throw cause instanceof DataError && cause.code !== "MISSING_DEPENDENCY"
      ? new UsageError(`${path}: ${cause.message}`, { cause })
      : cause;
  });
  return options.timeColumn === undefined ? table : withTimes(table, options.timeColumn);
}

async function read(path: string, io: CliIo, duckdb: boolean): Promise<DataTable> {
  const name = path.toLowerCase();
  if (duckdb || /\.(parquet|gz)$/.test(name)) {
    const { readTable } = await import("../data/files.ts");
    return await readTable(resolve(io.cwd, path));
  }
  const parse = name.endsWith(".tsv")
    ? (text: string) => parseCsv(text, "\t")
    : name.endsWith(".csv")
    ? parseCsv
    : /\.(json|jsonl|ndjson)$/.test(name)
    ? parseJsonTable
    : undefined;
  if (parse === undefined) {
    throw new UsageError(`${path}: the name must end with .csv, .tsv, .json, .jsonl or .parquet`);
  }
  return parse(await readText(path, io));
}

/** Reads a text file; one that cannot be read is the user's mistake. */
export async function readText(path: string, io: CliIo): Promise<string> {
  try {
    return await io.readText(path);
  } catch (cause) {
    throw new UsageError(
      `${path} could not be read: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
      },
    );
  }
}

/** Takes the text of a time column for dates: JSON has none of its own. */
function withTimes(table: DataTable, name: string): DataTable {
  const column = getColumn(table, name);
  if (column.kind === "numeric") return table;
  const times = column.dictionary.map(toTime);
  const values = Float64Array.from(column.codes, (code) => code < 0 ? NaN : times[code] ?? NaN);
  return {
    ...table,
    columns: table.columns.map((other) =>
      other === column ? numericColumn(name, values, "date") : other
    ),
  };
}
