import assert from "node:assert/strict";
import { test } from "node:test";
import {
  binEdges,
  chiSquareThreshold,
  computePsiDrift,
  createPsiProfile,
  DriftError,
  equalWidthBinning,
  fixedThreshold,
  normalThreshold,
  NumericBinner,
  psi,
  psiAlertConfig,
  PsiDriftConfig,
  PsiDriftProfile,
  psiThreshold,
  quantileBinning,
} from "../../../sdk/drift/mod.ts";

const V20 = [120, 1, 33, 71, 15, 59, 8, 62, 4, 21, 10, 2, 344, 437, 53, 39, 83, 6, 4.3, 2];

function close(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-9): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(
      Math.abs((actual[i] as number) - value) <= tolerance * Math.max(1, Math.abs(value)),
      `${i}: ${actual[i]} is not ${value}`,
    );
  });
}

test("quantile edges are those of Hyndman and Fan's type 7", () => {
  const eight = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  close(binEdges(eight, quantileBinning(4), "strict"), [2.75, 4.5, 6.25]);
  const thirteen = [12, 8, 17, 33, 123, 6, 9.23, 123.43, 1.9, 4, 11, 2, 5.6];
  close(
    binEdges(Float64Array.from(thirteen), quantileBinning(5), "strict"),
    [4.64, 7.6, 11.2, 26.6],
  );
  close(
    binEdges(Float64Array.from(V20), quantileBinning(10), "strict"),
    [2, 4.24, 7.4, 13, 27, 44.6, 59.9, 73.4, 142.4],
  );
});

test("each rule of thumb asks for the published number of equal-width bins", () => {
  const count = (values: readonly number[], rule: string) =>
    binEdges(Float64Array.from(values), equalWidthBinning(rule), "reference").length + 1;
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
  assert.deepEqual(
    ["doane", "scott", "freedmanDiaconis", "squareRoot", "sturges", "rice", "terrellScott"]
      .map((rule) => count(V20, rule)),
    [8, 4, 11, 5, 6, 6, 3],
  );
  assert.deepEqual([9, 100, 64, 10, 50].map((n) => count(upTo(n), "SquareRoot")), [3, 10, 8, 4, 8]);
  assert.deepEqual([16, 32, 128, 3].map((n) => count(upTo(n), "Sturges")), [5, 6, 8, 3]);
  assert.deepEqual([3, 20, 125, 1000].map((n) => count(upTo(n), "Rice")), [3, 6, 10, 20]);
  assert.deepEqual([8, 125].map((n) => count(upTo(n), "TerrellScott")), [3, 6]);
  assert.equal(count([1, 2, 3], "Doane"), 3);
});

test("bins are open on the left and closed on the right", () => {
  const binner = new NumericBinner([2, 6]);
  const counts = new Float64Array(3);
  binner.count(Float64Array.of(1, 2.5, 3.7, 5, 6.3, 8.1, 2, 6), counts);
  assert.deepEqual([...counts], [2, 4, 2]);
  assert.deepEqual(
    [-Infinity, NaN, 2, 2.0001, Infinity].map((value) => binner.indexOf(value)),
    [-1, -1, 0, 1, 2],
  );
});

test("a profile of twenty values has the proportions worked out by hand", () => {
  const config = new PsiDriftConfig({ binningStrategy: equalWidthBinning("doane") });
  const bins = createPsiProfile({ x: V20 }, config).features.get("x")?.bins ?? [];
  close(bins.map((bin) => bin.proportion), [.65, .2, .05, 0, 0, 0, .05, .05]);
  close(
    bins.slice(0, -1).map((bin) => bin.upperLimit ?? NaN),
    [55.5, 110, 164.5, 219, 273.5, 328, 382.5],
  );
});

