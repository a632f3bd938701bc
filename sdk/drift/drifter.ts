import type { TableInput } from "../data/mod.ts";
import type { CompatibilityOptions } from "./compatibility.ts";
import { DriftError } from "./error.ts";
import type { DriftProfile } from "./profile.ts";
import { PsiDriftConfig } from "./psi_config.ts";
import { type CreateProfileOptions, createPsiProfile } from "./psi_create.ts";
import { computePsiDrift, type PsiDriftMap } from "./psi_drift.ts";
import { PsiDriftProfile } from "./psi_profile.ts";
import { computeSpcDrift, createSpcProfile, type SpcDriftMap } from "./spc.ts";
import { SpcDriftConfig } from "./spc_config.ts";
import { SpcDriftProfile } from "./spc_profile.ts";

/**
 * Makes profiles and computes drift of whichever kind the configuration or profile is.
 *
 * @example
 * ```ts
 * import { Drifter, PsiDriftConfig } from "./mod.ts";
 *
 * const drifter = new Drifter();
 * const profile = drifter.createDriftProfile({ age: [31, 44, 27, 58] }, new PsiDriftConfig());
 * drifter.computeDrift({ age: [33, 41, 29, 60] }, profile);
 * ```
 */
export class Drifter {
  readonly #options: CompatibilityOptions;

  /**
   * Makes a drifter.
   *
   * @param options compatibility of everything this drifter does
   */
  constructor(options: CompatibilityOptions = {}) {
    this.#options = options;
  }

  /** Makes a PSI profile. */
  createDriftProfile(
    data: TableInput,
    config: PsiDriftConfig,
    options?: CreateProfileOptions,
  ): PsiDriftProfile;
  /** Makes an SPC profile, the kind made when there is no configuration. */
  createDriftProfile(
    data: TableInput,
    config?: SpcDriftConfig,
    options?: CreateProfileOptions,
  ): SpcDriftProfile;
  createDriftProfile(
    data: TableInput,
    config: PsiDriftConfig | SpcDriftConfig = new SpcDriftConfig(),
    options: CreateProfileOptions = {},
  ): PsiDriftProfile | SpcDriftProfile {
    const all = { ...this.#options, ...options };
    return config instanceof PsiDriftConfig
      ? createPsiProfile(data, config, all)
      : createSpcProfile(data, config, all);
  }

  /** Computes the PSI of each column. */
  computeDrift(data: TableInput, profile: PsiDriftProfile): PsiDriftMap;
  /** Puts each column on its control chart. */
  computeDrift(data: TableInput, profile: SpcDriftProfile): SpcDriftMap;
  computeDrift(data: TableInput, profile: DriftProfile): PsiDriftMap | SpcDriftMap {
    if (profile instanceof PsiDriftProfile) return computePsiDrift(data, profile, this.#options);
    if (profile instanceof SpcDriftProfile) return computeSpcDrift(data, profile, this.#options);
    throw new DriftError(
      "NOT_IMPLEMENTED",
      "Custom metrics are not computed from data; pass their observed values to profile.check()",
    );
  }
}
