import { EvaluationError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { plainContext } from "../record.ts";
import type { AlignedEvalResult } from "./record_result.ts";

/** Task results as columns, one entry per row. Values that are JSON are JSON texts. */
export interface ResultColumns {
  /** RFC 3339. */
  readonly created_at: readonly string[];
  /** Identity of the record. */
  readonly record_uid: readonly string[];
  /** The user's name for the record. */
  readonly record_id: readonly string[];
  /** Whether the record had no error. */
  readonly success: readonly boolean[];
  /** The record's error. */
  readonly workflow_error: readonly (string | null)[];
  /** The record's counts. */
  readonly workflow_total_tasks: readonly number[];
  /** The record's counts. */
  readonly workflow_passed_tasks: readonly number[];
  /** The record's counts. */
  readonly workflow_failed_tasks: readonly number[];
  /** The record's rate. */
  readonly workflow_pass_rate: readonly (number | null)[];
  /** Milliseconds. */
  readonly workflow_duration_ms: readonly number[];
  /** The task. */
  readonly task_id: readonly string[];
  /** Its kind. */
  readonly task_type: readonly string[];
  /** Whether it passed. */
  readonly task_passed: readonly boolean[];
  /** 1 or 0. */
  readonly task_value: readonly number[];
  /** For people. */
  readonly task_message: readonly string[];
  /** What was asserted about. */
  readonly task_assertion: readonly string[];
  /** How it was compared. */
  readonly task_operator: readonly string[];
  /** With what, as JSON. */
  readonly task_expected: readonly string[];
  /** What was found, as JSON. */
  readonly task_actual: readonly string[];
  /** The record's context as JSON; null for results from a file. */
  readonly context: readonly (string | null)[];
  /** As JSON. */
  readonly embedding_means: readonly string[];
  /** As JSON. */
  readonly similarity_scores: readonly string[];
}

type Mutable = { -readonly [Key in keyof ResultColumns]: ResultColumns[Key][number][] };

/**
 * Turns results into columns, as data frame libraries and Arrow (`tableFromArrays`) take them.
 *
 * @param results results by record
 * @returns columns of equal length
 * @throws EvaluationError `NO_RESULTS` when there is no row
 * @example
 * ```ts
 * import { EvalDataset } from "../dataset.ts";
 * import { assertionTask } from "../tasks/factories.ts";
 * import { toColumns } from "./columns.ts";
 * import { EvalRecord } from "../../records/mod.ts";
 *
 * const task = assertionTask({ id: "any", operator: "IsObject" });
 * const results = await new EvalDataset([new EvalRecord()], [task]).evaluate();
 * toColumns(results.alignedResults).task_id; // ["any"]
 * ```
 */
export function toColumns(results: readonly AlignedEvalResult[]): ResultColumns {
  const columns: Mutable = {
    created_at: [],
    record_uid: [],
    record_id: [],
    success: [],
    workflow_error: [],
    workflow_total_tasks: [],
    workflow_passed_tasks: [],
    workflow_failed_tasks: [],
    workflow_pass_rate: [],
    workflow_duration_ms: [],
    task_id: [],
    task_type: [],
    task_passed: [],
    task_value: [],
    task_message: [],
    task_assertion: [],
    task_operator: [],
    task_expected: [],
    task_actual: [],
    context: [],
    embedding_means: [],
    similarity_scores: [],
  };
  for (const result of results) {
    const { inner, records } = result.evalSet;
    const context = result.record === undefined
      ? null
      : JSON.stringify(plainContext(result.record.context));
    for (const row of records) {
      columns.created_at.push(row.created_at);
      columns.record_uid.push(result.recordUid);
      columns.record_id.push(result.recordId);
      columns.success.push(result.success);
      columns.workflow_error.push(result.errorMessage);
      columns.workflow_total_tasks.push(inner.total_tasks);
      columns.workflow_passed_tasks.push(inner.passed_tasks);
      columns.workflow_failed_tasks.push(inner.failed_tasks);
      columns.workflow_pass_rate.push(inner.pass_rate);
      columns.workflow_duration_ms.push(inner.duration_ms);
      columns.task_id.push(row.task_id);
      columns.task_type.push(row.task_type);
      columns.task_passed.push(row.passed);
      columns.task_value.push(row.value);
      columns.task_message.push(row.message);
      columns.task_assertion.push(json(row.assertion));
      columns.task_operator.push(row.operator);
      columns.task_expected.push(json(row.expected));
      columns.task_actual.push(json(row.actual));
      columns.context.push(context);
      columns.embedding_means.push(json(result.meanEmbeddings));
      columns.similarity_scores.push(json(result.similarityScores));
    }
  }
  if (columns.task_id.length === 0) {
    throw new EvaluationError("NO_RESULTS", "There is no task result to make a table of");
  }
  return columns;
}

function json(value: JsonValue): string {
  return JSON.stringify(value);
}
