/**
 * Tasks: what is asked of every record.
 *
 * @module
 */

import type { AgentAssertionSpec, Provider } from "../agent/types.ts";
import type { JsonValue } from "../json.ts";
import type { ComparisonOperator } from "../operators/names.ts";
import type { Prompt } from "../judge/prompt.ts";
import type { TraceAssertionSpec } from "../trace/types.ts";

/** The kinds of tasks. */
export type EvaluationTaskType = "Assertion" | "LLMJudge" | "TraceAssertion" | "AgentAssertion";

/** What all tasks have. */
export interface TaskBase {
  /** Name, unique among the tasks of a run; lower-case. */
  readonly id: string;
  /** How to compare. */
  readonly operator: ComparisonOperator;
  /** With what; ignored by operators such as `IsNumeric`. */
  readonly expectedValue: JsonValue;
  /** For people. */
  readonly description: string | null;
  /** Tasks that have to be done first; their values join the context under their names. */
  readonly dependsOn: readonly string[];
  /** A gate: when it fails, whatever depends on it does not run. */
  readonly condition: boolean;
}

/** Compares a value of the record's context. */
export interface AssertionTask extends TaskBase {
  /** Discriminator. */
  readonly taskType: "Assertion";
  /** Where the value is; null: the whole context. */
  readonly contextPath: string | null;
  /** Where the value is inside each item when an array is iterated. */
  readonly itemContextPath: string | null;
}

/** Asks a language model, then compares its answer. */
export interface LLMJudgeTask extends TaskBase {
  /** Discriminator. */
  readonly taskType: "LLMJudge";
  /** What is asked. */
  readonly prompt: Prompt;
  /** Where the value is in the judge's answer; null: the whole answer. */
  readonly contextPath: string | null;
  /** Further attempts after the first fails for a passing reason. */
  readonly maxRetries: number;
  /** How often the judge is asked; more than once gives agreement and an interval. */
  readonly repeat: number;
}

/** Compares something extracted from the record's trace. */
export interface TraceAssertionTask extends TaskBase {
  /** Discriminator. */
  readonly taskType: "TraceAssertion";
  /** What is extracted. */
  readonly assertion: TraceAssertionSpec;
}

/** Compares something extracted from a model vendor's response. */
export interface AgentAssertionTask extends TaskBase {
  /** Discriminator. */
  readonly taskType: "AgentAssertion";
  /** What is extracted. */
  readonly assertion: AgentAssertionSpec;
  /** Whose response it is; null: look at its shape. */
  readonly provider: Provider | null;
  /** Where the response is in the context; null: the whole context. */
  readonly contextPath: string | null;
}

/** Any task. */
export type EvaluationTask =
  | AssertionTask
  | LLMJudgeTask
  | TraceAssertionTask
  | AgentAssertionTask;
