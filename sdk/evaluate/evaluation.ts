/**
 * Tasks, planned and compiled, ready to be asked of any number of records.
 *
 * @module
 */

import { compileAgentAssertion, type ResponseCache } from "./agent/compile.ts";
import { compileAssertion, type CompiledAssertion } from "./assertion.ts";
import { TaskCheck, type UnmeasuredReason } from "./check.ts";
import { EvaluationError } from "./errors.ts";
import { isJsonObject, type JsonValue } from "./json.ts";
import { bindPrompt } from "./judge/prompt.ts";
import { type Stability, weighVotes } from "./judge/stability.ts";
import type { Judge, JudgeUsage } from "./judge/types.ts";
import type { Compatibility } from "./path.ts";
import { buildPlan, type ExecutionPlan } from "./plan/plan.ts";
import { lintTasks, type TaskProblem } from "./tasks/lint.ts";
import type { EvaluationTask, LLMJudgeTask } from "./tasks/types.ts";
import { compileTraceTask } from "./trace/compile.ts";
import type { EvalSpan } from "./trace/types.ts";

/** Options of {@linkcode Evaluation}. */
export interface EvaluationOptions {
  /**
   * Which rules; `reference` unless told, so that task files mean what they meant where they were
   * written.
   */
  readonly compatibility?: Compatibility;
  /** Who answers judge tasks. */
  readonly judge?: Judge;
  /** Confidence of the interval of repeated judgements; 0.8 unless told. */
  readonly judgeConfidence?: number;
}

/** One task's outcome on one record. */
export interface TaskOutcome {
  /** The task. */
  readonly task: EvaluationTask;
  /** What came out; absent when a gate kept the task from running. */
  readonly check: TaskCheck | undefined;
  /** Why there is no answer. */
  readonly reason: UnmeasuredReason | undefined;
  /** What repeated judgements agreed on. */
  readonly stability?: Stability;
  /** What judgements cost. */
  readonly usage?: JudgeUsage;
}

/** What a judge's answers came to. */
export interface Judgement {
  /** The answer that stands for all. */
  readonly check: TaskCheck;
  /** What the judge said, for dependents. */
  readonly response: JsonValue | undefined;
  /** How much several answers agree. */
  readonly stability: Stability | undefined;
  /** What they cost. */
  readonly usage: JudgeUsage;
}

/** A task in the order of execution. */
interface Step {
  readonly task: EvaluationTask;
  /** Where its outcome goes. */
  readonly index: number;
  readonly dependencies: readonly number[];
  readonly run: SyncRun | undefined;
  readonly judged: CompiledAssertion | undefined;
}

type SyncRun = (
  scope: JsonValue,
  spans: readonly EvalSpan[] | undefined,
  responses: ResponseCache,
) => TaskCheck;

/** How many tasks came to what; gates are not counted. */
export interface RecordCounts {
  /** Passed. */
  readonly passed: number;
  /** Failed. */
  readonly failed: number;
  /** Without an answer. */
  readonly unmeasured: number;
}

/** Everything known about one record while it is evaluated, and after. */
export interface RecordState {
  /** Outcomes in the order of {@linkcode Evaluation.tasks}; `null` where a gate kept it back. */
  readonly checks: (TaskCheck | null)[];
  /** What judges answered and cost, by task index. */
  judgements: Map<number, Judgement> | undefined;
}

/** Never written to: without agent tasks nobody asks. */
const NO_RESPONSES: ResponseCache = new Map();

const BUCKET_ORDER = ["Assertion", "LLMJudge", "TraceAssertion", "AgentAssertion"];

/**
 * Tasks, planned and compiled.
 *
 * @example
 * ```ts
 * import { Evaluation } from "./evaluation.ts";
 * import { assertionTask } from "./tasks/factories.ts";
 *
 * const evaluation = new Evaluation([
 *   assertionTask({ id: "short", contextPath: "text", operator: "HasLengthLessThan", expectedValue: 9 }),
 * ]);
 * evaluation.outcomes(evaluation.run({ text: "hello" }))[0]?.check?.passed; // true
 * ```
 */
