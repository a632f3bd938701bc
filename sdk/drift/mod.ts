/**
 * Drift detection: PSI, statistical process control and custom metrics. Pure functions from data to profiles, drift and
 * alerts; the same run in a notebook, a CI job, the server and the browser.
 *
 * @module
 */

export * from "./agent_config.ts";
export * from "./alert_condition.ts";
export * from "./bin_edges.ts";
export * from "./binner.ts";
export {
  type BinningFacts,
  type BinningStrategy,
  EQUAL_WIDTH_RULES,
  equalWidthBinning,
  type EqualWidthMethod,
  MAX_BINS,
  numberOfBins,
  quantileBinning,
} from "./binning.ts";
export * from "./compatibility.ts";
export * from "./custom.ts";
export * from "./custom_config.ts";
export { consoleDispatch, type DispatchConfig, opsGenie, slack } from "./dispatch.ts";
export * from "./drifter.ts";
export * from "./error.ts";
export * from "./feature_map.ts";
export type { Identity } from "./identity.ts";
export * from "./profile.ts";
export * from "./psi.ts";
export * from "./psi_alerts.ts";
export * from "./psi_config.ts";
export { type CreateProfileOptions, createPsiProfile } from "./psi_create.ts";
export * from "./psi_drift.ts";
export { type PsiBin, PsiDriftProfile, type PsiFeatureProfile } from "./psi_profile.ts";
export {
  chiSquareThreshold,
  fixedThreshold,
  normalThreshold,
  type PsiThreshold,
  psiThreshold,
} from "./psi_threshold.ts";
export * from "./schedule.ts";
export * from "./spc.ts";
export * from "./spc_config.ts";
export * from "./spc_limits.ts";
export * from "./spc_profile.ts";
export * from "./spc_rules.ts";
export * from "./spc_zones.ts";
export * from "./measures/mod.ts";
export * from "./report/mod.ts";
export * from "./sketch/mod.ts";
