import type { Evaluation, RecordCounts, RecordState, TaskOutcome } from "../evaluation.ts";
import type { JsonValue } from "../json.ts";
import type { JudgeUsage } from "../judge/types.ts";
import { serialiseTraceAssertion } from "../tasks/parse.ts";
import type { EvaluationTask } from "../tasks/types.ts";
import { type EvalSubject, tagOf } from "../record.ts";
import type {
  AlignedEvalResultJson,
  AssertionSubject,
  EvalSet,
  EvalTaskResult,
  UnmeasuredTask,
} from "./rows.ts";

/** Tag that names the scenario a record belongs to. */
export const SCENARIO_TAG = "scouter.eval.scenario_id";

/**
 * What is known of one record after evaluation. Rows are written when somebody looks at them.
 *
 * @example
 * ```ts
 * import { EvalDataset } from "../dataset.ts";
 * import { assertionTask } from "../tasks/factories.ts";
 * import { EvalRecord } from "../../records/mod.ts";
 *
 * const results = await new EvalDataset(
 *   [new EvalRecord({ id: "r", context: { n: 1 } })],
 *   [assertionTask({ id: "one", contextPath: "n", operator: "Equals", expectedValue: 1 })],
 * ).evaluate();
 * results.get("r")?.evalSet.inner.pass_rate; // 1
 * ```
 */
export class AlignedEvalResult {
  /** The user's name for the record. */
  readonly recordId: string;
  /** Identity. */
  readonly recordUid: string;
  /** The scenario it belongs to. */
  readonly scenarioId: string | null;
  /** Whether every task that ran had an answer. */
  readonly success: boolean;
  /** What went wrong. */
  readonly errorMessage: string | null;
  /** Mean of the components of each target's embedding. */
  meanEmbeddings: Readonly<Record<string, number>> = {};
  /** Similarities between embedding targets. */
  similarityScores: Readonly<Record<string, number>> = {};
  /** The record, when this comes from an evaluation and not from a file. */
  readonly record: EvalSubject | undefined;
  readonly #source: Source | undefined;
  #made: Made | undefined;

  /** Use the static functions. */
  private constructor(
    fields: Pick<
      AlignedEvalResult,
      "recordId" | "recordUid" | "scenarioId" | "success" | "errorMessage" | "record"
    >,
    source: Source | undefined,
    made: Made | undefined,
  ) {
    this.recordId = fields.recordId;
    this.recordUid = fields.recordUid;
    this.scenarioId = fields.scenarioId;
    this.success = fields.success;
    this.errorMessage = fields.errorMessage;
    this.record = fields.record;
    this.#source = source;
    this.#made = made;
  }

  /**
   * The result of an evaluation.
   *
   * @param evaluation the tasks
   * @param record the record
   * @param state what they came to
   * @param startMs when it started, milliseconds since the epoch
   * @param endMs when it ended, milliseconds since the epoch
   */
  static of(
    evaluation: Evaluation,
    record: EvalSubject,
    state: RecordState,
    startMs: number,
    endMs: number,
  ): AlignedEvalResult {
    let errorMessage: string | null = null;
    for (const check of state.checks) {
      if (check === null || check.kind !== "error") continue;
      errorMessage = `Evaluation failed: ${check.message}`;
      break;
    }
    const fields = {
      recordId: record.recordId,
      recordUid: record.uid,
      scenarioId: record.tags.length === 0 ? null : tagOf(record, SCENARIO_TAG) ?? null,
      success: errorMessage === null,
      errorMessage,
      record,
    };
    return new AlignedEvalResult(fields, { evaluation, state, startMs, endMs }, undefined);
  }

  /** A result from a file. */
  static fromJSON(data: AlignedEvalResultJson): AlignedEvalResult {
    const result = new AlignedEvalResult(
      {
        recordId: data.record_id,
        recordUid: data.record_uid,
        scenarioId: data.scenario_id ?? null,
        success: data.success,
        errorMessage: data.error_message ?? null,
        record: undefined,
      },
      undefined,
      { evalSet: data.eval_set, unmeasured: data.unmeasured ?? [] },
    );
    result.meanEmbeddings = data.mean_embeddings ?? {};
    result.similarityScores = data.similarity_scores ?? {};
    return result;
  }

  #rows(): Made {
    if (this.#made !== undefined) return this.#made;
    const source = this.#source;
    if (source === undefined) throw new TypeError("A result has rows or a source of rows");
    return this.#made = makeRows(source, this.recordUid, this.errorMessage);
  }

  /** Rows and counts. */
  get evalSet(): EvalSet {
    return this.#rows().evalSet;
  }

  /** Tasks without an answer, and why. */
  get unmeasured(): readonly UnmeasuredTask[] {
    return this.#rows().unmeasured;
  }

