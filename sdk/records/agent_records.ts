/**
 * Records of agents' evaluation, as they stand on the wire.
 *
 * @module
 */

import {
  bool,
  type Codec,
  float,
  int,
  json,
  list,
  nullable,
  object,
  oneOf,
  optional,
  orElse,
  pattern,
  text,
  time,
} from "./codec.ts";
import type { EvalRecordJson } from "./eval_record.ts";

/** Kinds of evaluation tasks. */
export type EvaluationTaskType =
  | "Assertion"
  | "LLMJudge"
  | "Conditional"
  | "HumanValidation"
  | "TraceAssertion"
  | "AgentAssertion";

/** An evaluation record in the envelope. */
export interface AgentEvalRecord {
  /** The record. */
  readonly record: EvalRecordJson;
}

/** What one task found. */
export interface AgentTaskRecord {
  /** When the result was made, RFC 3339 in UTC. */
  readonly created_at: string;
  /** When the task began, RFC 3339 in UTC. */
  readonly start_time: string;
  /** When the task ended, RFC 3339 in UTC. */
  readonly end_time: string;
  /** Uid of the evaluation record. */
  readonly record_uid: string;
  /** Number given by the server; 0 from a client. */
  readonly entity_id: number;
  /** Name of the task. */
  readonly task_id: string;
  /** Kind of the task. */
  readonly task_type: EvaluationTaskType;
  /** Whether it passed. */
  readonly passed: boolean;
  /** 1 when it passed, 0 when not, or a score. */
  readonly value: number;
  /** What was looked at, such as `{"FieldPath": "score"}`. */
  readonly assertion: unknown;
  /** How it was compared. */
  readonly operator: string;
  /** What was expected. */
  readonly expected: unknown;
  /** What was found. */
  readonly actual: unknown;
  /** For people. */
  readonly message: string;
  /** Uid of the profile. */
  readonly entity_uid: string;
  /** Whether later tasks depend on its passing. */
  readonly condition: boolean;
  /** Stage of the plan it ran in. */
  readonly stage: number;
}

/** What all tasks of one record found together. */
export interface AgentWorkflowRecord {
  /** When the result was made, RFC 3339 in UTC. */
  readonly created_at: string;
  /** Uid of the evaluation record. */
  readonly record_uid: string;
  /** Number given by the server; 0 from a client. */
  readonly entity_id: number;
  /** How many tasks there were. */
  readonly total_tasks: number;
  /** How many passed. */
  readonly passed_tasks: number;
  /** How many failed. */
  readonly failed_tasks: number;
  /** Passed by all. */
  readonly pass_rate: number;
  /** How long it took, in milliseconds. */
  readonly duration_ms: number;
  /** Uid of the profile. */
  readonly entity_uid: string;
  /** Stages and dependencies. */
  readonly execution_plan: unknown;
  /** Number given by the server; 0 from a client. */
  readonly id: number;
}

/** {@linkcode EvalRecordJson} on the wire. */
export const EVAL_RECORD: Codec<EvalRecordJson> = object({
  record_id: text,
  session_id: text,
  created_at: time,
  uid: text,
  context: json,
  id: int,
  updated_at: nullable(time),
  processing_started_at: nullable(time),
  processing_ended_at: nullable(time),
  processing_duration: nullable(int),
  entity_id: int,
  entity_uid: text,
  status: oneOf("Pending", "Processing", "Processed", "Failed"),
  entity_type: oneOf("GenAI", "Agent"),
  retry_count: int,
  trace_id: nullable(pattern(/^[0-9a-f]{32}$/, "32 lowercase hex digits")),
  record_source: optional(oneOf("User", "Queue", "TraceDispatch")),
  tags: orElse(list(text), []),
});

/** {@linkcode AgentEvalRecord} on the wire. */
export const AGENT_EVAL: Codec<AgentEvalRecord> = object({ record: EVAL_RECORD });

/** {@linkcode AgentTaskRecord} on the wire. */
export const AGENT_TASK: Codec<AgentTaskRecord> = object({
  created_at: time,
  start_time: time,
  end_time: time,
  record_uid: text,
  entity_id: int,
  task_id: text,
  task_type: oneOf(
    "Assertion",
    "LLMJudge",
    "Conditional",
    "HumanValidation",
    "TraceAssertion",
    "AgentAssertion",
  ),
  passed: bool,
  value: float,
  assertion: json,
  operator: text,
  expected: json,
  actual: json,
  message: text,
  entity_uid: text,
  condition: bool,
  stage: int,
});

/** {@linkcode AgentWorkflowRecord} on the wire. */
export const AGENT_WORKFLOW: Codec<AgentWorkflowRecord> = object({
  created_at: time,
  record_uid: text,
  entity_id: int,
  total_tasks: int,
  passed_tasks: int,
  failed_tasks: int,
  pass_rate: float,
  duration_ms: int,
  entity_uid: text,
  execution_plan: json,
  id: int,
});
