import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chiSquareQuantile,
  chiSquareTail,
  logGamma,
  normalCdf,
  normalQuantile,
} from "../../../../sdk/data/stats/mod.ts";

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.abs(expected),
    `${actual} is not ${expected}`,
  );
}

test("chi-square quantiles agree with the published table", () => {
  // Abramowitz and Stegun, table 26.8 (upper percentage points), and NIST's handbook 1.3.6.7.4.
  const table: [number, number, number][] = [
    [1, 0.95, 3.841],
    [2, 0.95, 5.991],
    [5, 0.90, 9.236],
    [5, 0.99, 15.086],
    [9, 0.95, 16.919],
    [10, 0.999, 29.588],
    [19, 0.95, 30.144],
    [30, 0.975, 46.979],
    [50, 0.90, 63.167],
    [100, 0.95, 124.342],
    [1, 0.05, 0.004],
    [10, 0.01, 2.558],
    [100, 0.01, 70.065],
  ];
  for (const [degrees, p, expected] of table) {
    assert.equal(Math.round(chiSquareQuantile(p, degrees) * 1000) / 1000, expected);
  }
});

test("chi-square quantiles hold where closed forms are known", () => {
  // With two degrees of freedom the distribution is exponential.
  for (const p of [1e-12, 0.001, 0.5, 0.999, 1 - 1e-12]) {
    near(chiSquareQuantile(p, 2), -2 * Math.log1p(-p), 1e-12);
  }
  near(chiSquareQuantile(0.95, 1), normalQuantile(0.975) ** 2, 1e-12);
  near(chiSquareQuantile(0.95, 9), 16.918977604620448, 1e-13);
  assert.equal(chiSquareQuantile(0, 3), 0);
  assert.equal(chiSquareQuantile(1, 3), Infinity);
});

test("quantile and tail are inverse to each other", () => {
  for (const degrees of [0.5, 1, 3, 10, 99, 1000, 100_000]) {
    for (const p of [0.001, 0.05, 0.5, 0.95, 0.9999]) {
      near(chiSquareTail(chiSquareQuantile(p, degrees), degrees), 1 - p, 1e-9);
    }
  }
});

test("normal quantiles agree with the published ones", () => {
  near(normalQuantile(0.975), 1.959963984540054, 1e-14);
  near(normalQuantile(0.95), 1.6448536269514722, 1e-14);
  near(normalQuantile(0.995), 2.5758293035489004, 1e-14);
  near(normalQuantile(1e-10), -6.361340902404056, 1e-13);
  assert.ok(Math.abs(normalQuantile(0.5)) < 1e-16);
  near(normalCdf(-10), 7.619853024160527e-24, 1e-12);
});

test("the gamma function's logarithm at factorials and halves", () => {
  near(logGamma(11), Math.log(3628800), 1e-14);
  near(logGamma(0.5), Math.log(Math.sqrt(Math.PI)), 1e-14);
  near(logGamma(0.1), 2.252712651734206, 1e-13);
});

test("probabilities outside [0, 1] and no degrees of freedom are refused", () => {
  assert.throws(() => normalQuantile(1.1), RangeError);
  assert.throws(() => chiSquareQuantile(-0.1, 1), RangeError);
  assert.throws(() => chiSquareQuantile(0.5, 0), RangeError);
});
