import assert from "node:assert/strict";
import { test } from "node:test";
import { Bool, Table, tableFromArrays, vectorFromArray } from "apache-arrow";
import {
  asFloat64,
  compareUtf8,
  countMissing,
  getColumn,
  type NumericColumn,
  type TextColumn,
  toTable,
} from "../../../sdk/data/mod.ts";

const numeric = (input: Parameters<typeof toTable>[0], name: string) =>
  getColumn(toTable(input), name) as NumericColumn;
const text = (input: Parameters<typeof toTable>[0], name: string) =>
  getColumn(toTable(input), name) as TextColumn;

test("records become columns, types inferred over all rows", () => {
  const table = toTable([
    { age: 31, plan: "pro", ok: true, since: new Date(5) },
    { age: null, plan: null, ok: false },
    { age: 44n, plan: "free", ok: null, since: null, late: 1.5 },
  ]);
  assert.deepEqual(
    table.columns.map(({ name, type }) => [name, type]),
    [["age", "integer"], ["plan", "string"], ["ok", "boolean"], ["since", "date"], [
      "late",
      "float",
    ]],
  );
  assert.deepEqual([...numeric(table, "age").values], [31, NaN, 44]);
  assert.deepEqual([...numeric(table, "since").values], [5, NaN, NaN]);
  assert.deepEqual(text(table, "plan").dictionary, ["free", "pro"]);
  assert.deepEqual([...text(table, "plan").codes], [1, -1, 0]);
  assert.deepEqual(text(table, "ok").dictionary, ["false", "true"]);
  assert.equal(countMissing(getColumn(table, "late")), 2);
});

test("typed arrays are not copied", () => {
  const x = new Float64Array([1, 2, 3]);
  const y = new Float32Array([1, 2, 3]);
  const table = toTable({ x, y });
  assert.equal(numeric(table, "x").values, x);
  assert.equal(asFloat64(numeric(table, "x")), x);
  assert.equal(numeric(table, "y").values, y);
});

test("mixed columns: a string makes text, booleans beside numbers become 0 and 1, dates stand alone", () => {
  assert.deepEqual(text({ c: [1, "a", true, NaN] }, "c").dictionary, ["1", "a", "true"]);
  assert.deepEqual([...numeric({ c: [2, true, false] }, "c").values], [2, 1, 0]);
  assert.throws(() => toTable({ c: [new Date(), 1] }), { code: "MIXED_TYPES" });
  assert.throws(() => toTable([{ c: 1 }, { c: [1] }]), /"c", row 1: a value an array/);
  assert.throws(() => toTable([{ c: () => 1 }]), { code: "BAD_VALUE" });
});

test("integers beyond 2^53 are refused, not rounded", () => {
  assert.deepEqual([...numeric({ c: new BigInt64Array([1n, -5n]) }, "c").values], [1, -5]);
  assert.throws(() => toTable({ c: [2n ** 53n] }), /row 0: 9007199254740992/);
  assert.throws(() => toTable({ c: new BigUint64Array([1n, 2n ** 60n]) }), /row 1/);
});

test("matrices are read row by row", () => {
  const rows = toTable([[1, 2], [3, 4], [5, 6]]);
  assert.deepEqual(rows.columns.map((column) => column.name), ["feature_0", "feature_1"]);
  assert.deepEqual([...numeric(rows, "feature_1").values], [2, 4, 6]);
  const named = toTable({
    data: new Float32Array([1, 2, 3, 4]),
    rowCount: 2,
    columnCount: 2,
    names: ["a", "b"],
  });
  assert.deepEqual([...numeric(named, "b").values], [2, 4]);
  assert.throws(() => toTable([[1, 2], [3]]), { code: "RAGGED" });
  assert.throws(() => toTable({ data: new Float64Array(3), rowCount: 2, columnCount: 2 }), {
    code: "RAGGED",
  });
});

test("an Apache Arrow table's numbers, strings, booleans, dates and nulls are read", () => {
  const arrow = new Table({
    x: vectorFromArray([1.5, null, 2.5]),
    n: vectorFromArray(new Int32Array([1, 2, 3])),
    b: vectorFromArray([1n, 2n, 3n]),
    s: vectorFromArray(["b", "a", null]),
    ok: vectorFromArray([true, null, false], new Bool()),
    d: vectorFromArray([new Date(1000), null, new Date(3000)]),
  });
  const table = toTable(arrow);
  assert.deepEqual([...numeric(table, "x").values], [1.5, NaN, 2.5]);
  assert.deepEqual([...numeric(table, "n").values], [1, 2, 3]);
  assert.equal(numeric(table, "n").type, "integer");
  assert.deepEqual([...numeric(table, "b").values], [1, 2, 3]);
  assert.deepEqual(text(table, "s").dictionary, ["a", "b"]);
  assert.deepEqual([...text(table, "s").codes], [1, 0, -1]);
  assert.equal(text(table, "ok").type, "boolean");
  assert.deepEqual([...numeric(table, "d").values], [1000, NaN, 3000]);
  assert.equal(numeric(table, "d").type, "date");
});

test("a vector of doubles without nulls is taken over without copying", () => {
  const arrow = tableFromArrays({ x: new Float64Array([1, 2]) });
  const { values } = numeric(arrow, "x");
  assert.equal(values.buffer, arrow.getChildAt(0)?.toArray().buffer);
});

test("unequal lengths, unknown columns and anything that is not data are refused", () => {
  assert.throws(() => toTable({ a: [1], b: [1, 2] }), { code: "RAGGED" });
  assert.throws(() => getColumn(toTable({ a: [1] }), "b"), /no column "b"; the data has "a"/);
  for (const bad of [null, 7, "text", { a: "text" }, [7]]) {
    assert.throws(() => toTable(bad as never), { code: "UNSUPPORTED_INPUT" });
  }
  assert.equal(toTable([]).rowCount, 0);
});

test("strings are ordered by their UTF-8 bytes", () => {
  const words = ["b", "\u{1F600}", "a", "", "\uFF5E", "é", "aa", "\uD83D\uDE01"];
  const bytes = (word: string) => [...new TextEncoder().encode(word)];
  const expected = words.toSorted((a, b) => {
    const [x, y] = [bytes(a), bytes(b)];
    const at = x.findIndex((byte, i) => byte !== y[i]);
    return at === -1 ? x.length - y.length : (x[at] ?? 0) - (y[at] ?? -1);
  });
  assert.deepEqual(words.toSorted(compareUtf8), expected);
});
