/**
 * Records and results as Apache Arrow tables. A module of its own, so that evaluation does not load
 * the Arrow library.
 *
 * Column types do not depend on the rows: an empty table, or one whose column is all null, has the
 * same schema as any other, so that tables of several runs can be put one after the other.
 *
 * @example
 * ```ts
 * import { tableToIPC } from "apache-arrow";
 * import { assertionTask, EvalDataset, parseRecord } from "./mod.ts";
 * import { resultsToArrow } from "./arrow.ts";
 *
 * const dataset = new EvalDataset(
 *   [parseRecord({ id: "q1", context: { answer: "42" } })],
 *   [assertionTask({ id: "text", contextPath: "answer", operator: "IsString" })],
 * );
 * const bytes = tableToIPC(resultsToArrow(await dataset.evaluate())); // for pandas, Polars, DuckDB
 * ```
 *
 * @module
 */

import {
  Bool,
  type DataType,
  Field,
  Float64,
  Int32,
  List,
  Table,
  TimestampMillisecond,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import { type EvalSubject, plainContext } from "./record.ts";
import { type ResultColumns, toColumns } from "./results/columns.ts";
import type { EvalResults } from "./results/results.ts";

export type { Table } from "apache-arrow";
export type { EvalResults, EvalSubject };

const text = (): Utf8 => new Utf8();
const moment = (): TimestampMillisecond => new TimestampMillisecond("UTC");

/** Types by column; texts where nothing is said. */
const RESULT_TYPES: Readonly<Record<keyof ResultColumns, () => DataType>> = {
  created_at: moment,
  record_uid: text,
  record_id: text,
  success: () => new Bool(),
  workflow_error: text,
  workflow_total_tasks: () => new Int32(),
  workflow_passed_tasks: () => new Int32(),
  workflow_failed_tasks: () => new Int32(),
  workflow_pass_rate: () => new Float64(),
  workflow_duration_ms: () => new Float64(),
  task_id: text,
  task_type: text,
  task_passed: () => new Bool(),
  task_value: () => new Float64(),
  task_message: text,
  task_assertion: text,
  task_operator: text,
  task_expected: text,
  task_actual: text,
  context: text,
  embedding_means: text,
  similarity_scores: text,
};

/**
 * Results as an Arrow table: a row per task that passed or failed, columns as
 * {@linkcode ResultColumns} names them. Times are UTC timestamps in milliseconds, what is JSON is JSON text.
 *
 * @param results what an evaluation gave
 * @returns the table; without rows when nothing was measured
 * @example
 * ```ts
 * import { EvalResults } from "./mod.ts";
 * import { resultsToArrow } from "./arrow.ts";
 *
 * resultsToArrow(new EvalResults([])).numRows; // 0
 * ```
 */
export function resultsToArrow(results: EvalResults): Table {
  const measured = results.alignedResults.some((result) => result.evalSet.records.length > 0);
  const columns = measured ? toColumns(results.alignedResults) : undefined;
  return tableOf(
    Object.entries(RESULT_TYPES).map(([name, type]) => {
      const values: readonly unknown[] = columns?.[name as keyof ResultColumns] ?? [];
      return [name, type(), name === "created_at" ? values.map(millisecondsOf) : values];
    }),
  );
}

/**
 * Records as an Arrow table, a row each: `uid`, `record_id`, `session_id`, `created_at` (UTC
 * timestamp in milliseconds), `trace_id`, `tags` (list of texts) and `context` (JSON text).
 *
 * @param records the records, for example those of an `EvalDataset`
 * @returns the table
 * @example
 * ```ts
 * import { parseRecord } from "./mod.ts";
 * import { recordsToArrow } from "./arrow.ts";
 *
 * recordsToArrow([parseRecord({ id: "q1", context: { answer: "42" } })]).get(0)?.record_id; // "q1"
 * ```
 */
export function recordsToArrow(records: Iterable<EvalSubject>): Table {
  const all = [...records];
  return tableOf([
    ["uid", new Utf8(), all.map((record) => record.uid)],
    ["record_id", new Utf8(), all.map((record) => record.recordId)],
    ["session_id", new Utf8(), all.map((record) => record.sessionId)],
    ["created_at", moment(), all.map((record) => record.createdAt.getTime())],
    ["trace_id", new Utf8(), all.map((record) => record.traceId)],
    ["tags", new List(new Field("item", new Utf8(), false)), all.map((record) => record.tags)],
    ["context", new Utf8(), all.map((record) => JSON.stringify(plainContext(record.context)))],
  ]);
}

function tableOf(
  columns: readonly (readonly [name: string, type: DataType, values: readonly unknown[]])[],
): Table {
  return new Table(
    Object.fromEntries(columns.map(([name, type, values]): [string, Vector] => [
      name,
      vectorFromArray(values, type),
    ])),
  );
}

function millisecondsOf(time: unknown): number {
  return Date.parse(String(time));
}
