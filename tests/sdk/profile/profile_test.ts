import assert from "node:assert/strict";
import { test } from "node:test";
import { numericColumn, textColumn } from "../../../sdk/data/mod.ts";
import {
  compactRanks,
  correlationRatio,
  cramersV,
  createDataProfile,
  DataProfile,
  pearsonMatrix,
  ranks,
} from "../../../sdk/profile/mod.ts";

const X = [1, 2, 2, 3, 4, 5, 6, 7, 8, 10];

function near(actual: number | undefined, expected: number, tolerance = 1e-12): void {
  assert.ok(Math.abs((actual ?? NaN) - expected) <= tolerance, `${actual} is not ${expected}`);
}

test("ten numbers have the statistics worked out by hand", () => {
  const stats = createDataProfile({ x: X }, { binSize: 5 }).features.get("x")?.numericStats;
  near(stats?.mean, 4.8);
  near(stats?.stddev, 2.9363620727, 1e-10);
  assert.deepEqual(stats?.quantiles, { q25: 2, q50: 5, q75: 7, q99: 10 });
  assert.deepEqual(stats?.distinct, { count: 9, percent: 0.9 });
  assert.deepEqual(stats?.histogram.binCounts, [3, 2, 2, 2, 1]);
  assert.deepEqual(stats?.histogram.bins.map((edge) => Math.round(edge * 10) / 10), [
    1,
    2.8,
    4.6,
    6.4,
    8.2,
  ]);
});

test("a value on the last histogram edge is counted, in reference mode lost", () => {
  const counts = (compatibility: "strict" | "reference") =>
    createDataProfile({ x: X }, { binSize: 3, compatibility }).features.get("x")?.numericStats
      ?.histogram.binCounts;
  assert.deepEqual(counts("reference"), [4, 3, 2]);
  assert.deepEqual(counts("strict"), [4, 3, 3]);
});

test("a constant column's histogram has one bin that holds everything", () => {
  const stats = createDataProfile({ x: [7, 7, 7] }).features.get("x")?.numericStats;
  assert.deepEqual(stats?.histogram, { bins: [7], binCounts: [3] });
});

test("every finite value is in the histogram, whatever the scale", () => {
  for (const unit of [1e-300, 1, 1e300]) {
    const x = Float64Array.from({ length: 997 }, (_, i) => ((i * 7919) % 997 - 400) * unit * 1e-3);
    const stats = createDataProfile({ x }, { binSize: 13 }).features.get("x")?.numericStats;
    assert.equal(stats?.histogram.binCounts.reduce((sum, count) => sum + count, 0), 997);
  }
});

test("missing and infinite values are counted and spoil nothing, in reference mode everything", () => {
  const data = { x: [1, null, 3, NaN], y: [1, 2, Infinity, 4], s: ["a", null, "a", "b"] };
  const strict = createDataProfile(data).features;
  assert.deepEqual(strict.get("x")?.missing, { count: 2, percent: 0.5 });
  near(strict.get("x")?.numericStats?.mean, 2);
  assert.equal(strict.get("y")?.numericStats?.infinite, 1);
  assert.equal(strict.get("y")?.numericStats?.max, 4);
  assert.deepEqual(strict.get("s")?.missing, { count: 1, percent: 0.25 });
  const reference = createDataProfile(data, { compatibility: "reference" }).features;
  assert.equal(reference.get("x")?.numericStats?.quantiles.q50, 0);
  assert.ok(Number.isNaN(reference.get("y")?.numericStats?.mean));
});

test("strings: one convention for shares, lengths in code points, the commonest first", () => {
  const stats = createDataProfile({ s: ["hello", "world", "world"] }).features.get("s")
    ?.stringStats;
  assert.deepEqual(stats?.distinct, { count: 2, percent: 2 / 3 });
  assert.deepEqual([...stats?.wordStats.words ?? []], [
    ["world", { count: 2, percent: 2 / 3 }],
    ["hello", { count: 1, percent: 1 / 3 }],
  ]);
  const lengths = createDataProfile({ s: ["a", "foo", "blah", "world"] }).features.get("s")
    ?.stringStats?.charStats;
  assert.deepEqual(lengths, { minLength: 1, maxLength: 5, medianLength: 4, meanLength: 3.25 });
  const emoji = createDataProfile({ s: ["\u{1F600}é"] }).features.get("s")?.stringStats?.charStats;
  assert.equal(emoji?.maxLength, 2);
});

test("only the commonest values are listed, the rest is summed up", () => {
  const s = [...Array.from({ length: 300 }, (_, i) => `v${i}`), "v0", "v0"];
  const stats = createDataProfile({ s }, { topK: 2 }).features.get("s")?.stringStats;
  assert.deepEqual([...stats?.wordStats.words.keys() ?? []], ["v0", "v1"]);
  assert.equal(stats?.wordStats.other.count, 298);
  assert.equal(stats?.distinct.count, 300);
});

