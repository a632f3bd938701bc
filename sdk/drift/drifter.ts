import type { TableInput } from "../data/mod.ts";
import { EvalDataset, type EvaluationConfig } from "../evaluate/dataset.ts";
import { AgentEvalProfile } from "../evaluate/profile.ts";
import type { EvalSubject } from "../evaluate/record.ts";
import type { EvalResults } from "../evaluate/results/results.ts";
import type { EvaluationTask } from "../evaluate/tasks/types.ts";
import { AgentEvalConfig } from "./agent_config.ts";
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
 * @example Agents: tasks instead of columns
 * ```ts
 * import { assertionTask, parseRecord } from "../evaluate/mod.ts";
 * import { Drifter } from "./mod.ts";
 *
 * const drifter = new Drifter();
 * const profile = drifter.createAgentDriftProfile([
 *   assertionTask({ id: "short", contextPath: "answer", operator: "HasLengthLessThan", expectedValue: 500 }),
 * ]);
 * const results = await drifter.computeDrift([parseRecord({ context: { answer: "Paris" } })], profile);
 * results.summary().passed; // 1
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
  /** Makes a profile of an agent: the data are the tasks that its records are asked. */
  createDriftProfile(tasks: readonly EvaluationTask[], config: AgentEvalConfig): AgentEvalProfile;
  createDriftProfile(
    data: TableInput | readonly EvaluationTask[],
    config: PsiDriftConfig | SpcDriftConfig | AgentEvalConfig = new SpcDriftConfig(),
    options: CreateProfileOptions = {},
  ): PsiDriftProfile | SpcDriftProfile | AgentEvalProfile {
    if (config instanceof AgentEvalConfig) {
      return this.createAgentDriftProfile(tasksOf(data), { config });
    }
    if (isTasks(data)) {
      throw new DriftError(
        "INVALID_CONFIG",
        `A ${config.driftType} profile is made from columns, got evaluation tasks; give an ` +
          "AgentEvalConfig with them, or call createAgentDriftProfile",
      );
    }
    const all = { ...this.#options, ...options };
    return config instanceof PsiDriftConfig
      ? createPsiProfile(data, config, all)
      : createSpcProfile(data, config, all);
  }

  /**
   * Makes a profile of an agent.
   *
   * @param tasks what its records are asked; at least one
   * @param options configuration and alias
   * @returns the profile
   * @throws EvaluationError when the tasks cannot be planned: none, ids that collide, or
   * dependencies that are unknown or circular
   */
  createAgentDriftProfile(
    tasks: readonly EvaluationTask[],
    options: { readonly config?: AgentEvalConfig; readonly alias?: string | null } = {},
  ): AgentEvalProfile {
    return new AgentEvalProfile(tasks, options);
  }

  /** Computes the PSI of each column. */
  computeDrift(data: TableInput, profile: PsiDriftProfile): PsiDriftMap;
  /** Puts each column on its control chart. */
  computeDrift(data: TableInput, profile: SpcDriftProfile): SpcDriftMap;
  /**
   * Asks an agent profile's tasks of its records. An error concerns one task of one record, never
   * the rest. The compatibility is evaluation's default, `"reference"`, unless this drifter was
   * given one.
   */
  computeDrift(
    records: EvalSubject | readonly EvalSubject[],
    profile: AgentEvalProfile,
    config?: EvaluationConfig,
  ): Promise<EvalResults>;
  computeDrift(
    data: TableInput | EvalSubject | readonly EvalSubject[],
    profile: DriftProfile,
    config: EvaluationConfig = {},
  ): PsiDriftMap | SpcDriftMap | Promise<EvalResults> {
    if (profile instanceof AgentEvalProfile) {
      const records = (Array.isArray(data) ? data : [data]).map(recordOf);
      return new EvalDataset(records, profile.tasks).evaluate({ ...this.#options, ...config });
    }
    // The overloads let records of agents in with agent profiles only; a table of objects that look
    // like records is a table.
    const table = data as TableInput;
    if (profile instanceof PsiDriftProfile) return computePsiDrift(table, profile, this.#options);
    if (profile instanceof SpcDriftProfile) return computeSpcDrift(table, profile, this.#options);
    throw new DriftError(
      "NOT_IMPLEMENTED",
      "Custom metrics are not computed from data; pass their observed values to profile.check()",
    );
  }
}

function recordOf(value: unknown, index: number): EvalSubject {
  if (isRecord(value)) return value;
  throw new DriftError(
    "WRONG_TYPE",
    `An agent profile is computed from evaluation records; number ${index} is none. Make them ` +
      "with new EvalRecord({ context }) or parseRecord({ context })",
  );
}

function isRecord(value: unknown): value is EvalSubject {
  return typeof value === "object" && value !== null && "context" in value &&
    "recordId" in value && "uid" in value && "tags" in value;
}

function isTasks(
  data: TableInput | readonly EvaluationTask[],
): data is readonly EvaluationTask[] {
  if (!Array.isArray(data) || data.length === 0) return false;
  const first: unknown = data[0];
  return typeof first === "object" && first !== null && "taskType" in first &&
    "operator" in first;
}

function tasksOf(data: TableInput | readonly EvaluationTask[]): readonly EvaluationTask[] {
  if (isTasks(data) || (Array.isArray(data) && data.length === 0)) {
    return data as readonly EvaluationTask[];
  }
  throw new DriftError(
    "WRONG_TYPE",
    "An agent profile is made from evaluation tasks, such as those of assertionTask(); got data",
  );
}
