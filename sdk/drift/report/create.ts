import { asFloat64, type DataTable, getColumn, type TableInput, toTable } from "../../data/mod.ts";
import type { CompatibilityOptions } from "../compatibility.ts";
import { DriftError } from "../error.ts";
import { PsiDriftProfile } from "../psi_profile.ts";
import { computeSpcDrift } from "../spc.ts";
import type { SpcDriftProfile } from "../spc_profile.ts";
import { psiFeatureReport } from "./psi_report.ts";
import { spcFeatureReports } from "./spc_report.ts";
import type { DriftReport, DriftStatus } from "./types.ts";

/** Options of {@linkcode createDriftReport}. */
export interface DriftReportOptions extends CompatibilityOptions {
  /** A date column of the data, in the order of rows; tells since when. Not compared itself. */
  readonly timeColumn?: string;
  /** Runs of rows to look at one by one, to see since when; 10 by default. */
  readonly windows?: number;
  /** Coverage of confidence intervals; 0.95 by default. */
  readonly level?: number;
  /** The moment written into the report; now by default. */
  readonly now?: Date;
}

/**
 * Compares new data with a baseline and says which features have drifted, since when, how much, and how sure.
 *
 * A feature with fewer than ten values per bin is "unmeasured", neither drifted nor stable.
 *
 * @param data new data in order of time, in any shape `toTable` reads
 * @param profile a PSI or SPC baseline
 * @param options time column, windows, level, compatibility
 * @returns the report: an object that is JSON as it stands; see `renderDriftText` and `renderDriftHtml`
 * @throws DriftError when the data does not fit the profile
 * @example
 * ```ts
 * import { createDriftReport, createPsiProfile, renderDriftText } from "../mod.ts";
 *
 * const baseline = { x: Float64Array.from({ length: 1000 }, (_, i) => i % 100) };
 * const report = createDriftReport(baseline, createPsiProfile(baseline));
 * console.log(renderDriftText(report));
 * ```
 */
export function createDriftReport(
  data: TableInput,
  profile: PsiDriftProfile | SpcDriftProfile,
  options: DriftReportOptions = {},
): DriftReport {
  const table = toTable(data);
  const compatibility = options.compatibility ?? "strict";
  const timeOf = timesOf(table, options.timeColumn);
  const compared = {
    rowCount: table.rowCount,
    columns: table.columns.filter((column) => column.name !== options.timeColumn),
  };
  const { space, name, version } = profile.config;
  const watched = new Set(profile.config.alertConfig.featuresToMonitor);
  const isWatched = (feature: string) => watched.size === 0 || watched.has(feature);
  const features = profile instanceof PsiDriftProfile
    ? compared.columns.filter((column) => isWatched(column.name)).map((column) =>
      psiFeatureReport(column, profile, {
        compatibility,
        timeOf,
        windows: options.windows ?? 10,
        level: options.level ?? 0.95,
      })
    )
    : spcFeatureReports(computeSpcDrift(compared, profile, { compatibility }), profile, {
      compatibility,
      timeOf,
    }).filter((report) => isWatched(report.feature));
  return {
    kind: profile.driftType,
    space,
    name,
    version,
    createdAt: (options.now ?? new Date()).toISOString(),
    rowCount: table.rowCount,
    features,
  };
}

function timesOf(table: DataTable, timeColumn: string | undefined): (row: number) => string | null {
  if (timeColumn === undefined) return () => null;
  const column = getColumn(table, timeColumn);
  if (column.kind !== "numeric" || column.type !== "date") {
    throw new DriftError(
      "WRONG_TYPE",
      `The time column "${timeColumn}" must hold dates, not ${column.type} values`,
    );
  }
  const times = asFloat64(column);
  return (row) => {
    const time = times[row];
    return time === undefined || !Number.isFinite(time) ? null : new Date(time).toISOString();
  };
}

/**
 * The names of a report's features with a given verdict.
 *
 * @param report the report
 * @param status the verdict
 * @returns feature names, in the report's order
 * @example
 * ```ts
 * import { createDriftReport, createPsiProfile, featuresWith } from "../mod.ts";
 *
 * const x = { x: Float64Array.from({ length: 1000 }, (_, i) => i) };
 * featuresWith(createDriftReport(x, createPsiProfile(x)), "stable"); // ["x"]
 * ```
 */
export function featuresWith(report: DriftReport, status: DriftStatus): string[] {
  return report.features.filter((feature) => feature.status === status).map((feature) =>
    feature.feature
  );
}
