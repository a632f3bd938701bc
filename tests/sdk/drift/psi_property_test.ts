import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  computePsiDrift,
  createPsiProfile,
  NumericBinner,
  psi,
  PsiDriftConfig,
  quantileBinning,
} from "../../../sdk/drift/mod.ts";

const values = fc.array(fc.integer({ min: -1000, max: 1000 }).map((n) => n / 8), {
  minLength: 5,
  maxLength: 200,
});
const weights = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 6, maxLength: 6 })
  .filter((counts) => counts.some((count) => count > 0))
  .map((counts) => counts.map((count) => count / counts.reduce((sum, n) => sum + n, 0)));

test("PSI is never negative, symmetric, and zero for equal distributions", () => {
  fc.assert(fc.property(weights, weights, (p, q) => {
    assert.ok(psi(p, q) >= 0);
    assert.ok(Math.abs(psi(p, q) - psi(q, p)) <= 1e-12 * Math.max(1, psi(p, q)));
    assert.equal(psi(p, p), 0);
  }));
});

test("data against its own profile has no drift, in whatever order", () => {
  fc.assert(fc.property(values, (x) => {
    const profile = createPsiProfile({ x });
    assert.equal(computePsiDrift({ x: x.toReversed() }, profile).features.x, 0);
  }));
});

test("quantile-binned PSI survives a strictly increasing transform of both sides", () => {
  const config = new PsiDriftConfig({ binningStrategy: quantileBinning(4) });
  // With 4·m + 1 distinct values the quartiles are values themselves, so that a transform maps edges to edges.
  const distinct = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), {
    minLength: 21,
    maxLength: 21,
  });
  fc.assert(fc.property(distinct, distinct, (base, current) => {
    const cube = (x: readonly number[]) => x.map((value) => value ** 3 + 5);
    const plain = computePsiDrift({ x: current }, createPsiProfile({ x: base }, config));
    const cubed = computePsiDrift(
      { x: cube(current) },
      createPsiProfile({ x: cube(base) }, config),
    );
    assert.equal(plain.features.x, cubed.features.x);
  }));
});

test("the binner's table agrees with looking through the edges one by one", () => {
  const edges = fc.oneof(
    fc.array(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), { minLength: 1, maxLength: 40 }),
    fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 40 }),
  );
  fc.assert(fc.property(edges, fc.array(fc.double()), (unsorted, x) => {
    const sorted = Float64Array.from(unsorted).sort();
    const counts = new Float64Array(sorted.length + 1);
    new NumericBinner(sorted).count(Float64Array.from([...x, ...sorted]), counts);
    const expected = new Float64Array(sorted.length + 1);
    for (const value of [...x, ...sorted]) {
      if (!Number.isFinite(value)) continue;
      const bin = sorted.filter((edge) => edge < value).length;
      expected[bin] = (expected[bin] ?? 0) + 1;
    }
    assert.deepEqual([...counts], [...expected]);
  }));
});
