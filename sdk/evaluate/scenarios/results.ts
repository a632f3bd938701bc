import type { CompareOptions } from "../compare/compare.ts";
import type { ComparisonResults, ComparisonResultsJson } from "../compare/results.ts";
import { EvaluationError } from "../errors.ts";
import { isJsonArray, isJsonObject } from "../json.ts";
import { EvalResults, type EvalResultsJson } from "../results/results.ts";
import { renderTable } from "../results/text_table.ts";
import type { EvalSpan } from "../trace/types.ts";

/** One task of a scenario. */
export interface TaskSummary {
  /** The task. */
  readonly task_id: string;
  /** Whether it passed. */
  readonly passed: boolean;
  /** 1 or 0. */
  readonly value: number;
}

/** How one scenario went. */
export interface ScenarioResult {
  /** The scenario. */
  readonly scenario_id: string;
  /** What the user said first. */
  readonly initial_query: string;
  /** Its own tasks. */
  readonly eval_results: EvalResults;
  /** `unmeasured` when it could not be played or a task raised an error. */
  readonly status: "passed" | "failed" | "unmeasured";
  /** Whether all its tasks passed. */
  readonly passed: boolean;
  /** Share of its tasks that passed; 0 when none was measured. */
  readonly pass_rate: number;
  /** Its tasks. */
  readonly task_results: readonly TaskSummary[];
  /** The spans that were caught. */
  readonly traces: readonly EvalSpan[];
  /** Why it could not be played or judged. */
  readonly error: string | null;
}

/** Rates over all scenarios. */
export interface EvalMetrics {
  /** Share of passed task results by profile. */
  readonly dataset_pass_rates: Readonly<Record<string, number>>;
  /** Unweighted mean of them. */
  readonly workflow_pass_rate: number;
  /** Scenarios with tasks. */
  readonly total_scenarios: number;
  /** Those that passed. */
  readonly passed_scenarios: number;
  /** Those that could not be measured; part of the total. */
  readonly unmeasured_scenarios: number;
  /** passed / total. */
  readonly scenario_pass_rate: number;
  /** Mean of all profiles' rates and the scenarios' rate. */
  readonly overall_pass_rate: number;
  /** 1 or 0 by scenario and task. */
  readonly scenario_task_pass_rates: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A scenario in two runs. */
export interface ScenarioDelta {
  /** The scenario. */
  readonly scenario_id: string;
  /** What the user said first. */
  readonly initial_query: string;
  /** Before. */
  readonly baseline_passed: boolean;
  /** Now. */
  readonly comparison_passed: boolean;
  /** Before. */
  readonly baseline_pass_rate: number;
  /** Now. */
  readonly comparison_pass_rate: number;
  /** Whether they differ. */
  readonly status_changed: boolean;
}

/** Two runs of the same scenarios. */
export interface ScenarioComparisonResults {
  /** By profile. */
  readonly dataset_comparisons: Readonly<Record<string, ComparisonResultsJson>>;
  /** Profiles with a regression. */
  readonly regressed_aliases: readonly string[];
  /** Profiles with an improvement and no regression. */
  readonly improved_aliases: readonly string[];
  /** Profiles only now. */
  readonly new_aliases: readonly string[];
  /** Profiles only before. */
  readonly removed_aliases: readonly string[];
  /** Scenarios only now. */
  readonly new_scenarios: readonly string[];
  /** Scenarios only before. */
  readonly removed_scenarios: readonly string[];
  /** Scenarios in both. */
  readonly scenario_deltas: readonly ScenarioDelta[];
  /** Before. */
  readonly baseline_overall_pass_rate: number;
  /** Now. */
  readonly comparison_overall_pass_rate: number;
  /** Before, by profile. */
  readonly baseline_alias_pass_rates: Readonly<Record<string, number>>;
  /** Now, by profile. */
  readonly comparison_alias_pass_rates: Readonly<Record<string, number>>;
  /** Whether a profile regressed, or (strict) a scenario that passed fails. */
  readonly regressed: boolean;
}

/** Scenario results as they are stored. */
export interface ScenarioEvalResultsJson {
  /** By profile. */
  readonly dataset_results: Readonly<Record<string, EvalResultsJson>>;
  /** By scenario. */
  readonly scenario_results:
    readonly (Omit<ScenarioResult, "eval_results"> & { readonly eval_results: EvalResultsJson })[];
  /** Rates. */
  readonly metrics: EvalMetrics;
}

/**
 * How all scenarios went.
 *
 * @example
 * ```ts
 * import { ScenarioEvalResults } from "./results.ts";
 *
 * const text = await Promise.resolve('{"dataset_results":{},"scenario_results":[],"metrics":{}}');
 * ScenarioEvalResults.fromJSON(JSON.parse(text)).scenarioResults.length; // 0
 * ```
 */
export class ScenarioEvalResults {
  /** Results by profile. */
  readonly datasetResults: Readonly<Record<string, EvalResults>>;
  /** Results by scenario. */
  readonly scenarioResults: readonly ScenarioResult[];
  /** Rates. */
  readonly metrics: EvalMetrics;

  /**
   * Puts results together.
   *
   * @param datasetResults results by profile
   * @param scenarioResults results by scenario
   * @param metrics rates
   */
  constructor(
    datasetResults: Readonly<Record<string, EvalResults>>,
    scenarioResults: readonly ScenarioResult[],
    metrics: EvalMetrics,
  ) {
    this.datasetResults = datasetResults;
    this.scenarioResults = scenarioResults;
    this.metrics = metrics;
  }

  /** One scenario's result. */
  getScenarioDetail(id: string): ScenarioResult | undefined {
    return this.scenarioResults.find((result) => result.scenario_id === id);
  }

