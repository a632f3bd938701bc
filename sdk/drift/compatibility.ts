/**
 * Where this library answers better than the reference implementation of Scouter, which results to give.
 *
 * - `"strict"`, the default of drift and profiling: the better answer. New profiles should be right, and their files still open in
 *   the reference.
 * - `"reference"`: the reference's numbers, for continuing a series that was started with it.
 *
 * Evaluation has the other default, "reference": task files and thresholds are written by hand against known verdicts,
 * and a change of library must not turn gates, while profile files are read as they stand in either mode. `docs/drift.md`
 * has the two decisions side by side.
 *
 * | Where | `"reference"` | `"strict"` | Why strict is the default |
 * |---|---|---|---|
 * | PSI, text columns | binned by alphabetical rank unless listed as categorical | always categorical | ranks are not quantities: renaming a category would look like drift |
 * | PSI, categories | no bin for values never seen before | an extra bin with proportion 0 | otherwise the most drastic change cannot be counted |
 * | text, a value called "missing" | counted as unseen | a value like any other | it is what the data says |
 * | PSI, equal quantile edges | kept: bins that can never fill | merged | they raise the number of bins, and with it the threshold, without measuring anything |
 * | PSI, constant column | one full and many empty bins, or an error | three bins: below, at and above the value | a shift to either side is seen |
 * | PSI, equal width | as many bins as the rule asks for; at least 2 or an error | between 2 and 1000; Freedman–Diaconis with an IQR of 0 falls back to Scott | a rule of thumb must not fill the memory |
 * | PSI, drift | non-finite values count as rows | only finite values count | a share of nulls is not a shift of the rest |
 * | SPC, chunk size at creation | chosen from the row count | `sampleSize` | limits must describe the samples that are compared with them |
 * | SPC, short last chunk | counts like a full one; of one row makes all limits NaN | left out when there is a full one | its standard deviation and mean are those of a smaller sample |
 * | SPC, c4 | (4m−4)/(4m−3) in single precision | the exact gamma-function formula | the approximation is 0.005 % off at m = 25 |
 * | SPC, non-finite values | spoil their chunk | left out of it | one gap in the data must not blind a chart |
 * | SPC, a mean exactly on a 3-sigma limit | zone 0 | zone 3 | it is not in control |
 * | SPC, alternating rule | any different value counts | the side must change | Western Electric handbook |
 * | SPC, zone rules | looked at only where the last value lies exactly in the zone | in the zone or beyond | `3, 4` is as bad as `4, 3` |
 * | SPC, trend | on zone values | on sample means where they are known | seven rising means within one zone are a trend |
 */
export type Compatibility = "strict" | "reference";

/** Options that every function with two possible answers takes. */
export interface CompatibilityOptions {
  /** Whose answer to give; "strict" by default. See {@linkcode Compatibility} for the differences. */
  readonly compatibility?: Compatibility;
}
