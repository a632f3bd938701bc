/**
 * Reading files of data: Parquet, CSV and JSON through DuckDB, which is loaded when it is used. Kept out of the pure
 * core: import it from here.
 *
 * @module
 */

import {
  type Column,
  type DataTable,
  numericColumn,
  type NumericType,
  sortDictionary,
} from "./column.ts";
import { DataError } from "./error.ts";

/** The part of DuckDB's Node.js client that is used here. */
interface Connection {
  stream(sql: string): Promise<Result>;
  closeSync(): void;
}
interface Result {
  fetchChunk(): Promise<Chunk | null>;
}
interface Chunk {
  readonly rowCount: number;
  getColumnValues(index: number): unknown[];
}

/** Options of {@linkcode readTable}. */
export interface ReadTableOptions {
  /** Columns to read; all by default. */
  readonly columns?: readonly string[];
  /** A DuckDB condition that rows must meet; none by default. Trusted text: never pass on a stranger's. */
  readonly where?: string;
}

/**
 * Reads a file into columns: `.parquet`, `.csv`, `.tsv`, `.json`, `.jsonl`, `.ndjson`, also with `.gz`, also many files by a
 * glob pattern. Whole numbers beyond ±(2⁵³−1) are an error, never a rounding.
 *
 * @param path the file
 * @param options columns and rows to read
 * @returns the columns; numbers and dates are numeric, everything else is text
 * @throws DataError when DuckDB is not installed (MISSING_DEPENDENCY) or cannot read the file (FILE)
 * @example
 * ```ts
 * import { readTable } from "./files.ts";
 *
 * const table = await readTable("examples/data/seattle_weather.csv", { columns: ["wind"] });
 * ```
 */
export async function readTable(path: string, options: ReadTableOptions = {}): Promise<DataTable> {
  const connection = await connect();
  try {
    const source = `${readerOf(path)}(${literal(path)})`;
    const described = await rows(connection, `DESCRIBE SELECT * FROM ${source}`);
    const wanted = options.columns;
    const fields = described.map(([name, type]) => ({ name: String(name), type: String(type) }))
      .filter(({ name }) => wanted === undefined || wanted.includes(name));
    const absent = wanted?.find((name) => !fields.some((field) => field.name === name));
    if (absent !== undefined) {
      throw new DataError("MISSING_COLUMN", `${path} has no column "${absent}"`);
    }
    const where = options.where === undefined ? "" : ` WHERE ${options.where}`;
    const rowCount = await checkSizes(connection, path, fields, `${source}${where}`);
    const builders = fields.map(({ name, type }) => builderOf(name, type, rowCount));
    const select = fields.map(({ name, type }) => expression(name, type)).join(", ");
    const result = await connection.stream(`SELECT ${select} FROM ${source}${where}`);
    for (let row = 0, chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0;) {
      builders.forEach((builder, index) => builder.add(row, chunk?.getColumnValues(index) ?? []));
      row += chunk.rowCount;
      chunk = await result.fetchChunk();
    }
    return { rowCount, columns: builders.map((builder) => builder.finish()) };
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError("FILE", `${path} could not be read: ${message(cause)}`, { cause });
  } finally {
    connection.closeSync();
  }
}

async function connect(): Promise<Connection> {
  let duckdb: typeof import("@duckdb/node-api");
  try {
    duckdb = await import("@duckdb/node-api");
  } catch (cause) {
    throw new DataError(
      "MISSING_DEPENDENCY",
      "Reading files needs DuckDB: install the package @duckdb/node-api, or parse the file yourself (parseCsv, " +
        "parseJsonTable)",
      { cause },
    );
  }
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  return await instance.connect();
}

function readerOf(path: string): string {
  const name = path.toLowerCase().replace(/\.gz$/, "");
  if (name.endsWith(".parquet")) return "read_parquet";
  if (name.endsWith(".csv") || name.endsWith(".tsv")) return "read_csv";
  if (/\.(json|jsonl|ndjson)$/.test(name)) return "read_json";
  throw new DataError(
    "FILE",
    `${path}: the name must end with .parquet, .csv, .tsv, .json, .jsonl or .ndjson`,
  );
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const message = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause);

const WIDE = /^(U?BIGINT|U?HUGEINT)$/;
const WHOLE = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT))$/;
const FLOAT = /^(FLOAT|DOUBLE|DECIMAL.*)$/;
const TIME = /^(DATE|TIMESTAMP.*)$/;

async function rows(connection: Connection, sql: string): Promise<unknown[][]> {
  const result = await connection.stream(sql);
  const out: unknown[][] = [];
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0;) {
    const first = chunk.getColumnValues(0);
    const columns = [first];
    // DESCRIBE answers name and type first; other queries here have what they ask for.
    for (let i = 1; i < 2; i++) columns.push(chunk.getColumnValues(i));
    first.forEach((_, row) => out.push(columns.map((column) => column[row])));
    chunk = await result.fetchChunk();
  }
  return out;
}

/** Counts the rows, and refuses whole numbers that a double cannot hold. */
async function checkSizes(
  connection: Connection,
  path: string,
  fields: readonly { name: string; type: string }[],
  from: string,
): Promise<number> {
  const tooLarge = fields.filter(({ type }) => WIDE.test(type)).map(({ name }) =>
    `WHEN bool_or(${identifier(name)} NOT BETWEEN -9007199254740991 AND 9007199254740991) THEN ${
      literal(name)
    }`
  );
  const check = tooLarge.length === 0 ? "NULL" : `CASE ${tooLarge.join(" ")} END`;
  const [[count, name] = []] = await rows(
    connection,
    `SELECT count(*)::DOUBLE, ${check} FROM ${from}`,
  );
  if (typeof name === "string") {
    throw new DataError(
      "BAD_VALUE",
      `${path}, column "${name}": a whole number is beyond ±(2^53-1) and cannot be represented exactly`,
    );
  }
  return Number(count);
}

function expression(name: string, type: string): string {
  const column = identifier(name);
  if (WHOLE.test(type) || FLOAT.test(type)) return `${column}::DOUBLE`;
  if (TIME.test(type)) return `epoch_ms(${column}::TIMESTAMP)::DOUBLE`;
  return `${column}::VARCHAR`;
}

interface Builder {
  add(row: number, values: readonly unknown[]): void;
  finish(): Column;
}

function builderOf(name: string, type: string, rowCount: number): Builder {
  const isTime = TIME.test(type);
  if (isTime || WHOLE.test(type) || FLOAT.test(type)) {
    const out = new Float64Array(rowCount).fill(NaN);
    const kind: NumericType = isTime ? "date" : WHOLE.test(type) ? "integer" : "float";
    return {
      add(row, values) {
        values.forEach((value, i) => {
          if (typeof value === "number") out[row + i] = value;
        });
      },
      finish: () => numericColumn(name, out, kind),
    };
  }
  const codes = new Int32Array(rowCount).fill(-1);
  const seen = new Map<string, number>();
  return {
    add(row, values) {
      values.forEach((value, i) => {
        if (typeof value !== "string") return;
        let code = seen.get(value);
        if (code === undefined) seen.set(value, code = seen.size);
        codes[row + i] = code;
      });
    },
    finish: () =>
      sortDictionary(name, codes, [...seen.keys()], type === "BOOLEAN" ? "boolean" : "string"),
  };
}
