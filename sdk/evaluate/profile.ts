/**
 * Agent evaluation profiles: which tasks are asked of an agent's records online, of how many, and
 * who is told when the pass rate falls.
 *
 * @module
 */

import { v7 as uuidv7 } from "uuid";
import { type AgentAlertConfig, AgentEvalConfig } from "../drift/agent_config.ts";
import { type Identity, SCOUTER_VERSION } from "../drift/identity.ts";
import { EvaluationError } from "./errors.ts";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, toJsonValue } from "./json.ts";
import { parseText } from "./files.ts";
import type { JudgeProvider } from "./judge/prompt.ts";
import { buildPlan, type ExecutionPlan } from "./plan/plan.ts";
import { planAsText } from "./plan/render.ts";
import { parseTasks, serialiseTask } from "./tasks/parse.ts";
import type {
  AgentAssertionTask,
  AssertionTask,
  EvaluationTask,
  LLMJudgeTask,
  TraceAssertionTask,
} from "./tasks/types.ts";

/** Space and name of a profile that was made without a configuration. */
const UNNAMED = { space: "default", name: "default_genai_profile" } as const;

/** Options of an {@linkcode AgentEvalProfile}. */
export interface AgentEvalProfileOptions {
  /** Identity, sampling and alerts; space `default`, name `default_genai_profile` unless told. */
  readonly config?: AgentEvalConfig;
  /** What the program calls the profile. */
  readonly alias?: string | null;
  /** The library version to note; this one's unless told. */
  readonly scouterVersion?: string;
}

/**
 * Tasks with an identity: what is registered with a server and evaluated there, and what offline
 * runs take their tasks from. Its JSON form is that of profile files.
 *
 * @example
 * ```ts
 * import { AgentEvalConfig } from "../drift/agent_config.ts";
 * import { AgentEvalProfile } from "./profile.ts";
 * import { assertionTask } from "./tasks/factories.ts";
 *
 * const profile = new AgentEvalProfile(
 *   [assertionTask({ id: "short", contextPath: "answer", operator: "HasLengthLessThan", expectedValue: 500 })],
 *   { config: new AgentEvalConfig({ space: "support", name: "triage", sampleRatio: 0.1 }), alias: "triage" },
 * );
 * const read = AgentEvalProfile.fromJSON(JSON.stringify(profile));
 * read.getExecutionPlan().stages; // [["short"]]
 * ```
 */
export class AgentEvalProfile {
  /** Identity, sampling and alerts. */
  readonly config: AgentEvalConfig;
  /** The tasks: assertions, judges, traces, agents, each in the order given. */
  readonly tasks: readonly EvaluationTask[];
  /** What the program calls the profile; null when it has no name for it. */
  readonly alias: string | null;
  /** Version of the library that made the profile. */
  readonly scouterVersion: string;
  readonly #plan: ExecutionPlan;
  #workflow: JsonValue | undefined;

  /**
   * Makes a profile.
   *
   * @param tasks at least one
   * @param options configuration and alias
   * @throws EvaluationError when there is no task, ids collide, or dependencies are unknown or
   * circular
   */
  constructor(tasks: readonly EvaluationTask[], options: AgentEvalProfileOptions = {}) {
    if (tasks.length === 0) {
      throw new EvaluationError("EMPTY_TASK_LIST", "A profile needs at least one task");
    }
    this.#plan = buildPlan(tasks);
    this.config = options.config ?? new AgentEvalConfig(UNNAMED);
    this.alias = options.alias ?? null;
    this.scouterVersion = options.scouterVersion ?? SCOUTER_VERSION;
    this.tasks = [
      ...ofType<AssertionTask>(tasks, "Assertion"),
      ...ofType<LLMJudgeTask>(tasks, "LLMJudge"),
      ...ofType<TraceAssertionTask>(tasks, "TraceAssertion"),
      ...ofType<AgentAssertionTask>(tasks, "AgentAssertion"),
    ];
  }

  /** Tells the kinds of profile apart. */
  get driftType(): "Agent" {
    return "Agent";
  }

  /** The profile's id; the server gives a new one when the profile is registered. */
  get uid(): string {
    return this.config.uid;
  }
  set uid(uid: string) {
    this.config.uid = uid;
  }

  /** Tasks that compare values of the context. */
  get assertionTasks(): readonly AssertionTask[] {
    return ofType(this.tasks, "Assertion");
  }

  /** Tasks that ask a model. */
  get llmJudgeTasks(): readonly LLMJudgeTask[] {
    return ofType(this.tasks, "LLMJudge");
  }

  /** Tasks that look at spans. */
  get traceAssertionTasks(): readonly TraceAssertionTask[] {
    return ofType(this.tasks, "TraceAssertion");
  }

  /** Tasks that look at vendors' responses. */
  get agentAssertionTasks(): readonly AgentAssertionTask[] {
    return ofType(this.tasks, "AgentAssertion");
  }

  /** Names of all tasks, sorted. */
  get taskIds(): readonly string[] {
    return this.tasks.map((task) => task.id).sort();
  }

  /** Whether a model is asked. */
  get hasLlmTasks(): boolean {
    return this.llmJudgeTasks.length > 0;
  }

  /** Whether values of the context are compared. */
  get hasAssertions(): boolean {
    return this.assertionTasks.length > 0;
  }

  /** Whether spans are looked at. */
  get hasTraceAssertions(): boolean {
    return this.traceAssertionTasks.length > 0;
  }

  /** Whether vendors' responses are looked at. */
  get hasAgentAssertions(): boolean {
    return this.agentAssertionTasks.length > 0;
  }