test("PSI of known distributions", () => {
  close([psi([.3, .4, .3], [.2, .4, .4])], [0.1 * Math.LN2], 1e-8);
  close([psi([.2, .3, .24, .26], [.16, .28, .32, .24])], [0.0349210194], 1e-8);
  close([psi([.5, .5], [1, 0])], [11.5129254650], 1e-9);
  const tenth = Array.from({ length: 10 }, () => 0.1);
  assert.equal(psi(tenth, tenth), 0);
  const uneven = tenth.map((_, i) => (i % 2 === 0 ? 1 : 10) / 55);
  close([psi(tenth, uneven)], [0.9419666269], 1e-9);
  assert.throws(() => psi([1], [0.5, 0.5]), DriftError);
});

test("thresholds agree with tables of the normal and chi-square distributions", () => {
  const rows: [number, number, number, number, number][] = [
    [.05, 400, 10, 0.0399463073, 0.0422974440],
    [.05, 100, 10, 0.1597852292, 0.1691897760],
    [.05, 1000, 5, 0.0086523486, 0.0094877290],
    [.05, 1000, 20, 0.0291395587, 0.0301435272],
    [.01, 1000, 10, 0.0188698581, 0.0216659943],
    [.10, 1000, 10, 0.0144371628, 0.0146836566],
  ];
  for (const [alpha, size, bins, normal, chiSquare] of rows) {
    close([psiThreshold(normalThreshold(alpha), size, bins) ?? NaN], [normal], 1e-9);
    close([psiThreshold(chiSquareThreshold(alpha), size, bins) ?? NaN], [chiSquare], 1e-9);
  }
  assert.equal(psiThreshold(fixedThreshold(), 5, 10), 0.25);
  assert.equal(psiThreshold(chiSquareThreshold(), 1000, 1), null);
  assert.equal(psiThreshold(chiSquareThreshold(), 0, 10), null);
});

test("an alpha that would never or always alert is refused", () => {
  for (const alpha of [0, 1, -0.1, NaN]) {
    assert.throws(() => chiSquareThreshold(alpha), { code: "INVALID_CONFIG" });
  }
  assert.throws(() => fixedThreshold(-1), { code: "INVALID_CONFIG" });
  assert.throws(() => quantileBinning(1), { code: "INVALID_CONFIG" });
});

test("text is categorical without being listed, and unseen values are counted", () => {
  const profile = createPsiProfile({ plan: ["free", "free", "pro", "free"] });
  const feature = profile.features.get("plan");
  assert.equal(feature?.binType, "Category");
  assert.deepEqual(feature?.bins.map((bin) => [bin.id, bin.proportion]), [[0, .75], [1, .25], [
    2,
    0,
  ]]);
  const drift = computePsiDrift({ plan: ["team", "team"] }, profile);
  // Three bins: .75, .25 and 0 against 0, 0 and 1.
  const expected = [[.75, 0], [.25, 0], [0, 1]].reduce(
    (sum, [p = 0, q = 0]) => sum + (p - q) * Math.log((p + 1e-10) / (q + 1e-10)),
    0,
  );
  close([drift.features.plan ?? NaN], [expected], 1e-9);
});

test("in reference mode text that is not listed is binned by alphabetical rank", () => {
  const data = { plan: ["free", "free", "pro", "free"] };
  const profile = createPsiProfile(data, undefined, { compatibility: "reference" });
  assert.equal(profile.features.get("plan")?.binType, "Numeric");
});

test("a category called missing is told apart from unseen values, also through a file", () => {
  const profile = createPsiProfile({ state: ["missing", "present", "present", "present"] });
  const read = PsiDriftProfile.fromJSON(JSON.stringify(profile));
  for (const each of [profile, read]) {
    assert.equal(each.featureMap.encode("state", "missing"), 0);
    assert.equal(each.featureMap.encode("state", "never seen"), 2);
  }
  assert.equal(
    computePsiDrift({ state: ["missing", "present", "present", "present"] }, read).features.state,
    0,
  );
});

