import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ascendingOrder,
  countDistinct,
  orderStatistics,
  quantiles,
} from "../../../../sdk/data/stats/mod.ts";

/** A repeatable stream of numbers in [0, 1): a linear congruential generator (Numerical Recipes). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const shapes: Record<string, (random: () => number, i: number) => number> = {
  uniform: (random) => random(),
  "heavy-tailed": (random) => Math.tan(Math.PI * (random() - 0.5)) ** 5,
  "few distinct": (random) => Math.floor(random() * 5),
  "one far outlier": (random, i) => i === 7 ? 1e300 : random(),
  "ten scales": (random) => 10 ** (random() * 600 - 300),
  constant: () => 42,
  "with gaps": (random, i) => i % 3 === 0 ? NaN : i % 1000 === 1 ? Infinity : random(),
  "full range": (random, i) => (i % 2 === 0 ? 1 : -1) * Number.MAX_VALUE * random(),
};

for (const [name, shape] of Object.entries(shapes)) {
  test(`order statistics of 20,000 ${name} values are those of the sorted column`, () => {
    const random = uniform(11);
    const values = Float64Array.from({ length: 20_000 }, (_, i) => shape(random, i));
    const before = values.slice();
    const sorted = values.filter((value) => Number.isFinite(value)).sort();
    const ranks = [0, 1, 5, 777, Math.floor(sorted.length / 2), sorted.length - 1];
    assert.deepEqual(
      [...orderStatistics(values, ranks)],
      ranks.map((rank) => sorted[rank]),
    );
    assert.deepEqual(values, before);
    assert.equal(countDistinct(values), new Set(sorted).size);
    const order = ascendingOrder(values);
    assert.deepEqual(Float64Array.from(order, (row) => values[row] ?? NaN), sorted);
    assert.equal(new Set(order).size, order.length);
  });
}

test("order statistics of any column are those of the sorted column", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
      (x) => {
        const values = Float64Array.from(x, (value) => value + 0);
        const ranks = x.map((_, rank) => rank);
        assert.deepEqual(
          [...orderStatistics(values, ranks)].map((v) => v + 0),
          [...values.slice().sort()].map((v) => v + 0),
        );
      },
    ),
  );
});

test("a rank that does not exist is refused", () => {
  assert.throws(() => orderStatistics(Float64Array.of(1, NaN), [1]), RangeError);
  assert.throws(() => orderStatistics(Float64Array.of(1), [-1]), RangeError);
});

test("quantiles agree with R's type 7", () => {
  // R: quantile(c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5), c(0, .1, .25, .5, .9, 1))
  const values = Float64Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5);
  assert.deepEqual([...quantiles(values, [0, .1, .25, .5, .9, 1])], [1, 1, 2.5, 4, 6, 9]);
  assert.deepEqual([...quantiles(values, [.25, .5, .75], "nearest")], [3, 4, 5]);
  assert.ok(Number.isNaN(quantiles(Float64Array.of(NaN), [.5])[0]));
  assert.throws(() => quantiles(values, [.5, .25]), RangeError);
  assert.throws(() => quantiles(values, [1.5]), RangeError);
});

test("zero and minus zero are one distinct value", () => {
  assert.equal(countDistinct(Float64Array.of(0, -0, 1, NaN, Infinity)), 2);
  const many = Float64Array.from({ length: 10_000 }, (_, i) => i === 0 ? -0 : (i - 1) / 7);
  assert.equal(countDistinct(many), 9_999);
});
