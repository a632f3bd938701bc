import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  jensenShannon,
  kolmogorovSmirnov,
  kolmogorovTail,
  psi,
  psiBootstrap,
  psiConfidence,
  wasserstein1,
} from "../../../sdk/drift/mod.ts";

function near(actual: number, expected: number, tolerance = 1e-12): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

const sample = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 40 });

test("Jensen–Shannon divergence of distributions worked out by hand", () => {
  assert.equal(jensenShannon([0.5, 0.5], [0.5, 0.5]), 0);
  assert.equal(jensenShannon([1, 0], [0, 1]), 1);
  // H(3/4, 1/4) - H(1/2, 1/2) / 2 in bits.
  near(jensenShannon([1, 0], [0.5, 0.5]), 0.8112781244591328 - 0.5, 1e-12);
  assert.throws(() => jensenShannon([1], [0.5, 0.5]));
});

test("Wasserstein-1 distances that SciPy documents", () => {
  near(wasserstein1(Float64Array.of(0, 1, 3), Float64Array.of(5, 6, 8)), 5);
  near(wasserstein1(Float64Array.of(0, 2, NaN), Float64Array.of(1)), 1);
  // One quarter of the mass moves by 4.
  near(wasserstein1(Float64Array.of(1, 1, 1, 1), Float64Array.of(1, 1, 1, 5)), 1);
  assert.throws(() => wasserstein1(Float64Array.of(NaN), Float64Array.of(1)), {
    code: "NOT_ENOUGH_DATA",
  });
});

test("Wasserstein-1 of equally large samples is the mean distance of their sorted values", () => {
  fc.assert(fc.property(sample, (a) => {
    const b = a.map((value, i) => value + (i % 5) - 2);
    const [x, y] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
    const expected = x.reduce((sum, value, i) => sum + Math.abs(value - (y[i] ?? NaN)), 0) /
      x.length;
    near(wasserstein1(Float64Array.from(a), Float64Array.from(b)), expected, 1e-9);
  }));
});

test("Kolmogorov–Smirnov statistics and critical values of the published table", () => {
  assert.equal(kolmogorovSmirnov(Float64Array.of(1, 2, 3), Float64Array.of(7, 8, 9)).statistic, 1);
  near(kolmogorovSmirnov(Float64Array.of(1, 2, 3, 4), Float64Array.of(3, 4, 5, 6)).statistic, 0.5);
  assert.equal(kolmogorovSmirnov(Float64Array.of(1, 2), Float64Array.of(1, 2)).pValue, 1);
  // Smirnov's (1948) limiting critical values.
  for (
    const [lambda, p] of [[1.2238, 0.10], [1.3581, 0.05], [1.6276, 0.01], [1.9495, 0.001], [
      0.8276,
      0.5,
    ]]
  ) {
    near(kolmogorovTail(lambda ?? NaN), p ?? NaN, 1e-4);
  }
  near(kolmogorovTail(1.17999), kolmogorovTail(1.18001), 1e-4);
});

test("the KS statistic is that of the definition, and symmetric", () => {
  fc.assert(fc.property(sample, sample, (a, b) => {
    const share = (from: number[], at: number) =>
      from.filter((value) => value <= at).length / from.length;
    const expected = Math.max(...[...a, ...b].map((at) => Math.abs(share(a, at) - share(b, at))));
    const [x, y] = [Float64Array.from(a), Float64Array.from(b)];
    near(kolmogorovSmirnov(x, y).statistic, expected);
    assert.equal(kolmogorovSmirnov(x, y).statistic, kolmogorovSmirnov(y, x).statistic);
  }));
});

/** A repeatable stream of numbers in [0, 1): mulberry32. */
function uniform(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("the interval of a PSI covers the true value about as often as it says", () => {
  const p = [0.25, 0.25, 0.25, 0.25];
  const q = [0.4, 0.3, 0.2, 0.1];
  const truth = psi(p, q);
  const random = uniform(5);
  let covered = 0;
  let bootstrapped = 0;
  const runs = 300;
  for (let run = 0; run < runs; run++) {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 500; i++) {
      const u = random();
      const bin = u < 0.4 ? 0 : u < 0.7 ? 1 : u < 0.9 ? 2 : 3;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    const { lower, upper } = psiConfidence(p, counts);
    if (lower <= truth && truth <= upper) covered++;
    if (run >= 100) continue;
    const boot = psiBootstrap(p, counts, random, { resamples: 200 });
    if (boot.lower <= truth && truth <= boot.upper) bootstrapped++;
  }
  // Binomial standard error is 1.3 % for 300 runs at 95 %, 2.2 % for 100.
  assert.ok(covered / runs > 0.91 && covered / runs < 0.99, `asymptotic ${covered / runs}`);
  assert.ok(bootstrapped / 100 > 0.87, `bootstrap ${bootstrapped / 100}`);
});

test("without drift the p-value is below 5 % about 5 % of the time", () => {
  const random = uniform(9);
  const p = Array.from({ length: 10 }, () => 0.1);
  let alarms = 0;
  const runs = 1000;
  for (let run = 0; run < runs; run++) {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 1000; i++) {
      const bin = Math.floor(random() * 10);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    if (psiConfidence(p, counts).pValue < 0.05) alarms++;
  }
  assert.ok(alarms / runs > 0.03 && alarms / runs < 0.07, `${alarms / runs}`);
});

test("a PSI of no values has no confidence", () => {
  assert.throws(() => psiConfidence([0.5, 0.5], [0, 0]), { code: "NOT_ENOUGH_DATA" });
});
