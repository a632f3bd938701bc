/**
 * Offline data sets: records and the tasks that are asked of each.
 *
 * @module
 */

import { addEmbeddings, type Embedder } from "./embeddings.ts";
import { Evaluation } from "./evaluation.ts";
import type { Judge } from "./judge/types.ts";
import type { Compatibility } from "./path.ts";
import { planAsText } from "./plan/render.ts";
import { mapConcurrently } from "./pool.ts";
import { type EvalSubject, mergeContext, plainContext } from "./record.ts";
import { type Histogram, histogram } from "./results/histogram.ts";
import { AlignedEvalResult } from "./results/record_result.ts";
import { EvalResults } from "./results/results.ts";
import type { EvaluationTask } from "./tasks/types.ts";
import type { EvalSpan } from "./trace/types.ts";

/** How a data set is evaluated. */
export interface EvaluationConfig {
  /** Which rules; `reference` unless told. */
  readonly compatibility?: Compatibility;
  /** Who answers judge tasks. */
  readonly judge?: Judge;
  /** Confidence of the interval of repeated judgements; 0.8 unless told. */
  readonly judgeConfidence?: number;
  /** How many records are judged at once; 8 unless told. */
  readonly concurrency?: number;
  /** The spans of a record's trace. */
  readonly spans?: (record: EvalSubject) => readonly EvalSpan[] | undefined;
  /** Turns texts into vectors. */
  readonly embedder?: Embedder;
  /** Paths whose values are embedded. */
  readonly embeddingTargets?: readonly string[];
  /** Whether embedding targets are compared with each other. */
  readonly computeSimilarity?: boolean;
  /** Whether results are counted in bins. */
  readonly computeHistograms?: boolean;
  /** Told after every record, for progress bars. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops the work; what is not done by then is reported as errors. */
  readonly signal?: AbortSignal;
}

/**
 * Records and tasks.
 *
 * @example
 * ```ts
 * import { EvalRecord } from "../records/mod.ts";
 * import { EvalDataset } from "./dataset.ts";
 * import { assertionTask } from "./tasks/factories.ts";
 *
 * const dataset = new EvalDataset(
 *   [new EvalRecord({ id: "q1", context: { answer: "42" } })],
 *   [assertionTask({
 *     id: "numeric",
 *     contextPath: "answer",
 *     operator: "Matches",
 *     expectedValue: "^\\d+$",
 *   })],
 * );
 * (await dataset.evaluate()).summary().passed; // 1
 * ```
 */
export class EvalDataset implements Iterable<EvalSubject> {
  /** The records. */
  readonly records: readonly EvalSubject[];
  /** The tasks. */
  readonly tasks: readonly EvaluationTask[];

  /**
   * Makes a data set.
   *
   * @param records the records
   * @param tasks the tasks
   * @throws EvaluationError when there is no task, or the tasks cannot be planned
   */
  constructor(records: readonly EvalSubject[], tasks: readonly EvaluationTask[]) {
    this.records = records;
    this.tasks = tasks;
    new Evaluation(tasks);
  }

  /** How many records. */
  get length(): number {
    return this.records.length;
  }

  /** One record; negative indexes count from the end. */
  at(index: number): EvalSubject | undefined {
    return this.records.at(index);
  }

  /** The records. */
  [Symbol.iterator](): Iterator<EvalSubject> {
    return this.records[Symbol.iterator]();
  }

  /** The plan for people. */
  planAsText(): string {
    return planAsText(this.tasks);
  }

  /**
   * A copy where some records' contexts are merged with new values.
   *
   * @param contexts by the user's name for the record
   */
  withUpdatedContextsById(contexts: Readonly<Record<string, unknown>>): EvalDataset {
    return new EvalDataset(
      this.records.map((record) =>
        Object.hasOwn(contexts, record.recordId)
          ? mergeContext(record, contexts[record.recordId])
          : record
      ),
      this.tasks,
    );
  }

  /**
   * Asks every task of every record.
   *
   * @param config see {@linkcode EvaluationConfig}
   * @returns results in the order of the records
   */
  async evaluate(config: EvaluationConfig = {}): Promise<EvalResults> {
    const { compatibility = "reference", judge, judgeConfidence, spans, signal } = config;
    const evaluation = new Evaluation(this.tasks, {
      compatibility,
      ...(judge === undefined ? {} : { judge }),
      ...(judgeConfidence === undefined ? {} : { judgeConfidence }),
    });
    const total = this.records.length;
    let done = 0;
    const finish = (): void => config.onProgress?.(++done, total);
    let aligned: AlignedEvalResult[];
    if (evaluation.hasJudges) {
      aligned = await mapConcurrently(this.records, config.concurrency ?? 8, async (record) => {
        const startMs = Date.now();
        const context = plainContext(record.context);
        const state = await evaluation.runAsync(context, spans?.(record), signal);
        finish();
        return AlignedEvalResult.of(evaluation, record, state, startMs, Date.now());
      });
    } else {
      let startMs = Date.now();
      aligned = this.records.map((record) => {
        const state = evaluation.run(plainContext(record.context), spans?.(record));
        const endMs = Date.now();
        const result = AlignedEvalResult.of(evaluation, record, state, startMs, endMs);
        startMs = endMs;
        finish();
        return result;
      });
    }
    const results = new EvalResults(aligned, compatibility);
    await addEmbeddings(aligned, config);
    if (config.computeHistograms) {
      results.histograms = histogramsOf(aligned, compatibility);
    }
    return results;
  }
}

/** Distributions of task values, embedding means and similarities over records without an error. */
function histogramsOf(
  results: readonly AlignedEvalResult[],
  compatibility: Compatibility,
): Readonly<Record<string, Histogram>> {
  const good = results.filter((result) => result.success);
  const columns = new Map<string, number[]>();
  good.forEach((result, index) => {
    const add = (name: string, value: number): void => {
      let column = columns.get(name);
      if (column === undefined) {
        // In the reference the first record says which tasks there are.
        if (compatibility === "reference" && index > 0) return;
        columns.set(name, column = []);
      }
      column.push(value);
    };
    for (const row of result.evalSet.records) add(row.task_id, row.value);
    for (const [name, value] of Object.entries(result.meanEmbeddings)) add(name, value);
    for (const [name, value] of Object.entries(result.similarityScores)) add(name, value);
    if (compatibility === "reference") {
      // A value that a record lacks counts as zero there.
      for (const column of columns.values()) if (column.length <= index) column.push(0);
    }
  });
  return Object.fromEntries(
    [...columns].map(([name, values]) => [name, histogram(values, { compatibility })]),
  );
}
