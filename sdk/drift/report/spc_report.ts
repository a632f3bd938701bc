import type { Compatibility } from "../compatibility.ts";
import type { SpcDriftMap } from "../spc.ts";
import type { SpcDriftProfile } from "../spc_profile.ts";
import { checkSpcRules } from "../spc_rules.ts";
import type { SpcFeatureReport } from "./types.ts";

/** Reports every control chart. */
export function spcFeatureReports(
  drift: SpcDriftMap,
  profile: SpcDriftProfile,
  options: { compatibility: Compatibility; timeOf: (row: number) => string | null },
): SpcFeatureReport[] {
  const { rule } = profile.config.alertConfig;
  const { sampleSize } = profile.config;
  return [...profile.features].map(([feature, limits]) => {
    const series = drift.features[feature] ?? { samples: [], drift: [] };
    const check = (length: number) =>
      checkSpcRules(series.drift.slice(0, length), rule, {
        compatibility: options.compatibility,
        samples: series.samples.slice(0, length),
      });
    const alerts = check(series.drift.length);
    const measured = series.samples.some((value) => Number.isFinite(value));
    const firstBad = alerts.length === 0 ? -1 : earliest(series.drift.length, check);
    const row = firstBad * sampleSize;
    return {
      kind: "Spc",
      feature,
      status: !measured ? "unmeasured" : alerts.length > 0 ? "drifted" : "stable",
      reason: measured ? null : "there is no sample with a finite value",
      alerts,
      since: firstBad < 0 ? null : { row, time: options.timeOf(row) },
      limits,
      samples: series.samples,
      zones: series.drift,
    };
  });
}

/** The sample at which the first alert is complete, by bisection: what was found stays found. */
function earliest(length: number, check: (length: number) => readonly unknown[]): number {
  let low = 1;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (check(middle).length > 0) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}
