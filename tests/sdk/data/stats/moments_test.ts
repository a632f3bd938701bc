import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  momentsOf,
  populationStddev,
  rangeOf,
  sampleStddev,
  skewness,
} from "../../../../sdk/data/stats/mod.ts";

/** Digits on which two numbers agree. */
function agreement(actual: number, expected: number): number {
  return actual === expected ? 16 : -Math.log10(Math.abs(actual - expected) / Math.abs(expected));
}

function numAcc(first: number, low: number, high: number, pairs: number): Float64Array {
  return Float64Array.of(first, ...Array.from({ length: pairs }, () => [low, high]).flat());
}

// deno-fmt-ignore
const MICHELSON = [
  850,740,900,1070,930,850,950,980,980,880,1000,980,930,650,760,810,1000,1000,960,960,
  960,940,960,940,880,800,850,880,900,840,830,790,810,880,880,830,800,790,760,800,
  880,880,880,860,720,720,620,860,970,950,880,910,850,870,840,840,850,840,840,840,
  890,810,810,820,800,770,760,740,750,760,910,920,890,860,880,720,840,850,850,780,
  890,840,780,810,760,810,790,810,820,850,870,870,810,740,810,940,950,800,810,870,
].map((value) => (value + 299_000) / 1000);

/** NIST Statistical Reference Datasets, univariate: certified mean and standard deviation, digits to agree on. */
const STRD: [string, Float64Array, number, number, number][] = [
  ["Michelso", Float64Array.from(MICHELSON), 299.8524, 0.0790105478190518, 12],
  ["NumAcc1", Float64Array.of(10000001, 10000003, 10000002), 10000002, 1, 15],
  ["NumAcc2", numAcc(1.2, 1.1, 1.3, 500), 1.2, 0.1, 13],
  // The data itself is rounded to doubles near 10⁶ and 10⁷, which leaves these digits.
  ["NumAcc3", numAcc(1000000.2, 1000000.1, 1000000.3, 500), 1000000.2, 0.1, 9],
  ["NumAcc4", numAcc(10000000.2, 10000000.1, 10000000.3, 500), 10000000.2, 0.1, 8],
];

for (const [name, data, mean, stddev, digits] of STRD) {
  test(`NIST StRD ${name}: mean and standard deviation to ${digits} digits`, () => {
    const moments = momentsOf(data);
    assert.ok(agreement(moments.mean, mean) >= 15, `mean ${moments.mean}`);
    assert.ok(agreement(sampleStddev(moments), stddev) >= digits, `sd ${sampleStddev(moments)}`);
  });
}

test("moments hold where squares overflow or vanish", () => {
  for (const unit of [1e-300, 1e-160, 1, 1e160, 1e300]) {
    const moments = momentsOf(
      Float64Array.of(1, 2, 3, 4).map((value) => value * unit),
      undefined,
      true,
    );
    assert.ok(agreement(moments.mean, 2.5 * unit) >= 14);
    assert.ok(agreement(sampleStddev(moments), Math.sqrt(5 / 3) * unit) >= 14);
    assert.ok(agreement(populationStddev(moments), Math.sqrt(1.25) * unit) >= 14);
  }
});

test("the mean of many equal values is that value", () => {
  const moments = momentsOf(new Float64Array(1_000_003).fill(0.1));
  assert.equal(moments.mean, 0.1);
  assert.equal(sampleStddev(moments), 0);
});

test("skewness of a known sample", () => {
  // 1, 1, 1, 5: mean 2, m2 = 3, m3 = 6, so g₁ = 6 / 3^1.5.
  const moments = momentsOf(Float64Array.of(1, 1, 1, 5), undefined, true);
  assert.ok(agreement(skewness(moments), 6 / 3 ** 1.5) >= 14);
});

test("non-finite values are counted and left out", () => {
  const values = Float64Array.of(1, NaN, 3, Infinity, -Infinity, NaN);
  assert.deepEqual(rangeOf(values), { count: 2, nan: 2, infinite: 2, min: 1, max: 3 });
  assert.equal(momentsOf(values).mean, 2);
  assert.ok(Number.isNaN(momentsOf(Float64Array.of(NaN)).mean));
  assert.ok(Number.isNaN(sampleStddev(momentsOf(Float64Array.of(1)))));
});

test("moments agree with exact rational arithmetic on integers", () => {
  const integers = fc.array(fc.integer({ min: -1000, max: 1000 }), {
    minLength: 2,
    maxLength: 100,
  });
  fc.assert(fc.property(integers, (x) => {
    const n = BigInt(x.length);
    const sum = x.reduce((total, value) => total + BigInt(value), 0n);
    const squares = x.reduce((total, value) => total + BigInt(value) ** 2n, 0n);
    const variance = Number(n * squares - sum * sum) / Number(n * (n - 1n));
    const moments = momentsOf(Float64Array.from(x));
    assert.ok(Math.abs(moments.mean - Number(sum) / x.length) <= 1e-12 * 1000);
    assert.ok(Math.abs(sampleStddev(moments) - Math.sqrt(variance)) <= 1e-9);
  }));
});
