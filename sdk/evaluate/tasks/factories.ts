/**
 * Makes tasks, with defaults filled in.
 *
 * @module
 */

import type { AgentAssertionSpec, Provider } from "../agent/types.ts";
import { EvaluationError } from "../errors.ts";
import { type JsonValue, toJsonValue } from "../json.ts";
import type { Prompt } from "../judge/prompt.ts";
import { type ComparisonOperator, isComparisonOperator } from "../operators/names.ts";
import type { TraceAssertionSpec } from "../trace/types.ts";
import type {
  AgentAssertionTask,
  AssertionTask,
  LLMJudgeTask,
  TraceAssertionTask,
} from "./types.ts";

/** What every factory takes. */
export interface TaskOptions {
  /** Name; made lower-case. */
  readonly id: string;
  /** How to compare. */
  readonly operator: ComparisonOperator;
  /** With what; null for operators that ignore it. */
  readonly expectedValue?: unknown;
  /** For people. */
  readonly description?: string | null;
  /** Tasks that have to be done first; made lower-case. */
  readonly dependsOn?: readonly string[];
  /** Whether this is a gate. */
  readonly condition?: boolean;
}

/** Options of {@linkcode assertionTask}. */
export interface AssertionTaskOptions extends TaskOptions {
  /** Where the value is; absent: the whole context. */
  readonly contextPath?: string | null;
  /** Where the value is inside each item when an array is iterated. */
  readonly itemContextPath?: string | null;
}

/** Options of {@linkcode llmJudgeTask}. */
export interface LLMJudgeTaskOptions extends TaskOptions {
  /** What is asked. */
  readonly prompt: Prompt;
  /** Where the value is in the answer; absent: the whole answer. */
  readonly contextPath?: string | null;
  /** Further attempts after a passing failure; 3 unless told. */
  readonly maxRetries?: number | null;
  /** How often the judge is asked; 1 unless told. */
  readonly repeat?: number;
}

/** Options of {@linkcode traceAssertionTask}. */
export interface TraceAssertionTaskOptions extends TaskOptions {
  /** What is extracted. */
  readonly assertion: TraceAssertionSpec;
}

/** Options of {@linkcode agentAssertionTask}. */
export interface AgentAssertionTaskOptions extends TaskOptions {
  /** What is extracted. */
  readonly assertion: AgentAssertionSpec;
  /** Whose response it is; absent: look at its shape. */
  readonly provider?: Provider | null;
  /** Where the response is; absent: the whole context. */
  readonly contextPath?: string | null;
}

interface CommonFields {
  readonly id: string;
  readonly operator: ComparisonOperator;
  readonly expectedValue: JsonValue;
  readonly description: string | null;
  readonly dependsOn: readonly string[];
  readonly condition: boolean;
}

function common(options: TaskOptions): CommonFields {
  const id = options.id.trim().toLowerCase();
  if (id === "") throw new EvaluationError("INVALID_TASK", "A task's id must not be empty");
  if (!isComparisonOperator(options.operator)) {
    throw new EvaluationError(
      "INVALID_TASK",
      `Task "${id}": "${options.operator}" is not an operator; names are case-sensitive`,
    );
  }
  return {
    id,
    operator: options.operator,
    expectedValue: toJsonValue(options.expectedValue ?? null),
    description: options.description ?? null,
    dependsOn: (options.dependsOn ?? []).map((name) => name.trim().toLowerCase()),
    condition: options.condition ?? false,
  };
}

/**
 * Makes a task that compares a value of the record's context.
 *
 * @param options see {@linkcode AssertionTaskOptions}
 * @returns the task
 * @throws EvaluationError `INVALID_TASK`
 * @example
 * ```ts
 * import { assertionTask } from "./factories.ts";
 *
 * assertionTask({
 *   id: "confident",
 *   contextPath: "prediction.confidence",
 *   operator: "GreaterThan",
 *   expectedValue: 0.8,
 * });
 * ```
 */
export function assertionTask(options: AssertionTaskOptions): AssertionTask {
  return {
    taskType: "Assertion",
    ...common(options),
    contextPath: options.contextPath ?? null,
    itemContextPath: options.itemContextPath ?? null,
  };
}

/**
 * Makes a task that asks a language model and compares its answer.
 *
 * @param options see {@linkcode LLMJudgeTaskOptions}
 * @returns the task
 * @throws EvaluationError `INVALID_TASK`
 * @example
 * ```ts
 * import { prompt, SCORE_SCHEMA } from "../judge/prompt.ts";
 * import { llmJudgeTask } from "./factories.ts";
 *
 * llmJudgeTask({
 *   id: "helpful",
 *   prompt: prompt({
 *     model: "gpt-4o-mini",
 *     provider: "openai",
 *     messages: "Rate this answer from 1 to 5: ${response}",
 *     responseSchema: SCORE_SCHEMA,
 *   }),
 *   contextPath: "score",
 *   operator: "GreaterThanOrEqual",
 *   expectedValue: 4,
 * });
 * ```
 */
export function llmJudgeTask(options: LLMJudgeTaskOptions): LLMJudgeTask {
  const fields = common(options);
  const repeat = options.repeat ?? 1;
  const maxRetries = options.maxRetries ?? 3;
  if (!Number.isInteger(repeat) || repeat < 1) {
    throw new EvaluationError(
      "INVALID_TASK",
      `Task "${fields.id}": repeat has to be a whole number of 1 or more, not ${repeat}`,
    );
  }
  if (!Number.isInteger(maxRetries) || maxRetries < 0) {
    throw new EvaluationError(
      "INVALID_TASK",
      `Task "${fields.id}": max_retries has to be a whole number of 0 or more, not ${maxRetries}`,
    );
  }
  return {
    taskType: "LLMJudge",
    ...fields,
    prompt: options.prompt,
    contextPath: options.contextPath ?? null,
    maxRetries,
    repeat,
  };
}

/**
 * Makes a task that compares something extracted from the record's trace.
 *
 * @param options see {@linkcode TraceAssertionTaskOptions}
 * @returns the task
 * @throws EvaluationError `INVALID_TASK`
 * @example
 * ```ts
 * import { traceAssertion } from "../trace/builders.ts";
 * import { traceAssertionTask } from "./factories.ts";
 *
 * traceAssertionTask({
 *   id: "fast",
 *   assertion: traceAssertion.traceDuration(),
 *   operator: "LessThan",
 *   expectedValue: 2000,
 * });
 * ```
 */
export function traceAssertionTask(options: TraceAssertionTaskOptions): TraceAssertionTask {
  return { taskType: "TraceAssertion", ...common(options), assertion: options.assertion };
}

/**
 * Makes a task that compares something extracted from a vendor's response.
 *
 * @param options see {@linkcode AgentAssertionTaskOptions}
 * @returns the task
 * @throws EvaluationError `INVALID_TASK`
 * @example
 * ```ts
 * import { agentAssertion } from "../agent/builders.ts";
 * import { agentAssertionTask } from "./factories.ts";
 *
 * agentAssertionTask({
 *   id: "searched",
 *   assertion: agentAssertion.toolCalled("web_search"),
 *   operator: "Equals",
 *   expectedValue: true,
 *   contextPath: "response",
 * });
 * ```
 */
export function agentAssertionTask(options: AgentAssertionTaskOptions): AgentAssertionTask {
  return {
    taskType: "AgentAssertion",
    ...common(options),
    assertion: options.assertion,
    provider: options.provider ?? null,
    contextPath: options.contextPath ?? null,
  };
}
