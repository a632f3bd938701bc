import assert from "node:assert/strict";
import { test } from "node:test";
import {
  c4,
  checkSpcAlerts,
  checkSpcRules,
  computeSpcDrift,
  type ControlLimits,
  controlLimits,
  createSpcProfile,
  sampleMeans,
  spcAlertRule,
  SpcDriftConfig,
  SpcDriftProfile,
  zoneOf,
} from "../../../sdk/drift/mod.ts";

const upTo = (n: number) => Float64Array.from({ length: n }, (_, i) => i + 1);
const reference = { compatibility: "reference" } as const;

function near(actual: number | undefined, expected: number, tolerance = 1e-9): void {
  assert.ok(
    Math.abs((actual ?? NaN) - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );
}

test("control limits of 1 to 50 in reference mode are those worked out by hand", () => {
  const limits = controlLimits(upTo(50), 25, "reference");
  near(limits.center, 25.5);
  near(limits.oneLcl, 18.0635346826);
  near(limits.oneUcl, 32.9364653174);
  near(limits.twoLcl, 10.6270693652);
  near(limits.twoUcl, 40.3729306348);
  near(limits.threeLcl, 3.1906040478);
  near(limits.threeUcl, 47.8093959522);
});

test("c4 agrees with the tables of control chart constants", () => {
  // ASTM / Montgomery's table of factors for constructing variables control charts.
  const table: [number, number][] = [
    [2, 0.7979],
    [3, 0.8862],
    [4, 0.9213],
    [5, 0.9400],
    [10, 0.9727],
    [15, 0.9823],
    [20, 0.9869],
    [25, 0.9896],
  ];
  for (const [m, expected] of table) assert.equal(Math.round(c4(m) * 1e4) / 1e4, expected);
  near(c4(2_000_000), 1 - 1 / 8_000_000, 1e-12);
});

test("a short last chunk has full weight in reference mode and none in strict mode", () => {
  const sixty = controlLimits(upTo(60), 25, "reference");
  near(sixty.center, 35.5);
  near(sixty.oneUcl - sixty.center, 5.9773730051);
  assert.deepEqual(controlLimits(upTo(60), 25, "strict"), controlLimits(upTo(50), 25, "strict"));
});

test("one row too many spoils the reference's limits, not the strict ones", () => {
  assert.ok(Number.isNaN(controlLimits(upTo(1001), 25, "reference").oneUcl));
  assert.ok(Number.isFinite(controlLimits(upTo(1001), 25, "strict").oneUcl));
});

test("limits are made from samples of the size that is later compared with them", () => {
  const values = Float64Array.from({ length: 5000 }, (_, i) => i % 10);
  near(controlLimits(values, 10, "strict").center, 4.5);
  // Every sample of ten is 0…9, whose standard deviation is √(82.5/9).
  near(
    controlLimits(values, 10, "strict").oneUcl - 4.5,
    Math.sqrt(82.5 / 9) / 0.9726592741215884,
    1e-9,
  );
});

test("gaps and huge values leave finite limits", () => {
  const gappy = upTo(50);
  gappy[3] = NaN;
  gappy[30] = Infinity;
  assert.ok(Number.isFinite(controlLimits(gappy, 25, "strict").threeUcl));
  const huge = upTo(50).map((value) => value * 1e300);
  near(controlLimits(huge, 25, "strict").center / 1e300, 25.5);
  const tiny = upTo(50).map((value) => value * 1e-300);
  near(
    controlLimits(tiny, 25, "strict").oneUcl / 1e-300,
    controlLimits(upTo(50), 25, "strict").oneUcl,
  );
});

test("sample means of 1 to 50 fall into the zones worked out by hand", () => {
  const profile = createSpcProfile({ x: upTo(50) }, undefined, reference);
  const drift = computeSpcDrift({ x: upTo(50) }, profile, reference);
  assert.deepEqual(drift.features.x, { samples: [13, 38], drift: [-2, 2] });
  assert.equal(drift.name, profile.config.name);
});

test("zone values on and between the limits", () => {
  const limits = controlLimits(upTo(50), 25, "reference");
  const zones = [25.5, 26, 33, 41, 48, 25, 18, 10, 3.0].map((v) => zoneOf(v, limits, "reference"));
  assert.deepEqual(zones, [0, 1, 2, 3, 4, -1, -2, -3, -4]);
  assert.equal(zoneOf(limits.threeUcl, limits, "reference"), 0);
  assert.equal(zoneOf(limits.threeUcl, limits, "strict"), 3);
  assert.equal(zoneOf(limits.threeLcl, limits, "strict"), -3);
  assert.equal(zoneOf(limits.twoUcl, limits, "strict"), 3);
  assert.equal(zoneOf(limits.twoLcl, limits, "strict"), -3);
  assert.equal(zoneOf(NaN, limits, "strict"), 0);
  const flat: ControlLimits = {
    center: 5,
    oneUcl: 5,
    oneLcl: 5,
    twoUcl: 5,
    twoLcl: 5,
    threeUcl: 5,
    threeLcl: 5,
  };
  assert.deepEqual([4, 5, 6].map((v) => zoneOf(v, flat, "strict")), [-4, 0, 4]);
});

const rule = spcAlertRule();
const found = (zones: number[], given = rule, options = {}) =>
  checkSpcRules(zones, given, options).map(({ kind, zone }) => `${kind} ${zone}`).sort();

test("the reference's rules find the alerts that its tests expect", () => {
  const long = [
    0,
    1,
    1,
    1,
    1,
    1,
    2,
    1,
    1,
    1,
    1,
    -2,
    2,
    0,
    0,
    3,
    3,
    3,
    4,
    0,
    -4,
    3,
    -3,
    3,
    -3,
    3,
    -3,
  ];
  assert.deepEqual(found(long, rule, reference), [
    "Alternating Zone3",
    "Consecutive Zone1",
    "Consecutive Zone3",
    "OutOfBounds Zone4",
  ]);
  const two = spcAlertRule({ zonesToMonitor: ["Zone1", "Zone4"] });
  assert.deepEqual(found(long, two, reference), ["Consecutive Zone1", "OutOfBounds Zone4"]);
  assert.deepEqual(
    found([4, 1, -1, 2, -2, 1, 1, 1, 1, 1, 1, 1, 1, 1], rule, reference),
    ["Consecutive Zone1", "OutOfBounds Zone4"],
  );
  assert.deepEqual(found([0, 0, 1, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 1], rule, reference), []);
  assert.deepEqual(found([3, 4], rule, reference), ["OutOfBounds Zone4"]);
  assert.deepEqual(found([4, 4, 3], rule, reference), ["Consecutive Zone3", "OutOfBounds Zone4"]);
  assert.deepEqual(found([3, -3, 3, -3], rule, reference), ["Alternating Zone3"]);
  assert.deepEqual(found([-3, -2, -1, 0, 1, 2, 3], rule, reference), ["Trend NotApplicable"]);
});

test("runs of exactly five as the first zone's rule demands", () => {
  const five = spcAlertRule({ rule: "5 5 0 0 0 0 0 0" });
  assert.deepEqual(found([0, 1, 1, 1, 1, 1], five), ["Consecutive Zone1"]);
  assert.deepEqual(found([0, 1, 1, -1, 1, 1], five), []);
  assert.deepEqual(found([0, 1, -1, 1, -1, 1], five), ["Alternating Zone1"]);
  assert.deepEqual(found([0, 1, -1, 1, 0, 1], five), []);
});

test("strict rules count values beyond the zone and want alternating sides", () => {
  assert.deepEqual(found([3, 4]), ["Consecutive Zone3", "OutOfBounds Zone4"]);
  assert.deepEqual(found([4, 3]), ["Consecutive Zone3", "OutOfBounds Zone4"]);
  const alternating = spcAlertRule({ rule: "0 4 0 0 0 0 0 0" });
  assert.deepEqual(found([2, 1, 2, 1], alternating, reference), ["Alternating Zone1"]);
  assert.deepEqual(found([2, 1, 2, 1], alternating), []);
  assert.deepEqual(found([2, -1, 2, -1], alternating), ["Alternating Zone1"]);
});

test("a trend is seen in the means although they stay in one zone", () => {
  const samples = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6];
  assert.deepEqual(found([1, 1, 1, 1, 1, 1, 1], rule, { samples }), ["Trend NotApplicable"]);
  assert.deepEqual(found([1, 1, 1, 1, 1, 1, 1], rule, { samples: samples.slice(1) }), []);
});