export class Evaluation {
  /** The tasks: assertions, judges, traces, agents, each in the order of declaration. */
  readonly tasks: readonly EvaluationTask[];
  /** Stages and dependencies. */
  readonly plan: ExecutionPlan;
  /** Which rules. */
  readonly compatibility: Compatibility;
  /** Whether a judge has to be asked. */
  readonly hasJudges: boolean;
  /** Whether spans are looked at. */
  readonly hasTraceTasks: boolean;
  readonly #stages: readonly (readonly Step[])[];
  readonly #hasAgentTasks: boolean;
  readonly #judge: Judge | undefined;
  readonly #confidence: number | undefined;

  /**
   * Plans and compiles tasks.
   *
   * @param tasks the tasks
   * @param options see {@linkcode EvaluationOptions}
   * @throws EvaluationError when there is no task, ids collide, dependencies are unknown or
   * circular, or (strict) a path or pattern is invalid or an operator cannot look at what it is given
   */
  constructor(tasks: readonly EvaluationTask[], options: EvaluationOptions = {}) {
    if (tasks.length === 0) {
      throw new EvaluationError("EMPTY_TASK_LIST", "There is nothing to evaluate: no tasks");
    }
    this.compatibility = options.compatibility ?? "reference";
    this.tasks = BUCKET_ORDER.flatMap((type) => tasks.filter((task) => task.taskType === type));
    this.plan = buildPlan(tasks);
    const [problem] = this.compatibility === "strict" ? impossible(tasks) : [];
    if (problem !== undefined) {
      throw new EvaluationError(
        "OPERATOR_MISMATCH",
        `Task "${problem.taskId}": ${problem.message}`,
      );
    }
    this.hasJudges = tasks.some((task) => task.taskType === "LLMJudge");
    this.hasTraceTasks = tasks.some((task) => task.taskType === "TraceAssertion");
    this.#hasAgentTasks = tasks.some((task) => task.taskType === "AgentAssertion");
    this.#judge = options.judge;
    this.#confidence = options.judgeConfidence;
    const indexes = new Map(this.tasks.map((task, index) => [task.id, index]));
    const steps = new Map(this.tasks.map((task, index) => {
      const dependencies = task.dependsOn.map((id) => indexes.get(id) ?? 0);
      return [task.id, this.#compile(task, index, [...new Set(dependencies)])] as const;
    }));
    this.#stages = this.plan.stages.map((stage) =>
      stage.flatMap((id) => {
        const step = steps.get(id);
        return step === undefined ? [] : [step];
      })
    );
  }