  /** Tables for people. */
  toTable(options: { readonly showWorkflow?: boolean } = {}): string {
    const { metrics } = this;
    const percent = (rate: number): string => `${(rate * 100).toFixed(1)}%`;
    const scenarios = renderTable(
      ["Scenario", "Query", "Status", "Pass Rate", "Tasks", "Error"],
      this.scenarioResults.map((result) => [
        result.scenario_id,
        result.initial_query.slice(0, 40),
        result.status,
        percent(result.pass_rate),
        `${result.task_results.filter((t) => t.passed).length}/${result.task_results.length}`,
        result.error?.slice(0, 60) ?? "",
      ]),
    );
    const profiles = Object.entries(metrics.dataset_pass_rates)
      .map(([alias, rate]) => `${alias} ${percent(rate)}`).join(", ");
    const workflows = options.showWorkflow
      ? Object.entries(this.datasetResults)
        .map(([alias, results]) => `\n${alias}\n${results.toTable()}`).join("")
      : "";
    return `${scenarios}\nScenarios ${metrics.passed_scenarios}/${metrics.total_scenarios} passed` +
      `, ${metrics.unmeasured_scenarios} unmeasured` +
      `${profiles === "" ? "" : `; profiles: ${profiles}`}` +
      `; overall ${percent(metrics.overall_pass_rate)}\n${workflows}`;
  }

  /**
   * Compares this run with an earlier one.
   *
   * @param baseline the earlier run
   * @param options threshold and rules; `strict` counts a scenario that no longer passes
   */
  compareTo(
    baseline: ScenarioEvalResults,
    options: CompareOptions = {},
  ): ScenarioComparisonResults {
    const before = Object.keys(baseline.datasetResults);
    const now = Object.keys(this.datasetResults);
    const comparisons: Record<string, ComparisonResults> = {};
    for (const alias of before) {
      const mine = this.datasetResults[alias];
      const theirs = baseline.datasetResults[alias];
      if (mine !== undefined && theirs !== undefined) {
        comparisons[alias] = mine.compareTo(theirs, options);
      }
    }
    const deltas = baseline.scenarioResults.flatMap((earlier): ScenarioDelta[] => {
      const later = this.getScenarioDetail(earlier.scenario_id);
      return later === undefined ? [] : [{
        scenario_id: earlier.scenario_id,
        initial_query: earlier.initial_query,
        baseline_passed: earlier.passed,
        comparison_passed: later.passed,
        baseline_pass_rate: earlier.pass_rate,
        comparison_pass_rate: later.pass_rate,
        status_changed: earlier.passed !== later.passed,
      }];
    });
    const entries = Object.entries(comparisons);
    const regressedAliases = entries.filter(([, c]) => c.regressed).map(([alias]) => alias);
    const flipped = deltas.some((delta) => delta.baseline_passed && !delta.comparison_passed);
    const ids = (results: ScenarioEvalResults): readonly string[] =>
      results.scenarioResults.map((result) => result.scenario_id);
    return {
      dataset_comparisons: Object.fromEntries(entries.map(([alias, c]) => [alias, c.data])),
      regressed_aliases: regressedAliases,
      improved_aliases: entries
        .filter(([, c]) => !c.regressed && c.data.improved_workflows > 0).map(([alias]) => alias),
      new_aliases: now.filter((alias) => !before.includes(alias)),
      removed_aliases: before.filter((alias) => !now.includes(alias)),
      new_scenarios: ids(this).filter((id) => !ids(baseline).includes(id)),
      removed_scenarios: ids(baseline).filter((id) => !ids(this).includes(id)),
      scenario_deltas: deltas,
      baseline_overall_pass_rate: baseline.metrics.overall_pass_rate,
      comparison_overall_pass_rate: this.metrics.overall_pass_rate,
      baseline_alias_pass_rates: baseline.metrics.dataset_pass_rates,
      comparison_alias_pass_rates: this.metrics.dataset_pass_rates,
      regressed: regressedAliases.length > 0 || (options.compatibility === "strict" && flipped),
    };
  }

  /** The results as they are stored. */
  toJSON(): ScenarioEvalResultsJson {
    return {
      dataset_results: Object.fromEntries(
        Object.entries(this.datasetResults).map(([alias, results]) => [alias, results.toJSON()]),
      ),
      scenario_results: this.scenarioResults.map((result) => ({
        ...result,
        eval_results: result.eval_results.toJSON(),
      })),
      metrics: this.metrics,
    };
  }

  /**
   * Reads stored results.
   *
   * @param data JSON data
   * @throws EvaluationError `INVALID_FILE`
   */
  static fromJSON(data: unknown): ScenarioEvalResults {
    if (
      !isJsonObject(data) || !isJsonObject(data.dataset_results) ||
      !isJsonArray(data.scenario_results) || !isJsonObject(data.metrics)
    ) {
      throw new EvaluationError(
        "INVALID_FILE",
        'Not scenario results: expected "dataset_results", "scenario_results" and "metrics"',
      );
    }
    const stored = data as unknown as ScenarioEvalResultsJson;
    return new ScenarioEvalResults(
      Object.fromEntries(
        Object.entries(stored.dataset_results).map(([alias, results]) => [
          alias,
          EvalResults.fromJSON(results),
        ]),
      ),
      stored.scenario_results.map((result) => ({
        ...result,
        status: result.status ?? (result.passed ? "passed" : "failed"),
        error: result.error ?? null,
        eval_results: EvalResults.fromJSON(result.eval_results),
      })),
      stored.metrics,
    );
  }
}
