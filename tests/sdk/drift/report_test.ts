import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createDriftReport,
  createPsiProfile,
  createSpcProfile,
  type DriftReport,
  featuresWith,
  type PsiFeatureReport,
  renderDriftHtml,
  renderDriftText,
} from "../../../sdk/drift/mod.ts";

const rows = 4000;
/** A scrambled but repeatable ramp over [0, 1000). */
const ramp = (shiftFrom: number, by: number) =>
  Float64Array.from({ length: rows }, (_, i) => (i * 7919) % 1000 + (i >= shiftFrom ? by : 0));
const baseline = {
  steady: ramp(rows, 0),
  moved: ramp(rows, 0),
  "<b>plan</b>": Array.from({ length: rows }, (_, i) => i % 3 === 0 ? "pro" : "free"),
};
const current = {
  at: Array.from({ length: rows }, (_, i) => new Date(Date.UTC(2025, 0, 1) + i * 60_000)),
  steady: ramp(rows, 0),
  moved: ramp(2000, 400),
  "<b>plan</b>": Array.from({ length: rows }, (_, i) => i % 3 === 0 ? `<script>"` : "free"),
};
const now = new Date("2025-02-01T00:00:00Z");
const report = createDriftReport(current, createPsiProfile(baseline), { timeColumn: "at", now });
const psiOf = (from: DriftReport, name: string) =>
  from.features.find((feature) => feature.feature === name) as PsiFeatureReport;

test("a report says which features have drifted, since when, how much and how sure", () => {
  assert.deepEqual(featuresWith(report, "drifted"), ["moved", "<b>plan</b>"]);
  assert.deepEqual(featuresWith(report, "stable"), ["steady"]);
  const moved = psiOf(report, "moved");
  assert.deepEqual(moved.since, { row: 2000, time: "2025-01-02T09:20:00.000Z" });
  assert.ok((moved.confidence?.lower ?? 0) > (moved.threshold ?? 1));
  assert.ok((moved.confidence?.pValue ?? 1) < 1e-9);
  assert.equal(moved.windows.length, 10);
  assert.ok((psiOf(report, "steady").confidence?.pValue ?? 0) > 0.5);
  const plan = psiOf(report, "<b>plan</b>");
  assert.ok(Math.abs(plan.unmatched - 1334 / 4000) < 1e-12);
  assert.equal(plan.bins.at(-1)?.label, "(new values)");
});

test("too few values are unmeasured, not stable", () => {
  const few = createDriftReport(
    { steady: ramp(rows, 0).subarray(0, 50) },
    createPsiProfile(baseline),
  );
  assert.deepEqual(featuresWith(few, "unmeasured"), ["steady"]);
  assert.match(renderDriftText(few), /50 values for 10 bins; at least 100 are needed/);
  assert.match(renderDriftText(few), /0 of 0 measured features drifted, 1 could not be measured/);
});

test("a control chart report tells the sample at which the first alert was complete", () => {
  const profile = createSpcProfile({ x: ramp(rows, 0) });
  const spc = createDriftReport({ x: ramp(3000, 5000) }, profile, { now });
  const [x] = spc.features;
  assert.equal(x?.status, "drifted");
  assert.deepEqual(x?.since, { row: 3000, time: null });
  assert.match(renderDriftText(spc), /drifted +x +.*OutOfBounds in Zone4.*since row 3000/);
  assert.match(renderDriftHtml(spc), /<polyline/);
  assert.deepEqual(featuresWith(createDriftReport({ x: ramp(rows, 0) }, profile), "stable"), ["x"]);
});

test("the report is JSON as it stands", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

test("the page is self-contained, and names from the data cannot break out of their text", () => {
  const html = renderDriftHtml(report);
  assert.equal(html.match(/<svg/g)?.length, 6);
  assert.doesNotMatch(html, /<script|<b>plan|https?:|src=/);
  assert.match(html, /&#60;b&#62;plan/);
  assert.match(html, /&#60;script&#62;&#34;|\(new values\)/);
});

test("text lists the drifted features first, with interval and beginning", () => {
  const [, , , first] = renderDriftText(report).split("\n");
  assert.match(
    first ?? "",
    /^drifted +moved +PSI [\d.]+ \[[\d., ]+\], threshold .*since 2025-01-02T09:20/,
  );
});

test("a time column that holds no dates is refused", () => {
  assert.throws(
    () => createDriftReport({ at: [1, 2] }, createPsiProfile(baseline), { timeColumn: "at" }),
    {
      code: "WRONG_TYPE",
    },
  );
});
