import type { DriftReport } from "../drift/mod.ts";
import { detail } from "../drift/report/text.ts";
import type { Finding } from "./output/findings.ts";

const STATUS = { drifted: "failed", stable: "passed", unmeasured: "unmeasured" } as const;

/** A drift report as checks, one per feature, for the output formats that all commands share. */
export function driftFindings(report: DriftReport): Finding[] {
  return report.features.map((feature) => ({
    group: `drift ${report.space}/${report.name}/${report.version}`,
    name: feature.feature,
    status: STATUS[feature.status],
    message: detail(feature),
    durationMs: 0,
  }));
}