test("in reference mode a category called missing shares its number with unseen values", () => {
  const config = new PsiDriftConfig({ categoricalFeatures: ["state"] });
  const data = { state: ["missing", "present", "present", "present"] };
  const profile = createPsiProfile(data, config, { compatibility: "reference" });
  const json = JSON.parse(JSON.stringify(profile));
  assert.deepEqual(json.config.feature_map, { features: { state: { present: 1, missing: 2 } } });
  assert.deepEqual(json.features.state.bins.map((bin: { id: number }) => bin.id), [1, 2]);
});

test("repeated quantile edges are merged, in reference mode kept", () => {
  const data = { x: [1, 1, 1, 1, 1, 1, 1, 1, 2, 3] };
  const bins = (compatibility: "strict" | "reference") =>
    createPsiProfile(data, undefined, { compatibility }).features.get("x")?.bins ?? [];
  assert.equal(bins("reference").length, 10);
  const strict = bins("strict").map((bin) => bin.upperLimit);
  assert.equal(new Set(strict).size, strict.length);
  assert.equal(strict.length, 4);
});

test("a constant column gets bins below, at and above its value, and a shift either way is seen", () => {
  const profile = createPsiProfile({ x: [3, 3, 3, 3] });
  assert.deepEqual(profile.features.get("x")?.bins.map((bin) => bin.proportion), [0, 1, 0]);
  assert.equal(computePsiDrift({ x: [3, 3] }, profile).features.x, 0);
  assert.ok((computePsiDrift({ x: [2.999, 3] }, profile).features.x ?? 0) > 1);
  assert.ok((computePsiDrift({ x: [3.001, 3] }, profile).features.x ?? 0) > 1);
});

test("Freedman and Diaconis' rule without an interquartile range does not ask for endless bins", () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => i < 990 ? 5 : i);
  const edges = binEdges(values, equalWidthBinning("freedmanDiaconis"), "strict");
  assert.ok(edges.length >= 1 && edges.length < 1000);
  assert.throws(() => binEdges(values, equalWidthBinning("freedmanDiaconis"), "reference"), {
    code: "TOO_MANY_BINS",
  });
});

test("missing values do not count as drift, in reference mode they thin out every bin", () => {
  const baseline = { x: Array.from({ length: 100 }, (_, i) => i) };
  const profile = createPsiProfile(baseline);
  const gappy = { x: [...baseline.x, ...Array.from({ length: 100 }, () => null)] };
  assert.equal(computePsiDrift(gappy, profile).features.x, 0);
  const reference = computePsiDrift(gappy, profile, { compatibility: "reference" }).features.x;
  close([reference ?? NaN], [10 * (0.1 - 0.05) * Math.log(0.1 / 0.05)], 1e-6);
});

test("an unknown column, a missing category list and an unknown feature to watch are errors", () => {
  const profile = createPsiProfile({ a: [1, 2, 3] });
  assert.throws(() => computePsiDrift({ b: [1] }, profile), /"b".*it has a/);
  const listed = new PsiDriftConfig({ categoricalFeatures: ["nope"] });
  assert.throws(() => createPsiProfile({ a: [1] }, listed), { code: "UNKNOWN_FEATURE" });
  const alertConfig = psiAlertConfig({ featuresToMonitor: ["nope"] });
  assert.throws(() => createPsiProfile({ a: [1] }, new PsiDriftConfig({ alertConfig })), {
    code: "UNKNOWN_FEATURE",
  });
  assert.throws(() => createPsiProfile({ a: [NaN, null] }), /"a".*no finite value/);
});

test("the configuration passed in is not changed, and all features are watched by default", () => {
  const config = new PsiDriftConfig();
  const profile = createPsiProfile({ a: [1, 2], s: ["x", "y"] }, config);
  assert.deepEqual(config.alertConfig.featuresToMonitor, []);
  assert.equal(config.featureMap.features.size, 0);
  assert.deepEqual(profile.config.alertConfig.featuresToMonitor, ["a", "s"]);
  assert.deepEqual(profile.config.categoricalFeatures, ["s"]);
  assert.equal(profile.uid, config.uid);
});
