/**
 * Compares two runs of the same tasks.
 *
 * @module
 */

import type { Compatibility } from "../path.ts";
import type { AlignedEvalResult } from "../results/record_result.ts";
import type { EvalTaskResult } from "../results/rows.ts";
import { mcnemarExact } from "../stats/mcnemar.ts";
import { bootstrapMean, holm, pairedPermutationTest } from "../stats/paired.ts";
import { seededRandom } from "../stats/random.ts";
import {
  ComparisonResults,
  type MissingTask,
  type TaskAggregateStats,
  type TaskComparison,
  type WorkflowComparison,
} from "./results.ts";

/** How two runs are compared. */
export interface CompareOptions {
  /** A record regressed when its rate fell by more than this; 0.05 unless told. */
  readonly regressionThreshold?: number;
  /** A record improved when its rate rose by more than this; 0.01 unless told. */
  readonly improvementThreshold?: number;
  /** Below this p-value a difference is significant; 0.05 unless told. */
  readonly alpha?: number;
  /** Seed of resampling; the same seed gives the same numbers. */
  readonly seed?: number;
  /** `strict` leaves gates out, as all other rates do; `reference` unless told. */
  readonly compatibility?: Compatibility;
}

/** The part of `EvalResults` that comparing needs. */
export interface ComparableRun {
  /** Results by record. */
  readonly alignedResults: readonly AlignedEvalResult[];
}

/**
 * Compares two runs: records are matched by the user's name, else by uid; records with an error
 * have nothing to compare.
 *
 * @param baseline the earlier run
 * @param comparison the later run
 * @param options see {@linkcode CompareOptions}
 * @returns the comparison
 * @example
 * ```ts
 * import { EvalResults } from "../results/results.ts";
 * import { compareResults } from "./compare.ts";
 *
 * compareResults(new EvalResults([]), new EvalResults([])).data.total_workflows; // 0
 * ```
 */
export function compareResults(
  baseline: ComparableRun,
  comparison: ComparableRun,
  options: CompareOptions = {},
): ComparisonResults {
  const { regressionThreshold = 0.05, improvementThreshold = 0.01, alpha = 0.05 } = options;
  const withGates = options.compatibility !== "strict";
  const later = byKey(comparison);
  const workflows: WorkflowComparison[] = [];
  const missing: MissingTask[] = [];
  let improved = 0;
  let regressed = 0;
  for (const [key, before] of byKey(baseline)) {
    const now = later.get(key);
    if (now === undefined) continue;
    const workflow = compareRecord(key, before, now, { regressionThreshold, withGates }, missing);
    workflows.push(workflow);
    if (workflow.is_regression) regressed++;
    else if (workflow.pass_rate_delta > improvementThreshold) improved++;
  }
  const deltas = workflows.map((workflow) => workflow.pass_rate_delta);
  const mean = deltas.length === 0 ? 0 : deltas.reduce((sum, d) => sum + d, 0) / deltas.length;
  const changes = workflows.flatMap((workflow) => workflow.task_comparisons);
  const tasks = aggregate(changes);
  const random = seededRandom(options.seed ?? 1);
  const pValue = pairedPermutationTest(deltas, random);
  const confidence = 1 - alpha;
  return new ComparisonResults({
    workflow_comparisons: workflows,
    total_workflows: workflows.length,
    improved_workflows: improved,
    regressed_workflows: regressed,
    unchanged_workflows: workflows.length - improved - regressed,
    mean_pass_rate_delta: mean,
    task_status_changes: changes.filter((change) => change.status_changed),
    missing_tasks: missing,
    baseline_workflow_count: baseline.alignedResults.length,
    comparison_workflow_count: comparison.alignedResults.length,
    regressed: regressed > 0,
    task_aggregate_stats: tasks,
    statistics: {
      pairs: deltas.length,
      mean_delta: mean,
      interval: bootstrapMean(deltas, random, { confidence }) ?? null,
      confidence,
      p_value: pValue,
      alpha,
      significant_regression: mean < 0 && pValue < alpha,
      regressed_tasks: tasks.filter((task) =>
        task.worse_count > task.better_count && task.p_adjusted < alpha
      ).map((task) => task.task_id),
    },
  });
}

