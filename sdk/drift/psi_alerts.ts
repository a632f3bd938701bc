import { DriftError } from "./error.ts";
import { psi } from "./psi.ts";
import type { PsiDriftProfile } from "./psi_profile.ts";
import { psiThreshold } from "./psi_threshold.ts";

/** Values per bin below which a feature is not judged. */
const VALUES_PER_BIN = 10;

/** A feature whose PSI exceeds its threshold. */
export interface PsiAlert {
  /** The feature's name. */
  readonly feature: string;
  /** The observed index. */
  readonly drift: number;
  /** What it exceeds. */
  readonly threshold: number;
}

/** What came of checking counted values against a baseline. */
export interface PsiAlertCheck {
  /** Features that have drifted. */
  readonly alerts: readonly PsiAlert[];
  /** Every feature that could be judged, with its index. */
  readonly measured: Readonly<Record<string, number>>;
  /** Watched features that could not be judged: too few values (at least ten per bin), or a single bin. */
  readonly unmeasured: readonly string[];
}

/**
 * Checks counts per bin, collected over any time, against a baseline. Each watched feature is judged by itself: one with
 * too few values, or one that is not in the profile, does not keep the others from being judged.
 *
 * @param counts new values per bin id, by feature name; ids that the profile does not have make one more bin
 * @param profile the baseline; its `featuresToMonitor` are watched, all features when it is empty
 * @returns alerts, and what could not be judged
 * @throws DriftError when a count is negative or not a whole number
 * @example
 * ```ts
 * import { checkPsiAlerts, createPsiProfile, quantileBinning, PsiDriftConfig } from "./mod.ts";
 *
 * const config = new PsiDriftConfig({ binningStrategy: quantileBinning(2) });
 * const profile = createPsiProfile({ x: [1, 2, 3, 4] }, config);
 * checkPsiAlerts({ x: new Map([[1, 900], [2, 100]]) }, profile).alerts.length; // 1
 * ```
 */
export function checkPsiAlerts(
  counts: Readonly<Record<string, ReadonlyMap<number, number>>>,
  profile: PsiDriftProfile,
): PsiAlertCheck {
  const { featuresToMonitor, threshold: rule } = profile.config.alertConfig;
  const watched = featuresToMonitor.length > 0 ? featuresToMonitor : [...profile.features.keys()];
  const alerts: PsiAlert[] = [];
  const measured: [string, number][] = [];
  const unmeasured: string[] = [];
  for (const feature of watched) {
    const bins = profile.features.get(feature)?.bins;
    const own = counts[feature];
    const total = own === undefined ? 0 : totalOf(feature, own);
    const threshold = bins === undefined ? null : psiThreshold(rule, total, bins.length);
    if (
      bins === undefined || own === undefined || threshold === null ||
      total < VALUES_PER_BIN * bins.length
    ) {
      unmeasured.push(feature);
      continue;
    }
    const expected = bins.map((bin) => bin.proportion);
    const observed = bins.map((bin) => (own.get(bin.id) ?? 0) / total);
    const known = new Set(bins.map((bin) => bin.id));
    const unseen = [...own].reduce((sum, [id, n]) => known.has(id) ? sum : sum + n, 0);
    if (unseen > 0) {
      expected.push(0);
      observed.push(unseen / total);
    }
    const drift = psi(expected, observed);
    measured.push([feature, drift]);
    if (drift > threshold) alerts.push({ feature, drift, threshold });
  }
  return { alerts, measured: Object.fromEntries(measured), unmeasured };
}

function totalOf(feature: string, counts: ReadonlyMap<number, number>): number {
  let total = 0;
  for (const [id, count] of counts) {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new DriftError(
        "INVALID_CONFIG",
        `Feature "${feature}", bin ${id}: a count is a whole number of at least 0, got ${count}`,
      );
    }
    total += count;
  }
  return total;
}