test("a rule text that is not eight numbers is refused", () => {
  for (
    const text of ["8 16 4 8 2 4 1", "8  16 4 8 2 4 1 1", "8 16 4 8 2 4 1 x", "-8 16 4 8 2 4 1 1"]
  ) {
    assert.throws(() => spcAlertRule({ rule: text }), { code: "INVALID_CONFIG" });
  }
});

test("alerts are looked for in the watched features only", () => {
  const profile = createSpcProfile({ a: upTo(50), b: upTo(50) });
  const shifted = upTo(50).map((value) => value + 1000);
  const drift = computeSpcDrift({ a: shifted, b: upTo(50) }, profile);
  assert.deepEqual(Object.keys(checkSpcAlerts(drift, profile)), ["a"]);
  assert.throws(() => computeSpcDrift({ a: shifted }, profile), /b/);
  assert.throws(() => computeSpcDrift({ a: shifted, b: shifted, c: shifted }, profile), /"c"/);
});

test("a short last sample is left out, in reference mode kept", () => {
  assert.deepEqual([...sampleMeans(upTo(5), 2, "strict")], [1.5, 3.5]);
  assert.deepEqual([...sampleMeans(upTo(5), 2, "reference")], [1.5, 3.5, 5]);
  assert.deepEqual([...sampleMeans(upTo(1), 2, "strict")], [1]);
  assert.deepEqual([...sampleMeans(Float64Array.of(1, NaN, 3, 4), 2, "strict")], [1, 3.5]);
});

test("a profile survives its file", () => {
  const config = new SpcDriftConfig({ space: "s", name: "n", version: "1.2.3", sampleSize: 10 });
  const profile = createSpcProfile(
    { x: upTo(50), s: ["a", "b"].flatMap((v) => Array(25).fill(v)) },
    config,
  );
  const read = SpcDriftProfile.fromJSON(JSON.stringify(profile));
  assert.deepEqual(read.toJSON(), profile.toJSON());
  const wrapped = SpcDriftProfile.fromJSON({ Spc: profile.toJSON() });
  assert.deepEqual(wrapped.toJSON(), profile.toJSON());
});