  /** Every task with what it came to; empty for results from a file. */
  get outcomes(): readonly TaskOutcome[] {
    const source = this.#source;
    return source === undefined ? [] : source.evaluation.outcomes(source.state);
  }

  /** Counts without gates, without writing rows. */
  get counts(): RecordCounts {
    const source = this.#source;
    if (source !== undefined && this.#made === undefined) {
      return source.evaluation.count(source.state, this.success);
    }
    const { inner } = this.evalSet;
    const unmeasured = this.unmeasured.filter((task) => !task.condition).length;
    return { passed: inner.passed_tasks, failed: inner.failed_tasks, unmeasured };
  }

  /** Rows, gates included. */
  get taskCount(): number {
    return this.evalSet.records.length;
  }

  /** What judges cost on this record. */
  get usage(): JudgeUsage {
    let inputTokens = 0;
    let outputTokens = 0;
    let costUsd: number | null = null;
    for (const { usage } of this.#source?.state.judgements === undefined ? [] : this.outcomes) {
      if (usage === undefined) continue;
      inputTokens += usage.inputTokens;
      outputTokens += usage.outputTokens;
      if (usage.costUsd !== null) costUsd = (costUsd ?? 0) + usage.costUsd;
    }
    return { inputTokens, outputTokens, costUsd };
  }

  /** The result as it is stored. */
  toJSON(): AlignedEvalResultJson {
    return {
      record_id: this.recordId,
      record_uid: this.recordUid,
      scenario_id: this.scenarioId,
      eval_set: this.evalSet,
      unmeasured: this.unmeasured,
      mean_embeddings: this.meanEmbeddings,
      similarity_scores: this.similarityScores,
      success: this.success,
      error_message: this.errorMessage,
    };
  }
}

/** What rows are made of. */
interface Source {
  readonly evaluation: Evaluation;
  readonly state: RecordState;
  readonly startMs: number;
  readonly endMs: number;
}

/** Rows, written once. */
interface Made {
  readonly evalSet: EvalSet;
  readonly unmeasured: readonly UnmeasuredTask[];
}

function makeRows(
  { evaluation, state, startMs, endMs }: Source,
  recordUid: string,
  errorMessage: string | null,
): Made {
  const outcomes = evaluation.outcomes(state);
  const startTime = new Date(startMs).toISOString();
  const endTime = new Date(endMs).toISOString();
  const strict = evaluation.compatibility === "strict";
  const rows: EvalTaskResult[] = [];
  const unmeasured: UnmeasuredTask[] = [];
  let total = 0;
  let passed = 0;
  for (const { task, check, reason } of outcomes) {
    if (check === undefined || reason !== undefined) {
      unmeasured.push({
        task_id: task.id,
        task_type: task.taskType,
        condition: task.condition,
        reason: reason ?? "gated",
        message: messageOf(task, check?.message, reason),
      });
      continue;
    }
    // In the reference one error takes the whole record's rows with it.
    if (!strict && errorMessage !== null) continue;
    if (!task.condition) {
      total++;
      if (check.passed) passed++;
    }
    rows.push({
      created_at: endTime,
      start_time: startTime,
      end_time: endTime,
      record_uid: recordUid,
      entity_id: 0,
      task_id: task.id,
      task_type: task.taskType,
      passed: check.passed,
      value: check.passed ? 1 : 0,
      assertion: subjectOf(task),
      operator: task.operator,
      expected: check.expected,
      actual: check.actual,
      message: check.message,
      entity_uid: "",
      condition: task.condition,
      stage: evaluation.plan.nodes[task.id]?.stage ?? 0,
    });
  }
  return {
    unmeasured,
    evalSet: {
      records: rows,
      inner: {
        created_at: endTime,
        record_uid: recordUid,
        entity_id: 0,
        total_tasks: total,
        passed_tasks: passed,
        failed_tasks: total - passed,
        unmeasured_tasks: unmeasured.length,
        pass_rate: total > 0 ? passed / total : strict ? null : 0,
        duration_ms: Math.max(0, Math.round(endMs - startMs)),
        entity_uid: "",
        execution_plan: evaluation.plan,
        id: 0,
      },
    },
  };
}

function messageOf(
  task: EvaluationTask,
  message: string | undefined,
  reason: string | undefined,
): string {
  if (message === undefined) return `∅ Task '${task.id}' did not run: a gate before it failed`;
  return reason === "unsure"
    ? `∅ Task '${task.id}' is undecided: repeated judgements disagree (last: ${message})`
    : message;
}

function subjectOf(task: EvaluationTask): AssertionSubject {
  switch (task.taskType) {
    case "TraceAssertion":
      return { TraceAssertion: serialiseTraceAssertion(task.assertion) };
    case "AgentAssertion":
      return { AgentAssertion: task.assertion as JsonValue };
    default:
      return { FieldPath: task.contextPath };
  }
}
