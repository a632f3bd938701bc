import { EvaluationError } from "../errors.ts";
import { isJsonArray, isJsonObject, type JsonValue } from "../json.ts";
import type { JudgeUsage } from "../judge/types.ts";
import { type CompareOptions, compareResults } from "../compare/compare.ts";
import type { ComparisonResults } from "../compare/results.ts";
import type { Compatibility } from "../path.ts";
import { type ResultColumns, toColumns } from "./columns.ts";
import { AlignedEvalResult } from "./record_result.ts";
import type { Histogram } from "./histogram.ts";
import { taskTable, workflowTable } from "./tables.ts";
import type { AlignedEvalResultJson } from "./rows.ts";

/** Results as they are stored. */
export interface EvalResultsJson {
  /** One per record, in the order of the data set. */
  readonly aligned_results: readonly AlignedEvalResultJson[];
  /** Uids of records with an error. */
  readonly errored_tasks: readonly string[];
  /** Reserved. */
  readonly cluster_data: null;
  /** Distributions, when asked for. */
  readonly histograms: Readonly<Record<string, Histogram>> | null;
}

/** Counts over all records, with the denominators to read them by. */
export interface EvalSummary {
  /** Records evaluated. */
  readonly records: number;
  /** Records with an error. */
  readonly erroredRecords: number;
  /** Task results that passed; gates not counted. */
  readonly passed: number;
  /** Task results that failed; gates not counted. */
  readonly failed: number;
  /** Tasks without an answer; gates not counted. */
  readonly unmeasured: number;
  /** passed / (passed + failed); null when nothing was measured. */
  readonly passRate: number | null;
  /** What judges cost. */
  readonly usage: JudgeUsage;
}

/**
 * The results of evaluating a data set.
 *
 * @example
 * ```ts
 * import { EvalResults } from "./results.ts";
 *
 * const empty = new EvalResults([]);
 * empty.summary().passRate; // null: nothing was measured
 * ```
 */
export class EvalResults {
  /** One per record, in the order of the data set. */
  readonly alignedResults: readonly AlignedEvalResult[];
  /** Distributions, when asked for. */
  histograms: Readonly<Record<string, Histogram>> | null = null;
  /** Which rules were in force. */
  readonly compatibility: Compatibility;
  #byId: Map<string, AlignedEvalResult> | undefined;

  /**
   * Puts results together.
   *
   * @param alignedResults one per record
   * @param compatibility which rules were in force
   */
  constructor(
    alignedResults: readonly AlignedEvalResult[],
    compatibility: Compatibility = "reference",
  ) {
    this.alignedResults = alignedResults;
    this.compatibility = compatibility;
  }

  /** Uids of records with an error. */
  get erroredTasks(): readonly string[] {
    return this.alignedResults.filter((result) => !result.success).map((r) => r.recordUid);
  }

  /** Records without an error. */
  get successfulCount(): number {
    return this.alignedResults.length - this.failedCount;
  }

  /** Records with an error. */
  get failedCount(): number {
    let count = 0;
    for (const result of this.alignedResults) if (!result.success) count++;
    return count;
  }

  /**
   * The result of a record.
   *
   * @param recordId the user's name for it; of several, the last counts
   */
  get(recordId: string): AlignedEvalResult | undefined {
    if (this.#byId === undefined) {
      this.#byId = new Map();
      for (const result of this.alignedResults) {
        if (result.recordId !== "") this.#byId.set(result.recordId, result);
      }
    }
    return this.#byId.get(recordId);
  }

  /** Counts over all records. */
  summary(): EvalSummary {
    let passed = 0;
    let failed = 0;
    let unmeasured = 0;
    let inputTokens = 0;
    let outputTokens = 0;
    let costUsd: number | null = null;
    for (const result of this.alignedResults) {
      const { counts } = result;
      passed += counts.passed;
      failed += counts.failed;
      unmeasured += counts.unmeasured;
      const { usage } = result;
      inputTokens += usage.inputTokens;
      outputTokens += usage.outputTokens;
      if (usage.costUsd !== null) costUsd = (costUsd ?? 0) + usage.costUsd;
    }
    const measured = passed + failed;
    return {
      records: this.alignedResults.length,
      erroredRecords: this.failedCount,
      passed,
      failed,
      unmeasured,
      passRate: measured === 0 ? null : passed / measured,
      usage: { inputTokens, outputTokens, costUsd },
    };
  }

  /**
   * A table for people.
   *
   * @param options `showTasks`: a row per task instead of per record; `color`: ANSI colours
   */
  toTable(options: { readonly showTasks?: boolean; readonly color?: boolean } = {}): string {
    return options.showTasks
      ? taskTable(this.alignedResults)
      : workflowTable(this.alignedResults, options.color ?? false);
  }

  /**
   * One row per task result, as columns for a data frame library.
   *
   * @throws EvaluationError `NO_RESULTS` when there is no row
   */
  toColumns(): ResultColumns {
    return toColumns(this.alignedResults);
  }

  /**
   * Compares this run with an earlier one.
   *
   * @param baseline the earlier run
   * @param options threshold, test, significance
   */
  compareTo(baseline: EvalResults, options: CompareOptions = {}): ComparisonResults {
    return compareResults(baseline, this, options);
  }

  /** The results as they are stored. */
  toJSON(): EvalResultsJson {
    return {
      aligned_results: this.alignedResults.map((result) => result.toJSON()),
      errored_tasks: this.erroredTasks,
      cluster_data: null,
      histograms: this.histograms,
    };
  }

  /**
   * Reads stored results.
   *
   * @param data JSON data or text
   * @throws EvaluationError `INVALID_FILE` that names what is missing
   */
  static fromJSON(data: unknown): EvalResults {
    const document = typeof data === "string" ? parseText(data) : data;
    if (!isJsonObject(document) || !isJsonArray(document.aligned_results)) {
      throw new EvaluationError(
        "INVALID_FILE",
        'Not evaluation results: expected an object with a list "aligned_results"',
      );
    }
    const aligned = document.aligned_results.map((item, index) =>
      AlignedEvalResult.fromJSON(checkAligned(item, index))
    );
    const results = new EvalResults(aligned);
    if (isJsonObject(document.histograms)) {
      results.histograms = document.histograms as unknown as Record<string, Histogram>;
    }
    return results;
  }
}

function parseText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new EvaluationError("INVALID_FILE", "Not evaluation results: the text is not JSON", {
      cause: error,
    });
  }
}

/** Checks what the rest of the code relies on; unknown members are carried along. */
function checkAligned(item: JsonValue, index: number): AlignedEvalResultJson {
  const where = `aligned_results[${index}]`;
  const wrong = (what: string): EvaluationError =>
    new EvaluationError("INVALID_FILE", `${where}: ${what}`);
  if (!isJsonObject(item)) throw wrong("expected an object");
  if (typeof item.record_uid !== "string") throw wrong('"record_uid" is missing');
  if (typeof item.record_id !== "string") throw wrong('"record_id" is missing');
  if (typeof item.success !== "boolean") throw wrong('"success" is missing');
  const set = item.eval_set;
  if (!isJsonObject(set) || !isJsonArray(set.records) || !isJsonObject(set.inner)) {
    throw wrong('"eval_set" needs "records" and "inner"');
  }
  for (const row of set.records) {
    if (!isJsonObject(row) || typeof row.task_id !== "string" || typeof row.passed !== "boolean") {
      throw wrong('every row of "eval_set.records" needs "task_id" and "passed"');
    }
  }
  return item as unknown as AlignedEvalResultJson;
}
