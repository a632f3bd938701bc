/**
 * What a drift report says.
 *
 * @module
 */

import type { PsiConfidence } from "../measures/mod.ts";
import type { ControlLimits } from "../spc_limits.ts";
import type { SpcAlert } from "../spc_rules.ts";

/** Verdict about one feature. */
export type DriftStatus = "drifted" | "stable" | "unmeasured";

/** A moment in the data: a row, and its time when the data has one. */
export interface Since {
  /** Zero-based row. */
  readonly row: number;
  /** RFC 3339; null without a time column. */
  readonly time: string | null;
}

/** The PSI of a run of rows. */
export interface PsiWindow extends Since {
  /** Row after the last. */
  readonly endRow: number;
  /** Null when the window holds too few values. */
  readonly psi: number | null;
  /** The index above which there is drift; null when it cannot be told. */
  readonly threshold: number | null;
}

/** One bin, baseline beside new data. */
export interface BinComparison {
  /** The interval or category, for people. */
  readonly label: string;
  /** The baseline's share. */
  readonly expected: number;
  /** The new data's share. */
  readonly observed: number;
}

/** A feature measured by PSI. */
export interface PsiFeatureReport {
  /** Which measure the report is made by. */
  readonly kind: "Psi";
  /** The feature's name. */
  readonly feature: string;
  /** The verdict. */
  readonly status: DriftStatus;
  /** Why it is unmeasured; null otherwise. */
  readonly reason: string | null;
  /** How much, and how sure; null when unmeasured. */
  readonly confidence: PsiConfidence | null;
  /** The index above which there is drift; null when it cannot be told. */
  readonly threshold: number | null;
  /** Jensen–Shannon divergence in bits; null when unmeasured. */
  readonly jensenShannon: number | null;
  /** When it began; null when stable or unmeasured, or seen only over all rows together. */
  readonly since: Since | null;
  /** Values that were compared. */
  readonly sampleSize: number;
  /** Share of rows without a usable value. */
  readonly missing: number;
  /** Share of values in categories the baseline does not have. */
  readonly unmatched: number;
  /** Baseline beside new data, bin by bin. */
  readonly bins: readonly BinComparison[];
  /** The index over runs of rows, oldest first. */
  readonly windows: readonly PsiWindow[];
}

/** A feature on a control chart. */
export interface SpcFeatureReport {
  /** Which measure the report is made by. */
  readonly kind: "Spc";
  /** The feature's name. */
  readonly feature: string;
  /** The verdict. */
  readonly status: DriftStatus;
  /** Why it is unmeasured; null otherwise. */
  readonly reason: string | null;
  /** What the rule found. */
  readonly alerts: readonly SpcAlert[];
  /** Where the earliest run that raises an alert is complete. */
  readonly since: Since | null;
  /** The chart's limits. */
  readonly limits: ControlLimits;
  /** Sample means, oldest first. */
  readonly samples: readonly number[];
  /** Zone value of each sample mean. */
  readonly zones: readonly number[];
}

/** Which features have drifted, since when, how much, how sure. */
export interface DriftReport {
  /** Which measure the report is made by. */
  readonly kind: "Psi" | "Spc";
  /** The team or project. */
  readonly space: string;
  /** The model or service. */
  readonly name: string;
  /** Version of the profile. */
  readonly version: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** How many rows there are. */
  readonly rowCount: number;
  /** One report per watched feature. */
  readonly features: readonly (PsiFeatureReport | SpcFeatureReport)[];
}
