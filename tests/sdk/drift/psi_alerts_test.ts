import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPsiAlerts, createPsiProfile, type PsiDriftProfile } from "../../../sdk/drift/mod.ts";

const values = Array.from({ length: 1000 }, (_, i) => i);
const profile: PsiDriftProfile = createPsiProfile({ a: values, b: values, c: values });
const even = (n: number) => new Map(Array.from({ length: 10 }, (_, i) => [i + 1, n]));
/** Odd bins hold 1/55 of the values, even ones 10/55. */
const uneven = new Map(Array.from({ length: 10 }, (_, i) => [i + 1, i % 2 === 0 ? 3000 : 30_000]));

test("of three watched features with 165,000 values each, the uneven one alerts", () => {
  const { alerts, measured } = checkPsiAlerts(
    { a: even(16_500), b: uneven, c: even(16_500) },
    profile,
  );
  assert.deepEqual(alerts.map((alert) => alert.feature), ["b"]);
  assert.ok(Math.abs((alerts[0]?.drift ?? 0) - 0.9419666269) < 1e-9);
  assert.ok((measured.a ?? 1) < 1e-12);
});

test("sixty values in ten bins are not judged, and do not keep the others from being judged", () => {
  const check = checkPsiAlerts({ a: even(6), b: uneven }, profile);
  assert.deepEqual(check.unmeasured, ["a", "c"]);
  assert.deepEqual(check.alerts.map((alert) => alert.feature), ["b"]);
});

test("values in bins the profile does not have count as drift", () => {
  const plan = createPsiProfile({ plan: ["free", "pro"] });
  const seen = new Map([[0, 500], [1, 500]]);
  assert.deepEqual(checkPsiAlerts({ plan: seen }, plan).alerts, []);
  assert.equal(checkPsiAlerts({ plan: new Map([...seen, [77, 100]]) }, plan).alerts.length, 1);
});

test("a count that is none is refused", () => {
  for (const bad of [-1, 0.5, NaN]) {
    assert.throws(() => checkPsiAlerts({ a: new Map([[1, bad]]) }, profile), /bin 1: a count is/);
  }
});
