import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  getColumn,
  type NumericColumn,
  parseCsv,
  parseJsonTable,
  type TextColumn,
} from "../../../sdk/data/mod.ts";
import { readTable } from "../../../sdk/data/files.ts";
import { parquetWriteBuffer } from "hyparquet-writer";

const CSV = [
  "id,score,plan,ok,at,note",
  '1,1.5,pro,true,2025-01-01,"a, ""quoted"" note"',
  "2,,free,false,2025-01-02T12:00:00Z,",
  '3,-2e3,pro,TRUE,2025-01-03 06:30:00,"two',
  'lines"',
  "",
].join("\r\n");

test("CSV: quotes, missing cells, numbers, booleans and dates", () => {
  const table = parseCsv("\uFEFF" + CSV);
  assert.equal(table.rowCount, 3);
  assert.deepEqual(
    table.columns.map(({ name, type }) => [name, type]),
    [["id", "integer"], ["score", "float"], ["plan", "string"], ["ok", "boolean"], ["at", "date"], [
      "note",
      "string",
    ]],
  );
  assert.deepEqual([...(getColumn(table, "score") as NumericColumn).values], [1.5, NaN, -2000]);
  assert.deepEqual([...(getColumn(table, "at") as NumericColumn).values], [
    Date.UTC(2025, 0, 1),
    Date.UTC(2025, 0, 2, 12),
    Date.UTC(2025, 0, 3, 6, 30),
  ]);
  const note = getColumn(table, "note") as TextColumn;
  assert.deepEqual(note.dictionary, ['a, "quoted" note', "two\r\nlines"]);
  assert.deepEqual([...note.codes], [0, -1, 1]);
});

test("CSV: cells at the end of a line, other delimiters, and no trailing newline", () => {
  const table = parseCsv("a\tb\n1\t\n2\tx", "\t");
  assert.deepEqual([...(getColumn(table, "b") as TextColumn).codes], [-1, 0]);
  assert.equal(parseCsv("a,b\n1,").rowCount, 1);
  assert.deepEqual(
    [...(getColumn(parseCsv("a\nnan\ninf\n-Inf\n7"), "a") as NumericColumn).values],
    [
      NaN,
      Infinity,
      -Infinity,
      7,
    ],
  );
});

test("CSV: ragged rows, open quotes, repeated names and empty files are refused", () => {
  assert.throws(
    () => parseCsv("a,b\n1,2\n3"),
    /Record 2 after the header has 1 cells, the header 2/,
  );
  assert.throws(() => parseCsv('a\n"open'), /never closed/);
  assert.throws(() => parseCsv("a,a\n1,2"), { code: "DUPLICATE_COLUMN" });
  assert.throws(() => parseCsv(""), { code: "EMPTY" });
});

test("JSON: records, columns and lines are told apart", () => {
  for (
    const text of [
      '[{"a": 1, "s": "x"}, {"a": 2, "s": "y"}]',
      '{"a": [1, 2], "s": ["x", "y"]}',
      '{"a": 1, "s": "x"}\n{"a": 2, "s": "y"}\n',
      '{\n  "a": [1, 2],\n  "s": ["x", "y"]\n}',
    ]
  ) {
    const table = parseJsonTable(text);
    assert.deepEqual([...(getColumn(table, "a") as NumericColumn).values], [1, 2]);
    assert.deepEqual((getColumn(table, "s") as TextColumn).dictionary, ["x", "y"]);
  }
  assert.equal(parseJsonTable('{"a": 1}').rowCount, 1);
  assert.throws(() => parseJsonTable('{"a": 1}\n{"a": x}'), /Line 2 is not JSON/);
});

test("DuckDB reads Parquet, CSV and JSON files into the same columns", async () => {
  const folder = await mkdtemp(join(tmpdir(), "it's data "));
  try {
    await writeFile(join(folder, "t.csv"), "x,s,ok,at\n1.5,b,true,2025-01-01\n,a,,2025-01-02\n");
    await writeFile(
      join(folder, "t.json"),
      JSON.stringify([{ x: 1.5, s: "b", ok: true, at: "2025-01-01" }, {
        x: null,
        s: "a",
        ok: null,
        at: "2025-01-02",
      }]),
    );
    const parquet = parquetWriteBuffer({
      columnData: [
        { name: "x", data: [1.5, null], type: "DOUBLE" },
        { name: "s", data: ["b", "a"], type: "STRING" },
        { name: "ok", data: [true, null], type: "BOOLEAN" },
        { name: "at", data: [new Date("2025-01-01"), new Date("2025-01-02")], type: "TIMESTAMP" },
      ],
    });
    await writeFile(join(folder, "t.parquet"), new Uint8Array(parquet));
    for (const name of ["t.csv", "t.json", "t.parquet"]) {
      const table = await readTable(join(folder, name));
      assert.deepEqual(
        table.columns.map(({ name, type }) => [name, type]),
        [["x", "float"], ["s", "string"], ["ok", "boolean"], ["at", "date"]],
        name,
      );
      assert.deepEqual([...(getColumn(table, "x") as NumericColumn).values], [1.5, NaN]);
      assert.deepEqual([...(getColumn(table, "s") as TextColumn).codes], [1, 0]);
      assert.deepEqual([...(getColumn(table, "at") as NumericColumn).values], [
        Date.UTC(2025, 0, 1),
        Date.UTC(2025, 0, 2),
      ]);
    }
    const some = await readTable(join(folder, "t.parquet"), { columns: ["s"], where: "x > 1" });
    assert.deepEqual([some.rowCount, some.columns.length], [1, 1]);
    await assert.rejects(readTable(join(folder, "t.csv"), { columns: ["no"] }), {
      code: "MISSING_COLUMN",
    });
    await assert.rejects(readTable(join(folder, "none.csv")), { code: "FILE" });
    await assert.rejects(readTable(join(folder, "t.xls")), /must end with/);
    await writeFile(join(folder, "big.csv"), "n\n9007199254740993\n");
    await assert.rejects(readTable(join(folder, "big.csv")), /"n".*beyond/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a file of many chunks arrives whole", async () => {
  const folder = await mkdtemp(join(tmpdir(), "data-"));
  try {
    const rows = Array.from(
      { length: 10_000 },
      (_, i) => `${i},${i % 7 === 0 ? "seventh" : "other"}`,
    );
    await writeFile(join(folder, "many.csv"), ["n,s", ...rows].join("\n"));
    const table = await readTable(join(folder, "many.csv"));
    const { values } = getColumn(table, "n") as NumericColumn;
    assert.equal(values.length, 10_000);
    assert.ok(values.every((value, i) => value === i));
    const { codes } = getColumn(table, "s") as TextColumn;
    assert.equal(codes.filter((code) => code === 1).length, 1429);
  } finally {
    await rm(folder, { recursive: true });
  }
});
