/**
 * What a comparison of two runs says; names are those of the wire.
 *
 * @module
 */

import { renderTable } from "../results/text_table.ts";

/** One task on one record in both runs. */
export interface TaskComparison {
  /** The task. */
  readonly task_id: string;
  /** The record. */
  readonly record_id: string;
  /** Before. */
  readonly baseline_passed: boolean;
  /** Now. */
  readonly comparison_passed: boolean;
  /** Whether they differ. */
  readonly status_changed: boolean;
}

/** One record in both runs. */
export interface WorkflowComparison {
  /** The record in the baseline. */
  readonly baseline_id: string;
  /** The record in the comparison. */
  readonly comparison_id: string;
  /** Share of the common tasks that passed before. */
  readonly baseline_pass_rate: number;
  /** Share of the common tasks that pass now. */
  readonly comparison_pass_rate: number;
  /** Now − before. */
  readonly pass_rate_delta: number;
  /** Whether the rate fell by more than the threshold. */
  readonly is_regression: boolean;
  /** The common tasks. */
  readonly task_comparisons: readonly TaskComparison[];
}

/** A task that only one run has. */
export interface MissingTask {
  /** The task. */
  readonly task_id: string;
  /** Which run has it. */
  readonly present_in: "baseline_only" | "comparison_only";
  /** The record. */
  readonly record_id: string;
}

/** One task over all records. */
export interface TaskAggregateStats {
  /** The task. */
  readonly task_id: string;
  /** Records where both runs have it. */
  readonly workflows_evaluated: number;
  /** Passes before. */
  readonly baseline_pass_count: number;
  /** Passes now. */
  readonly comparison_pass_count: number;
  /** Changes either way. */
  readonly status_changed_count: number;
  /** Share before. */
  readonly baseline_pass_rate: number;
  /** Share now. */
  readonly comparison_pass_rate: number;
  /** Passed before, fails now. */
  readonly worse_count: number;
  /** Failed before, passes now. */
  readonly better_count: number;
  /** McNemar's exact test. */
  readonly p_value: number;
  /** Adjusted for the number of tasks (Holm). */
  readonly p_adjusted: number;
}

/** Whether the runs differ by more than chance explains. */
export interface ComparisonStatistics {
  /** Pairs compared. */
  readonly pairs: number;
  /** Mean of the records' differences. */
  readonly mean_delta: number;
  /** Bootstrap interval of it; null without pairs. */
  readonly interval: readonly [number, number] | null;
  /** Confidence of the interval. */
  readonly confidence: number;
  /** Sign-flip permutation test of the mean difference. */
  readonly p_value: number;
  /** Below this a difference counts as significant. */
  readonly alpha: number;
  /** Whether the mean fell, and significantly so. */
  readonly significant_regression: boolean;
  /** Tasks that fell significantly, adjusted for their number. */
  readonly regressed_tasks: readonly string[];
}

/** Everything but the derived members. */
export interface ComparisonResultsJson {
  /** Records in both runs, in the order of the baseline. */
  readonly workflow_comparisons: readonly WorkflowComparison[];
  /** How many. */
  readonly total_workflows: number;
  /** Records that improved. */
  readonly improved_workflows: number;
  /** Records that regressed. */
  readonly regressed_workflows: number;
  /** The rest. */
  readonly unchanged_workflows: number;
  /** Unweighted. */
  readonly mean_pass_rate_delta: number;
  /** Tasks whose status changed. */
  readonly task_status_changes: readonly TaskComparison[];
  /** Tasks that only one run has. */
  readonly missing_tasks: readonly MissingTask[];
  /** All records of the baseline. */
  readonly baseline_workflow_count: number;
  /** All records of the comparison. */
  readonly comparison_workflow_count: number;
  /** Whether any record regressed. */
  readonly regressed: boolean;
  /** Tasks over all records. */
  readonly task_aggregate_stats: readonly TaskAggregateStats[];
  /** Whether it is more than chance. */
  readonly statistics: ComparisonStatistics;
}

/**
 * A comparison of two runs.
 *
 * @example
 * ```ts
 * import { EvalResults } from "../results/results.ts";
 *
 * const comparison = new EvalResults([]).compareTo(new EvalResults([]));
 * comparison.data.regressed; // false
 * ```
 */
export class ComparisonResults {
  /** The comparison as plain data. */
  readonly data: ComparisonResultsJson;

  /**
   * Wraps a comparison.
   *
   * @param data the comparison as plain data
   */
  constructor(data: ComparisonResultsJson) {
    this.data = data;
  }

  /** Whether any record regressed beyond the threshold. */
  get regressed(): boolean {
    return this.data.regressed;
  }

  /** Whether the runs do not have the same tasks. */
  get hasMissingTasks(): boolean {
    return this.data.missing_tasks.length > 0;
  }

  /** The comparison as it is stored. */
  toJSON(): ComparisonResultsJson {
    return this.data;
  }

  /** Tables for people: records, tasks, and what chance has to say. */
  toTable(): string {
    const { data } = this;
    const percent = (rate: number): string => `${(rate * 100).toFixed(1)}%`;
    const workflows = renderTable(
      ["Record", "Baseline", "Comparison", "Delta", ""],
      data.workflow_comparisons.map((workflow) => [
        workflow.baseline_id,
        percent(workflow.baseline_pass_rate),
        percent(workflow.comparison_pass_rate),
        percent(workflow.pass_rate_delta),
        workflow.is_regression ? "regressed" : "",
      ]),
    );
    const tasks = renderTable(
      ["Task", "Records", "Baseline", "Comparison", "Worse", "Better", "p (Holm)"],
      data.task_aggregate_stats.map((task) => [
        task.task_id,
        String(task.workflows_evaluated),
        percent(task.baseline_pass_rate),
        percent(task.comparison_pass_rate),
        String(task.worse_count),
        String(task.better_count),
        task.p_adjusted.toPrecision(3),
      ]),
    );
    const { statistics } = data;
    const interval = statistics.interval === null
      ? ""
      : `, ${(statistics.confidence * 100).toFixed(0)}% interval ${
        percent(statistics.interval[0])
      }` +
        ` to ${percent(statistics.interval[1])}`;
    const verdict = data.regressed
      ? statistics.significant_regression
        ? "regressed, more than chance explains"
        : "regressed, though chance alone could explain the mean"
      : "no regression";
    return `${workflows}\n${tasks}\n` +
      `Mean difference ${percent(data.mean_pass_rate_delta)}${interval}, ` +
      `p = ${statistics.p_value.toPrecision(3)}: ${verdict}\n`;
  }
}
