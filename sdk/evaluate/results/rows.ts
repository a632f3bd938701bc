/**
 * Results as they are stored and exchanged; names are those of the wire.
 *
 * @module
 */

import type { UnmeasuredReason } from "../check.ts";
import type { JsonValue } from "../json.ts";
import type { ComparisonOperator } from "../operators/names.ts";
import type { ExecutionPlan } from "../plan/plan.ts";
import type { EvaluationTaskType } from "../tasks/types.ts";

/** What was asserted about. */
export type AssertionSubject =
  | { readonly FieldPath: string | null }
  | { readonly TraceAssertion: JsonValue }
  | { readonly AgentAssertion: JsonValue };

/** One task's result on one record. */
export interface EvalTaskResult {
  /** RFC 3339. */
  readonly created_at: string;
  /** RFC 3339. */
  readonly start_time: string;
  /** RFC 3339. */
  readonly end_time: string;
  /** The record. */
  readonly record_uid: string;
  /** The server's number of the profile. */
  readonly entity_id: number;
  /** The task. */
  readonly task_id: string;
  /** Its kind. */
  readonly task_type: EvaluationTaskType;
  /** Whether it passed. */
  readonly passed: boolean;
  /** 1 or 0. */
  readonly value: number;
  /** What was asserted about. */
  readonly assertion: AssertionSubject;
  /** How it was compared. */
  readonly operator: ComparisonOperator;
  /** With what. */
  readonly expected: JsonValue;
  /** What was found. */
  readonly actual: JsonValue;
  /** For people. */
  readonly message: string;
  /** The profile. */
  readonly entity_uid: string;
  /** Whether the task is a gate. */
  readonly condition: boolean;
  /** Stage of the plan, from 0. */
  readonly stage: number;
}

/** A task that has no result. */
export interface UnmeasuredTask {
  /** The task. */
  readonly task_id: string;
  /** Its kind. */
  readonly task_type: EvaluationTaskType;
  /** Whether the task is a gate. */
  readonly condition: boolean;
  /** Why. */
  readonly reason: UnmeasuredReason;
  /** For people. */
  readonly message: string;
}

/** A record's counts. Gates are not counted. */
export interface WorkflowResult {
  /** RFC 3339. */
  readonly created_at: string;
  /** The record. */
  readonly record_uid: string;
  /** The server's number of the profile. */
  readonly entity_id: number;
  /** Tasks that passed or failed. */
  readonly total_tasks: number;
  /** Tasks that passed. */
  readonly passed_tasks: number;
  /** Tasks that failed. */
  readonly failed_tasks: number;
  /** Tasks without an answer: errors, gated, empty, unsure. */
  readonly unmeasured_tasks: number;
  /** passed / total; with nothing measured 0 in reference mode, null in strict mode. */
  readonly pass_rate: number | null;
  /** Milliseconds. */
  readonly duration_ms: number;
  /** The profile. */
  readonly entity_uid: string;
  /** Stages and dependencies. */
  readonly execution_plan: ExecutionPlan;
  /** The server's number of the row. */
  readonly id: number;
}

/** A record's rows and counts. */
export interface EvalSet {
  /** Tasks that passed or failed, gates included. */
  readonly records: readonly EvalTaskResult[];
  /** Counts. */
  readonly inner: WorkflowResult;
}

/** What is known of one record after evaluation, as it is stored. */
export interface AlignedEvalResultJson {
  /** The user's name for the record. */
  readonly record_id: string;
  /** Identity. */
  readonly record_uid: string;
  /** The scenario it belongs to. */
  readonly scenario_id: string | null;
  /** Rows and counts. */
  readonly eval_set: EvalSet;
  /** Tasks without an answer. */
  readonly unmeasured: readonly UnmeasuredTask[];
  /** Mean of the components of each target's embedding. */
  readonly mean_embeddings: Readonly<Record<string, number>>;
  /** Similarities between embedding targets. */
  readonly similarity_scores: Readonly<Record<string, number>>;
  /** Whether every task that ran had an answer. */
  readonly success: boolean;
  /** What went wrong. */
  readonly error_message: string | null;
}