  /** Stages and dependencies. */
  getExecutionPlan(): ExecutionPlan {
    return this.#plan;
  }

  /** The plan for people; print it. */
  planAsText(): string {
    return planAsText(this.tasks);
  }

  /**
   * Takes over identity fields and alert settings, for example what the server chose.
   *
   * @param changes what to replace
   */
  updateConfigArgs(changes: Partial<Identity> & { alertConfig?: AgentAlertConfig }): void {
    const { space, name, version, uid, alertConfig } = changes;
    if (space !== undefined) this.config.space = space;
    if (name !== undefined) this.config.name = name;
    if (version !== undefined) this.config.version = version;
    if (uid !== undefined) this.config.uid = uid;
    if (alertConfig !== undefined) this.config.alertConfig = alertConfig;
  }

  /** The JSON form, as in profile files. */
  toJSON(): JsonObject {
    // Made once, so that saving twice gives the same ids.
    this.#workflow ??= workflowOf(this.llmJudgeTasks);
    return {
      config: toJsonValue(this.config),
      tasks: {
        assertion: this.assertionTasks.map(serialiseTask),
        judge: this.llmJudgeTasks.map(serialiseTask),
        trace: this.traceAssertionTasks.map(serialiseTask),
        agent: this.agentAssertionTasks.map(serialiseTask),
      },
      scouter_version: this.scouterVersion,
      workflow: this.#workflow,
      task_ids: this.taskIds,
      alias: this.alias,
    };
  }

  /**
   * Reads the JSON form, bare or wrapped as `{"Agent": …}`.
   *
   * @param input JSON text, or what it parses to
   * @returns the profile
   * @throws EvaluationError `INVALID_FILE` that names what is missing, or what is wrong with a task
   * @throws DriftError naming the field of the configuration that is not as it should be
   */
  static fromJSON(input: unknown): AgentEvalProfile {
    const root = typeof input === "string" ? parseText(input, "profile.json") : input;
    const inner = isJsonObject(root) ? root.Agent ?? root.GenAI : undefined;
    const data = isJsonObject(inner) ? inner : root;
    if (!isJsonObject(data)) throw invalid("expected an object");
    const { config, tasks, alias, scouter_version: version, workflow, task_ids: ids } = data;
    if (!isJsonObject(config)) throw invalid('"config" is missing');
    // Files of scouter-ml up to 0.25 call the kind "GenAI".
    const { drift_type: kind = "Agent" } = config;
    if (kind !== "Agent" && kind !== "GenAI") {
      throw invalid(`config.drift_type is ${JSON.stringify(kind)}, not "Agent"`);
    }
    if (!isJsonObject(tasks)) throw invalid('"tasks" is missing');
    for (const bucket of ["assertion", "judge", "trace", "agent"]) {
      if (!isJsonArray(tasks[bucket])) throw invalid(`"tasks.${bucket}" has to be a list`);
    }
    if (typeof version !== "string") throw invalid('"scouter_version" is missing');
    if (!isJsonArray(ids)) throw invalid('"task_ids" is missing');
    if (alias !== undefined && alias !== null && typeof alias !== "string") {
      throw invalid('"alias" has to be a text or null');
    }
    const profile = new AgentEvalProfile(parseTasks(tasks, { source: "profile.tasks" }), {
      config: AgentEvalConfig.fromJSON(config),
      alias: alias ?? null,
      scouterVersion: version,
    });
    // Kept as it came: ids and states in it belong to whoever made it.
    if (isJsonObject(workflow)) profile.#workflow = workflow;
    return profile;
  }
}

function ofType<Task extends EvaluationTask>(
  tasks: readonly EvaluationTask[],
  type: Task["taskType"],
): readonly Task[] {
  return tasks.filter((task): task is Task => task.taskType === type);
}

function invalid(what: string): EvaluationError {
  return new EvaluationError("INVALID_FILE", `Not an agent evaluation profile: ${what}`);
}

/** Providers as workflows spell them; they have no word for compatible servers. */
const AGENT_PROVIDERS: Readonly<Record<JudgeProvider, string>> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  gemini: "Gemini",
  vertex: "Vertex",
  "openai-compatible": "Undefined",
};

/** Judges as a workflow: their prompts by task, and the models that answer; null without judges. */
function workflowOf(judges: readonly LLMJudgeTask[]): JsonValue {
  if (judges.length === 0) return null;
  const ids = new Set(judges.map((task) => task.id));
  const agents = new Map<string, JsonObject>();
  const tasks = judges.map((task): [string, JsonObject] => {
    const { provider } = task.prompt;
    // System instructions go with each prompt; here they would be messages in the vendor's form.
    const agent = agents.get(provider) ??
      { id: uuidv7(), provider: AGENT_PROVIDERS[provider], system_instruction: [] };
    agents.set(provider, agent);
    const { prompt = null } = serialiseTask(task);
    return [task.id, {
      id: task.id,
      prompt,
      // Other kinds of task are done elsewhere; the workflow knows judges only.
      dependencies: task.dependsOn.filter((id) => ids.has(id)),
      status: "Pending",
      agent_id: agent.id ?? null,
      result: null,
      max_retries: task.maxRetries,
      retry_count: 0,
    }];
  });
  const order = buildPlan(judges.map(({ id, dependsOn }) => ({
    id,
    dependsOn: dependsOn.filter((parent) => ids.has(parent)),
  }))).stages.flat();
  return {
    id: uuidv7(),
    name: "judges",
    task_list: { tasks: Object.fromEntries(tasks), execution_order: order },
    agents: Object.fromEntries([...agents.values()].map((agent) => [String(agent.id), agent])),
  };
}
