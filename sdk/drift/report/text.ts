import { featuresWith } from "./create.ts";
import type { DriftReport, PsiFeatureReport, Since, SpcFeatureReport } from "./types.ts";

/**
 * A drift report as plain text: one line per feature, the drifted ones first.
 *
 * @param report the report
 * @returns text ending with a newline
 * @example
 * ```ts
 * import { createDriftReport, createPsiProfile, renderDriftText } from "../mod.ts";
 *
 * const x = { x: Float64Array.from({ length: 1000 }, (_, i) => i) };
 * renderDriftText(createDriftReport(x, createPsiProfile(x)));
 * ```
 */
export function renderDriftText(report: DriftReport): string {
  const rank = { drifted: 0, unmeasured: 1, stable: 2 } as const;
  const sorted = report.features.toSorted((a, b) => rank[a.status] - rank[b.status]);
  const width = Math.max(7, ...sorted.map((feature) => feature.feature.length));
  const lines = sorted.map((feature) =>
    `${feature.status.padEnd(10)}  ${feature.feature.padEnd(width)}  ${detail(feature)}`
  );
  return [
    `${report.kind} drift of ${report.space}/${report.name}/${report.version}, ${report.rowCount} rows`,
    summaryOf(report),
    "",
    ...lines,
    "",
  ].join("\n");
}

/** How many features of how many have drifted. */
export function summaryOf(report: DriftReport): string {
  const drifted = featuresWith(report, "drifted").length;
  const unmeasured = featuresWith(report, "unmeasured").length;
  const measured = report.features.length - unmeasured;
  return `${drifted} of ${measured} measured features drifted` +
    (unmeasured > 0 ? `, ${unmeasured} could not be measured` : "");
}

/** What there is to say about one feature, in one line. */
export function detail(feature: PsiFeatureReport | SpcFeatureReport): string {
  if (feature.status === "unmeasured") return feature.reason ?? "";
  return (feature.kind === "Psi" ? psiDetail(feature) : spcDetail(feature)) +
    sinceText(feature.since);
}

function psiDetail(feature: PsiFeatureReport): string {
  const { confidence, threshold } = feature;
  if (confidence === null || threshold === null) return "";
  const parts = [
    `PSI ${short(confidence.psi)} [${short(confidence.lower)}, ${short(confidence.upper)}]`,
    `threshold ${short(threshold)}`,
    `p ${confidence.pValue < 1e-4 ? "< 0.0001" : short(confidence.pValue)}`,
  ];
  if (feature.unmatched > 0) parts.push(`${short(feature.unmatched * 100)} % new values`);
  if (feature.missing > 0) parts.push(`${short(feature.missing * 100)} % missing`);
  return parts.join(", ");
}

function spcDetail(feature: SpcFeatureReport): string {
  if (feature.alerts.length === 0) return `${feature.samples.length} samples in control`;
  return feature.alerts.map(({ kind, zone }) =>
    zone === "NotApplicable" ? kind : `${kind} in ${zone}`
  ).join(", ");
}

function sinceText(since: Since | null): string {
  if (since === null) return "";
  return `, since ${since.time ?? `row ${since.row}`}`;
}

/** Three significant digits. */
export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);
}
