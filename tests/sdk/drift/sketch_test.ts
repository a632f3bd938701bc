import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  computePsiDrift,
  createPsiProfile,
  equalWidthBinning,
  KllSketch,
  PsiDriftConfig,
  quantileBinning,
  StreamingBaseline,
} from "../../../sdk/drift/mod.ts";

/** Largest rank error of a sketch over the whole column, as a fraction of the count. */
function worstRankError(sketch: KllSketch, values: Float64Array): number {
  const sorted = values.slice().sort();
  let worst = 0;
  for (let i = 0; i < sorted.length; i += 97) {
    const value = sorted[i] ?? NaN;
    let upTo = i;
    while (sorted[upTo + 1] === value) upTo++;
    worst = Math.max(worst, Math.abs(sketch.rank(value) - (upTo + 1) / sorted.length));
  }
  return worst;
}

const streams: Record<string, (i: number) => number> = {
  ascending: (i) => i,
  descending: (i) => -i,
  shuffled: (i) => (i * 7919) % 100_003,
  "few distinct": (i) => (i * 7919) % 13,
  "heavy-tailed": (i) => 1 / (1 + ((i * 7919) % 100_003)),
};

for (const [name, at] of Object.entries(streams)) {
  test(`ranks of a ${name} stream stay near the true ones everywhere, also after merging`, () => {
    const values = Float64Array.from({ length: 100_000 }, (_, i) => at(i));
    const whole = new KllSketch(200, 7);
    whole.addAll(values);
    // The bound is for one rank at a time; the worst of all ranks lies somewhat beyond.
    assert.ok(worstRankError(whole, values) <= 2 * whole.rankError);
    assert.ok(whole.retained < 1000);
    const parts = [0, 1, 2, 3, 4].map((part) => {
      const sketch = new KllSketch(200, part + 1);
      sketch.addAll(values.subarray(part * 20_000, (part + 1) * 20_000));
      return sketch;
    });
    for (const order of [[0, 1, 2, 3, 4], [4, 2, 0, 3, 1]]) {
      const merged = new KllSketch(200, 3);
      for (const part of order) merged.merge(parts[part] as KllSketch);
      assert.equal(merged.count, 100_000);
      assert.ok(worstRankError(merged, values) <= 2 * merged.rankError);
    }
  });
}

test("a rank is within the stated error 99 times out of 100", () => {
  for (const k of [100, 200]) {
    let beyond = 0;
    let probed = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const sketch = new KllSketch(k, seed * 2_654_435_761);
      // Every number below a prime once, in a scrambled order: the rank of v is (v + 1) / n.
      for (let i = 0; i < 50_021; i++) sketch.add((i * 7919) % 50_021);
      for (let v = 250; v < 50_021; v += 997) {
        probed++;
        if (Math.abs(sketch.rank(v) - (v + 1) / 50_021) > sketch.rankError) beyond++;
      }
    }
    assert.ok(beyond / probed <= 0.01, `${beyond} of ${probed} at k = ${k}`);
  }
});

test("a short stream is kept whole, and its ends are exact", () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
    minLength: 1,
    maxLength: 100,
  });
  fc.assert(fc.property(values, (x) => {
    const sketch = new KllSketch();
    sketch.addAll([...x, NaN, Infinity]);
    assert.equal(sketch.count, x.length);
    assert.equal(sketch.quantile(0), Math.min(...x));
    assert.equal(sketch.quantile(1), Math.max(...x));
    for (const value of x) {
      const expected = x.filter((other) => other <= value).length / x.length;
      assert.ok(Math.abs(sketch.rank(value) - expected) < 1e-12);
    }
  }));
});

test("weights always add up to the number of values", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 8, max: 64 }), (n, k) => {
      const sketch = new KllSketch(k);
      for (let i = 0; i < n; i++) sketch.add(i);
      const { levels } = sketch.toJSON() as { levels: number[][] };
      assert.equal(levels.reduce((sum, level, h) => sum + level.length * 2 ** h, 0), n);
    }),
    { numRuns: 50 },
  );
});

test("a sketch survives its file and goes on as if nothing had happened", () => {
  const sketch = new KllSketch(64, 5);
  for (let i = 0; i < 5000; i++) sketch.add(Math.sin(i));
  const read = KllSketch.fromJSON(JSON.stringify(sketch));
  for (let i = 5000; i < 9000; i++) {
    sketch.add(Math.sin(i));
    read.add(Math.sin(i));
  }
  assert.deepEqual(read.toJSON(), sketch.toJSON());
});