function byKey(run: ComparableRun): Map<string, AlignedEvalResult> {
  const map = new Map<string, AlignedEvalResult>();
  for (const result of run.alignedResults) {
    if (result.success) map.set(result.recordId || result.recordUid, result);
  }
  return map;
}

function compareRecord(
  key: string,
  before: AlignedEvalResult,
  now: AlignedEvalResult,
  options: { readonly regressionThreshold: number; readonly withGates: boolean },
  missing: MissingTask[],
): WorkflowComparison {
  const counts = (row: EvalTaskResult): boolean => options.withGates || !row.condition;
  const earlier = new Map(before.evalSet.records.filter(counts).map((row) => [row.task_id, row]));
  const later = new Map(now.evalSet.records.filter(counts).map((row) => [row.task_id, row]));
  const tasks: TaskComparison[] = [];
  let passedBefore = 0;
  let passedNow = 0;
  for (const [id, row] of earlier) {
    const other = later.get(id);
    if (other === undefined) {
      missing.push({ task_id: id, present_in: "baseline_only", record_id: key });
      continue;
    }
    if (row.passed) passedBefore++;
    if (other.passed) passedNow++;
    tasks.push({
      task_id: id,
      record_id: key,
      baseline_passed: row.passed,
      comparison_passed: other.passed,
      status_changed: row.passed !== other.passed,
    });
  }
  for (const id of later.keys()) {
    if (!earlier.has(id)) {
      missing.push({ task_id: id, present_in: "comparison_only", record_id: key });
    }
  }
  const rateBefore = tasks.length === 0 ? 0 : passedBefore / tasks.length;
  const rateNow = tasks.length === 0 ? 0 : passedNow / tasks.length;
  const delta = rateNow - rateBefore;
  return {
    baseline_id: before.recordId || before.recordUid,
    comparison_id: now.recordId || now.recordUid,
    baseline_pass_rate: rateBefore,
    comparison_pass_rate: rateNow,
    pass_rate_delta: delta,
    is_regression: delta < -options.regressionThreshold,
    task_comparisons: tasks,
  };
}

function aggregate(comparisons: readonly TaskComparison[]): readonly TaskAggregateStats[] {
  const byTask = groupByTask(comparisons);
  const raw = [...byTask].map(([taskId, list]) => {
    const before = list.filter((item) => item.baseline_passed).length;
    const now = list.filter((item) => item.comparison_passed).length;
    const worse = list.filter((item) => item.baseline_passed && !item.comparison_passed).length;
    const better = list.filter((item) => !item.baseline_passed && item.comparison_passed).length;
    return {
      task_id: taskId,
      workflows_evaluated: list.length,
      baseline_pass_count: before,
      comparison_pass_count: now,
      status_changed_count: worse + better,
      baseline_pass_rate: before / list.length,
      comparison_pass_rate: now / list.length,
      worse_count: worse,
      better_count: better,
      p_value: mcnemarExact(worse, better),
    };
  });
  const adjusted = holm(raw.map((task) => task.p_value));
  return raw.map((task, index) => ({ ...task, p_adjusted: adjusted[index] ?? 1 }));
}

/** `Map.groupBy` is younger than Node 20. */
function groupByTask(comparisons: readonly TaskComparison[]): Map<string, TaskComparison[]> {
  const groups = new Map<string, TaskComparison[]>();
  for (const comparison of comparisons) {
    const group = groups.get(comparison.task_id);
    if (group === undefined) groups.set(comparison.task_id, [comparison]);
    else group.push(comparison);
  }
  return groups;
}
