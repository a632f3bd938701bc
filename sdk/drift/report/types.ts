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
  readonly threshold: number | null;
}

/** One bin, baseline beside new data. */
export interface BinComparison {
  readonly label: string;
  readonly expected: number;
  readonly observed: number;
}

/** A feature measured by PSI. */
export interface PsiFeatureReport {
  readonly kind: "Psi";
  readonly feature: string;
  readonly status: DriftStatus;
  /** Why it is unmeasured; null otherwise. */
  readonly reason: string | null;
  /** How much, and how sure; null when unmeasured. */
  readonly confidence: PsiConfidence | null;
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
  readonly bins: readonly BinComparison[];
  readonly windows: readonly PsiWindow[];
}

/** A feature on a control chart. */
export interface SpcFeatureReport {
  readonly kind: "Spc";
  readonly feature: string;
  readonly status: DriftStatus;
  /** Why it is unmeasured; null otherwise. */
  readonly reason: string | null;
  readonly alerts: readonly SpcAlert[];
  /** Where the earliest run that raises an alert is complete. */
  readonly since: Since | null;
  readonly limits: ControlLimits;
  readonly samples: readonly number[];
  readonly zones: readonly number[];
}

/** Which features have drifted, since when, how much, how sure. */
export interface DriftReport {
  readonly kind: "Psi" | "Spc";
  readonly space: string;
  readonly name: string;
  readonly version: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly rowCount: number;
  readonly features: readonly (PsiFeatureReport | SpcFeatureReport)[];
}