test("sketches of different sizes do not merge, and an empty one has no quantiles", () => {
  assert.throws(() => new KllSketch(200).merge(new KllSketch(100)), /same k/);
  assert.throws(() => new KllSketch().quantile(0.5), { code: "NOT_ENOUGH_DATA" });
  assert.throws(() => new KllSketch(4), { code: "INVALID_CONFIG" });
});

test("a streamed baseline tells drift like one made at once", () => {
  const x = Float64Array.from({ length: 50_000 }, (_, i) => Math.sin(i) + (i * 7919 % 1000) / 500);
  const plan = Array.from(x, (_, i) => i % 4 === 0 ? "pro" : "free");
  const halves = [0, 1].map((half) => {
    const baseline = new StreamingBaseline();
    for (let start = half * 25_000; start < (half + 1) * 25_000; start += 5000) {
      baseline.add({ x: x.subarray(start, start + 5000), plan: plan.slice(start, start + 5000) });
    }
    return baseline;
  });
  const [left, right] = halves as [StreamingBaseline, StreamingBaseline];
  left.merge(right);
  assert.equal(left.rowCount, 50_000);
  const streamed = left.toPsiProfile();
  const exact = createPsiProfile({ x, plan });
  assert.deepEqual(streamed.features.get("plan")?.bins, exact.features.get("plan")?.bins);
  const same = computePsiDrift({ x, plan }, streamed).features;
  assert.ok((same.x ?? NaN) < 0.002, `${same.x}`);
  assert.equal(same.plan, 0);
  const moved = x.map((value) => value + 0.5);
  const [a, b] = [streamed, exact].map((profile) =>
    computePsiDrift({ x: moved }, profile).features.x
  );
  assert.ok(Math.abs((a ?? NaN) - (b ?? NaN)) < 0.1 * (b ?? NaN));
});

test("a feature that changes its type between batches is an error", () => {
  const baseline = new StreamingBaseline();
  baseline.add({ x: [1, 2] });
  assert.throws(() => baseline.add({ x: ["a", "b"] }), { code: "WRONG_TYPE" });
});

test("a streamed baseline is cut at equal widths like a column in memory", () => {
  // Right-skewed, so that Doane's rule has a shape to look at.
  const x = Float64Array.from(
    { length: 50_000 },
    (_, i) => -Math.log((i * 7919 % 50_000 + 0.5) / 50_000),
  );
  const baseline = new StreamingBaseline();
  for (let start = 0; start < x.length; start += 5000) {
    baseline.add({ x: x.subarray(start, start + 5000) });
  }
  const error = baseline.sketch("x")?.rankError ?? NaN;
  // Rules that know count and range only give the same bins; the others are given a little room.
  const room = {
    SquareRoot: 0,
    Sturges: 0,
    Rice: 0,
    TerrellScott: 0,
    Doane: 1,
    Scott: 2,
    FreedmanDiaconis: 3,
  };
  for (const [rule, slack] of [...Object.entries(room), [12, 0] as const]) {
    const config = new PsiDriftConfig({ binningStrategy: equalWidthBinning(rule) });
    const streamed = baseline.toPsiProfile(config).features.get("x")?.bins ?? [];
    const exact = createPsiProfile({ x }, config).features.get("x")?.bins ?? [];
    assert.ok(
      Math.abs(streamed.length - exact.length) <= slack,
      `${rule}: ${streamed.length}, ${exact.length}`,
    );
    if (slack > 0) continue;
    for (const [i, bin] of exact.entries()) {
      assert.equal(streamed[i]?.upperLimit, bin.upperLimit);
      // A share is the difference of two ranks.
      assert.ok(Math.abs((streamed[i]?.proportion ?? NaN) - bin.proportion) <= 2 * error);
    }
    const shares = streamed.reduce((sum, bin) => sum + bin.proportion, 0);
    assert.ok(Math.abs(shares - 1) < 1e-12);
  }
});

test("a constant streamed feature has bins below, at and above its value, as in memory", () => {
  for (const binningStrategy of [quantileBinning(10), equalWidthBinning("Doane")]) {
    const config = new PsiDriftConfig({ binningStrategy });
    const baseline = new StreamingBaseline();
    baseline.add({ x: [3, 3, 3, 3] });
    const exact = createPsiProfile({ x: [3, 3, 3, 3] }, config).features.get("x")?.bins;
    assert.deepEqual(baseline.toPsiProfile(config).features.get("x")?.bins, exact);
  }
});