  #compile(task: EvaluationTask, index: number, dependencies: readonly number[]): Step {
    const { compatibility } = this;
    const base = { task, index, dependencies, run: undefined, judged: undefined };
    switch (task.taskType) {
      case "Assertion": {
        const compiled = compileAssertion(task, compatibility);
        return { ...base, run: (scope) => compiled.evaluate(scope) };
      }
      case "TraceAssertion": {
        const check = compileTraceTask(task, compatibility);
        return {
          ...base,
          run: (scope, spans) =>
            spans === undefined || spans.length === 0
              ? noSpans(task.id, compatibility)
              : check(spans, scope),
        };
      }
      case "AgentAssertion": {
        const check = compileAgentAssertion(task, compatibility);
        return { ...base, run: (scope, _spans, responses) => check(scope, responses) };
      }
      case "LLMJudge":
        return { ...base, judged: compileAssertion(task, compatibility) };
    }
  }

  /**
   * Evaluates one record at once; for tasks without judges.
   *
   * @param context the record's context
   * @param spans the spans of its trace
   * @returns the outcomes, for {@linkcode outcomes}
   * @throws EvaluationError `NOT_CONFIGURED` when there are judge tasks: use {@linkcode runAsync}
   */
  run(context: JsonValue, spans?: readonly EvalSpan[]): RecordState {
    if (this.hasJudges) {
      throw new EvaluationError("NOT_CONFIGURED", "Judge tasks need runAsync");
    }
    const state = this.#start();
    const responses = this.#hasAgentTasks ? new Map() : NO_RESPONSES;
    for (const stage of this.#stages) {
      for (const step of stage) this.#runSync(step, state, context, spans, responses);
    }
    return state;
  }

  /**
   * Evaluates one record; judges of a stage are asked at the same time, and only when every gate
   * before them passed.
   *
   * @param context the record's context
   * @param spans the spans of its trace
   * @param signal stops asking judges
   * @returns the outcomes, for {@linkcode outcomes}
   */
  async runAsync(
    context: JsonValue,
    spans?: readonly EvalSpan[],
    signal?: AbortSignal,
  ): Promise<RecordState> {
    const state = this.#start();
    const responses: ResponseCache = new Map();
    for (const stage of this.#stages) {
      const asked: Promise<void>[] = [];
      for (const step of stage) {
        if (step.judged === undefined) this.#runSync(step, state, context, spans, responses);
        else asked.push(this.#runJudge(step, step.judged, state, context, signal));
      }
      await Promise.all(asked);
    }
    return state;
  }

  /**
   * The outcomes by task.
   *
   * @param state what {@linkcode run} returned
   * @returns one outcome per task, in the order of {@linkcode tasks}
   */
  outcomes(state: RecordState): readonly TaskOutcome[] {
    return this.tasks.map((task, index) => {
      const check = state.checks[index] ?? undefined;
      const judgement = state.judgements?.get(index);
      const unsure = judgement?.stability?.verdict === "unsure";
      return {
        task,
        check,
        reason: check === undefined ? "gated" : unsure ? "unsure" : check.reason,
        ...(judgement?.stability === undefined ? {} : { stability: judgement.stability }),
        ...(judgement === undefined ? {} : { usage: judgement.usage }),
      };
    });
  }

  /**
   * Counts outcomes without writing them down.
   *
   * @param state what {@linkcode run} returned
   * @param success whether no task had an error; in reference mode an error voids the others
   */
  count(state: RecordState, success: boolean): RecordCounts {
    let passed = 0;
    let failed = 0;
    let unmeasured = 0;
    const { checks, judgements } = state;
    const voided = !success && this.compatibility === "reference";
    for (let i = 0; i < this.tasks.length; i++) {
      if (this.tasks[i]?.condition) continue;
      const check = checks[i];
      if (
        check === null || check === undefined || check.status === "unmeasured" ||
        judgements?.get(i)?.stability?.verdict === "unsure"
      ) unmeasured++;
      else if (voided) continue;
      else if (check.status === "passed") passed++;
      else failed++;
    }
    return { passed, failed, unmeasured };
  }

  #start(): RecordState {
    return { checks: new Array<TaskCheck | null>(this.tasks.length), judgements: undefined };
  }

  #runSync(
    step: Step,
    state: RecordState,
    context: JsonValue,
    spans: readonly EvalSpan[] | undefined,
    responses: ResponseCache,
  ): void {
    const { checks } = state;
    if (step.run === undefined) return;
    if (step.dependencies.length === 0) {
      checks[step.index] = step.run(context, spans, responses);
      return;
    }
    const ready = this.#ready(step, state);
    checks[step.index] = ready === true
      ? step.run(this.#scope(step, state, context), spans, responses)
      : ready;
  }

  async #runJudge(
    step: Step,
    judged: CompiledAssertion,
    state: RecordState,
    context: JsonValue,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { task } = step;
    if (task.taskType !== "LLMJudge") return;
    const ready = this.#ready(step, state);
    if (ready !== true) {
      state.checks[step.index] = ready;
      return;
    }
    const judgement = await this.#ask(task, judged, this.#scope(step, state, context), signal);
    state.checks[step.index] = judgement.check;
    (state.judgements ??= new Map()).set(step.index, judgement);
  }

  async #ask(
    task: LLMJudgeTask,
    judged: CompiledAssertion,
    scope: JsonValue,
    signal: AbortSignal | undefined,
  ): Promise<Judgement> {
    const usage = { inputTokens: 0, outputTokens: 0, costUsd: null as number | null };
    const failed = (message: string): Judgement => ({
      check: errorCheck(task.id, task.expectedValue, message),
      response: undefined,
      stability: undefined,
      usage,
    });
    const judge = this.#judge;
    if (judge === undefined) {
      return failed("no judge is configured; pass one in the options");
    }
    try {
      const bound = bindPrompt(task.prompt, scope);
      const answers = await Promise.all(
        Array.from({ length: task.repeat }, (_, repetition) =>
          judge.ask({
            prompt: bound,
            maxRetries: task.maxRetries,
            repetition,
            ...(signal === undefined ? {} : { signal }),
          })),
      );
      for (const answer of answers) {
        usage.inputTokens += answer.usage.inputTokens;
        usage.outputTokens += answer.usage.outputTokens;
        if (answer.usage.costUsd !== null) {
          usage.costUsd = (usage.costUsd ?? 0) + answer.usage.costUsd;
        }
      }
      const checks = answers.map((answer) => judged.evaluate(answer.value, scope));
      return this.#weigh(checks, answers.map((answer) => answer.value), usage);
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
  }

  /** One answer stands for itself; several are weighed, and the first of the majority is shown. */
  #weigh(
    checks: readonly TaskCheck[],
    responses: readonly JsonValue[],
    usage: JudgeUsage,
  ): Judgement {
    const [only] = checks;
    if (only === undefined) throw new EvaluationError("JUDGE_FAILED", "No answer came");
    const broken = checks.findIndex((check) => check.status === "unmeasured");
    if (checks.length === 1 || broken >= 0) {
      const index = Math.max(0, broken);
      const check = checks[index] ?? only;
      return { check, response: responses[index], stability: undefined, usage };
    }
    const passes = checks.filter((check) => check.passed).length;
    const stability = weighVotes(passes, checks.length, this.#confidence);
    const majority = passes * 2 >= checks.length;
    const index = Math.max(0, checks.findIndex((check) => check.passed === majority));
    return { check: checks[index] ?? only, response: responses[index], stability, usage };
  }

  /** `true` when the step may run, `null` when a gate stops it, a check when it cannot be asked. */
  #ready(step: Step, state: RecordState): true | null | TaskCheck {
    for (const dependency of step.dependencies) {
      const check = state.checks[dependency];
      if (check === null || check === undefined) return null;
      const parent = this.tasks[dependency];
      if (check.reason === "error") {
        return errorCheck(
          step.task.id,
          step.task.expectedValue,
          `it depends on '${parent?.id}', which could not be measured`,
        );
      }
      const unsure = state.judgements?.get(dependency)?.stability?.verdict === "unsure";
      if (parent?.condition && (!check.passed || unsure)) return null;
    }
    return true;
  }

  /** The context with the values of the direct dependencies under their names. */
  #scope(step: Step, state: RecordState, context: JsonValue): JsonValue {
    if (step.dependencies.length === 0) return context;
    const scope: Record<string, JsonValue> = isJsonObject(context) ? { ...context } : { context };
    for (const dependency of step.dependencies) {
      const check = state.checks[dependency];
      const parent = this.tasks[dependency];
      if (check === null || check === undefined || parent === undefined) continue;
      const response = state.judgements?.get(dependency)?.response;
      scope[parent.id] = parent.taskType === "LLMJudge" && response !== undefined
        ? response
        : check.actual;
    }
    return scope;
  }
}

/** Strict rules have a path grammar of their own; what the reference's would skip is no problem. */
function impossible(tasks: readonly EvaluationTask[]): readonly TaskProblem[] {
  return lintTasks(tasks).filter((problem) => !/^(item_)?context_path/.test(problem.message));
}

function errorCheck(id: string, expected: JsonValue, message: string): TaskCheck {
  return new TaskCheck(id, "unmeasured", "error", null, expected, 0, message);
}

/** Without spans nothing can be said about a trace; the original calls that a failure. */
function noSpans(id: string, compatibility: Compatibility): TaskCheck {
  return compatibility === "strict"
    ? new TaskCheck(id, "unmeasured", "empty", null, null)
    : new TaskCheck(id, "failed", "noSpans", null, null);
}