test("dates are profiled as dates", () => {
  const day = 86_400_000;
  const when = [0, 1, 2, 3, 10].map((days) => new Date(days * day));
  const feature = createDataProfile({ when }, { binSize: 2 }).features.get("when");
  assert.equal(feature?.numericStats, null);
  assert.equal(feature?.dateStats?.min, "1970-01-01T00:00:00.000Z");
  assert.equal(feature?.dateStats?.max, "1970-01-11T00:00:00.000Z");
  assert.equal(feature?.dateStats?.quantiles.q50, "1970-01-03T00:00:00.000Z");
  assert.deepEqual(feature?.dateStats?.histogram.binCounts, [4, 1]);
});

test("Pearson's r, Spearman's rho, Cramér's V and the correlation ratio of known data", () => {
  // Anscombe's first set (1973): r = 0.816.
  const x = Float64Array.of(10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5);
  const y = Float64Array.of(8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68);
  near(pearsonMatrix([x, y])[1], 0.81642051634484, 1e-13);
  near(pearsonMatrix([ranks(x), ranks(y)])[1], 0.8181818181818182, 1e-13);
  assert.deepEqual([...ranks(Float64Array.of(10, 30, NaN, 10))], [1.5, 3, NaN, 1.5]);
  // A 2 × 2 table with 10, 20, 30, 40: χ² = 100·(400 − 600)²/(30·70·40·60), V = √(χ²/100).
  const pairs = ([["a", "u", 10], ["a", "v", 20], ["b", "u", 30], ["b", "v", 40]] as const)
    .flatMap(([a, b, n]) => Array.from({ length: n }, () => [a, b] as const));
  const a = textColumn("a", pairs.map((pair) => pair[0]));
  const b = textColumn("b", pairs.map((pair) => pair[1]));
  near(cramersV(a, b), Math.sqrt((400 - 600) ** 2 / (30 * 70 * 40 * 60)), 1e-12);
  // Groups {1, 3} and {5, 7}: between 16, total 20.
  const groups = textColumn("g", ["p", "p", "q", "q"]);
  near(correlationRatio(Float64Array.of(1, 3, 5, 7), groups), Math.sqrt(16 / 20), 1e-12);
});

test("Spearman's rho of a long column is that of its formula", () => {
  // Without ties, ρ = 1 − 6 Σ d² / (n (n² − 1)); the numbers are their own ranks less one.
  const n = 300_007;
  const x = Float64Array.from({ length: n }, (_, i) => i);
  const y = Float64Array.from({ length: n }, (_, i) => (i * 7919) % n);
  let squares = 0n;
  for (let i = 0; i < n; i++) squares += BigInt(i - ((i * 7919) % n)) ** 2n;
  const expected = 1 - 6 * Number(squares) / (n * (n * n - 1));
  const profile = createDataProfile({ x, y }, { computeCorrelations: true });
  near(profile.features.get("x")?.rankCorrelations?.y, expected, 1e-12);
});

test("ranks in half the memory are exact: halves too, at the greatest length", () => {
  assert.deepEqual([...compactRanks(Float64Array.of(10, 30, NaN, 10))], [1.5, 3, NaN, 1.5]);
  assert.equal(Math.fround(2 ** 23 - 0.5), 2 ** 23 - 0.5);
  const tied = Float64Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 333);
  assert.deepEqual([...compactRanks(tied)], [...ranks(tied)]);
});

test("correlations take the measure that suits the pair, and pairs with gaps the rows they share", () => {
  const data = {
    x: [1, 2, 3, null, 5],
    y: [2, 4, 6, 100, 10],
    s: ["a", "a", "b", "b", "b"],
    c: [7, 7, 7, 7, 7],
  };
  const features = createDataProfile(data, { computeCorrelations: true }).features;
  near(features.get("x")?.correlations?.y, 1);
  near(features.get("x")?.rankCorrelations?.y, 1);
  assert.ok(Number.isNaN(features.get("x")?.correlations?.c));
  near(features.get("s")?.correlations?.x, features.get("x")?.correlations?.s ?? NaN);
  assert.equal(createDataProfile(data).features.get("x")?.correlations, null);
});

test("ordinals 0, 1, 1 against 0, 1, 2 correlate by √3/2", () => {
  const data = { a: ["a", "b", "b"], b: ["a", "b", "c"] };
  const options = { computeCorrelations: true, compatibility: "reference" } as const;
  near(createDataProfile(data, options).features.get("a")?.correlations?.b, Math.sqrt(3) / 2, 1e-9);
});

test("correlations of huge and tiny numbers stay within [-1, 1]", () => {
  const base = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i));
  for (const unit of [1e-300, 1e300]) {
    near(pearsonMatrix([base, base.map((value) => -value * unit)])[1], -1, 1e-12);
  }
});

test("a profile survives its file", () => {
  const data = {
    columns: [
      numericColumn("x", Float64Array.from(X)),
      numericColumn("when", Float64Array.from(X, (days) => days * 1e9), "date"),
      textColumn("s", X.map((value) => `v${value % 3}`)),
    ],
    rowCount: X.length,
  };
  const text = JSON.stringify(createDataProfile(data, { computeCorrelations: true }));
  assert.equal(JSON.stringify(DataProfile.fromJSON(text)), text);
});

test("a bin size that is none is refused", () => {
  for (const binSize of [0, -1, 1.5, NaN]) {
    assert.throws(() => createDataProfile({ x: X }, { binSize }), { code: "INVALID_CONFIG" });
  }
});
