import { type Column, sliceColumn } from "../../data/mod.ts";
import type { Compatibility } from "../compatibility.ts";
import { jensenShannon, psiConfidence } from "../measures/mod.ts";
import { type BinCounts, countBins, featureOf } from "../psi_drift.ts";
import { psi } from "../psi.ts";
import type { PsiBin, PsiDriftProfile, PsiFeatureProfile } from "../psi_profile.ts";
import { psiThreshold } from "../psi_threshold.ts";
import type { BinComparison, PsiFeatureReport, PsiWindow, Since } from "./types.ts";

/** Values per bin below which a PSI says more about chance than about drift. */
const VALUES_PER_BIN = 10;

/** Reports one column against its baseline. */
export function psiFeatureReport(
  column: Column,
  profile: PsiDriftProfile,
  options: {
    compatibility: Compatibility;
    windows: number;
    level: number;
    timeOf: (row: number) => string | null;
  },
): PsiFeatureReport {
  const feature = featureOf(profile, column.name);
  const rowCount = column.kind === "text" ? column.codes.length : column.values.length;
  const whole = compare(column, feature, profile);
  const enough = whole.size >= VALUES_PER_BIN * feature.bins.length;
  const confidence = enough
    ? psiConfidence(whole.expected, whole.counts, { level: options.level })
    : null;
  const threshold = thresholdOf(profile, whole.size, feature);
  const windows = enough ? windowsOf(column, feature, profile, rowCount, options) : [];
  const drifted = confidence !== null && threshold !== null && confidence.psi > threshold;
  const labels = [...feature.bins.map((bin) => binLabel(bin, feature, profile)), "(new values)"];
  const share = (count: number) => rowCount === 0 ? 0 : count / rowCount;
  return {
    kind: "Psi",
    feature: column.name,
    status: confidence === null || threshold === null
      ? "unmeasured"
      : drifted
      ? "drifted"
      : "stable",
    reason: confidence === null
      ? `${whole.size} values for ${feature.bins.length} bins; at least ${
        VALUES_PER_BIN * feature.bins.length
      } are needed`
      : threshold === null
      ? "the threshold's rule needs at least two bins"
      : null,
    confidence,
    threshold,
    jensenShannon: enough ? jensenShannon(whole.expected, whole.observed) : null,
    since: drifted ? beginning(windows) : null,
    sampleSize: whole.size,
    missing: share(whole.missing),
    unmatched: whole.size === 0 ? 0 : whole.unmatched / whole.size,
    bins: whole.expected.map((expected, i): BinComparison => ({
      label: labels[i] ?? "",
      expected,
      observed: whole.observed[i] ?? 0,
    })),
    windows,
  };
}

interface Comparison {
  readonly expected: readonly number[];
  readonly counts: readonly number[];
  readonly observed: readonly number[];
  readonly size: number;
  readonly missing: number;
  readonly unmatched: number;
}

/** Baseline and new data bin by bin; unknown categories make one bin more. */
function compare(
  column: Column,
  feature: PsiFeatureProfile,
  profile: PsiDriftProfile,
): Comparison {
  const counted: BinCounts = countBins(column, feature, profile.featureMap);
  const expected = feature.bins.map((bin) => bin.proportion);
  const counts = Array.from(counted.counts);
  if (counted.unmatched > 0) {
    expected.push(0);
    counts.push(counted.unmatched);
  }
  const size = counts.reduce((sum, count) => sum + count, 0);
  const unseen = profile.featureMap.features.get(column.name)?.unseenId;
  const inUnseenBin = feature.binType === "Category"
    ? feature.bins.findIndex((bin) => bin.id === unseen)
    : -1;
  return {
    expected,
    counts,
    observed: counts.map((count) => size === 0 ? 0 : count / size),
    size,
    missing: counted.missing,
    unmatched: counted.unmatched + (counts[inUnseenBin] ?? 0),
  };
}

function thresholdOf(
  profile: PsiDriftProfile,
  size: number,
  feature: PsiFeatureProfile,
): number | null {
  return psiThreshold(profile.config.alertConfig.threshold, size, feature.bins.length);
}

function windowsOf(
  column: Column,
  feature: PsiFeatureProfile,
  profile: PsiDriftProfile,
  rowCount: number,
  options: { windows: number; timeOf: (row: number) => string | null },
): PsiWindow[] {
  // No more windows than can each hold enough values.
  const needed = VALUES_PER_BIN * feature.bins.length;
  const count = Math.max(1, Math.min(options.windows, Math.floor(rowCount / needed)));
  return Array.from({ length: count }, (_, i): PsiWindow => {
    const row = Math.floor(i * rowCount / count);
    const endRow = Math.floor((i + 1) * rowCount / count);
    const part = compare(sliceColumn(column, row, endRow), feature, profile);
    const threshold = part.size >= needed ? thresholdOf(profile, part.size, feature) : null;
    return {
      row,
      endRow,
      time: options.timeOf(row),
      psi: threshold === null ? null : psi(part.expected, part.observed),
      threshold,
    };
  });
}

/** The first window from which on all exceed their threshold; else the first that does. */
function beginning(windows: readonly PsiWindow[]): Since | null {
  const exceeds = (window: PsiWindow) =>
    window.psi !== null && window.threshold !== null && window.psi > window.threshold;
  const lastCalm = windows.findLastIndex((window) => window.psi !== null && !exceeds(window));
  const start = windows.slice(lastCalm + 1).find(exceeds) ?? windows.find(exceeds);
  return start === undefined ? null : { row: start.row, time: start.time };
}

function binLabel(bin: PsiBin, feature: PsiFeatureProfile, profile: PsiDriftProfile): string {
  if (feature.binType === "Category") {
    const encoding = profile.featureMap.features.get(feature.id);
    if (encoding === undefined) return String(bin.id);
    if (bin.id === encoding.unseenId) return "(new values)";
    return [...encoding.values].find(([, id]) => id === bin.id)?.[0] ?? String(bin.id);
  }
  const short = (limit: number) => String(Number(limit.toPrecision(4)));
  const { lowerLimit, upperLimit } = bin;
  if (lowerLimit === null || lowerLimit === -Infinity) {
    return upperLimit === null || upperLimit === Infinity ? "all" : `≤ ${short(upperLimit)}`;
  }
  return upperLimit === null || upperLimit === Infinity
    ? `> ${short(lowerLimit)}`
    : `${short(lowerLimit)} … ${short(upperLimit)}`;
}
