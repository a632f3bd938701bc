import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketStarts, bucketWidth } from "../../server/ui/app/charts/buckets.ts";
import { stacked, totalAt } from "../../server/ui/app/charts/series.ts";

const SERIES = [
  { name: "a", values: [1, null, 3, null] },
  { name: "b", values: [10, 20, null, null] },
  { name: "c", values: [null, 200, 300, null] },
];

test("parts of a bar stand on those before them, and a bar without any part is a gap", () => {
  assert.deepEqual(stacked(SERIES, new Set()), [
    [1, null, 3, null],
    [11, 20, 3, null],
    [11, 220, 303, null],
  ]);
  assert.deepEqual(stacked(SERIES, new Set(["b"])), [
    [1, null, 3, null],
    [null, null, null, null],
    [1, 200, 303, null],
  ]);
});

test("a total is of the series shown, and unknown where all are", () => {
  assert.equal(totalAt(SERIES, new Set(), 1), 220);
  assert.equal(totalAt(SERIES, new Set(["b"]), 0), 1);
  assert.equal(totalAt(SERIES, new Set(), 3), null);
});

test("an hour in at most 90 buckets is counted by the minute, from full minutes on", () => {
  // 2026-01-05T08:00:30Z
  const startUs = 1_767_600_030_000_000;
  const window = { startUs, endUs: startUs + 3600e6 };
  const width = bucketWidth(window, 90);
  assert.deepEqual(width, { us: 60e6, text: "1 minutes" });
  const starts = bucketStarts(window, width.us);
  assert.equal(starts.length, 61);
  assert.equal(starts[0], startUs - 30e6);
  assert.equal(starts.at(-1), startUs + 3570e6);
});

test("years are counted in days", () => {
  const window = { startUs: 0, endUs: 3 * 365 * 86_400e6 };
  assert.equal(bucketWidth(window, 90).text, "20 days");
  assert.equal(bucketWidth({ startUs: 0, endUs: 100 * 365 * 86_400e6 }, 90).text, "365 days");
});
