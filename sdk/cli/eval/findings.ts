import type { EvalResults } from "../../evaluate/results/results.ts";
import type { ScenarioEvalResults } from "../../evaluate/scenarios/results.ts";
import type { Finding } from "../output/findings.ts";

/**
 * Results as checks for reports. Gates that fail are skipped work, not failures.
 *
 * @param results the results
 * @param prefix put before the record's name
 * @returns one finding per task and record
 */
export function findingsOf(results: EvalResults, prefix = ""): readonly Finding[] {
  return results.alignedResults.flatMap((result) => {
    const group = prefix + (result.recordId || result.recordUid);
    const { records, inner } = result.evalSet;
    return [
      ...records.map((row): Finding => ({
        group,
        name: row.task_id,
        status: row.passed ? "passed" : row.condition ? "skipped" : "failed",
        message: row.message,
        durationMs: records.length === 0 ? 0 : inner.duration_ms / records.length,
      })),
      ...result.unmeasured.map((task): Finding => ({
        group,
        name: task.task_id,
        status: task.reason === "gated" ? "skipped" : "unmeasured",
        message: task.message,
        durationMs: 0,
      })),
    ];
  });
}

/**
 * Results of scenarios as checks for reports.
 *
 * @param results the results
 * @returns findings of profiles and scenarios
 */
export function scenarioFindingsOf(results: ScenarioEvalResults): readonly Finding[] {
  return [
    ...Object.entries(results.datasetResults).flatMap(([alias, r]) => findingsOf(r, `${alias}/`)),
    ...results.scenarioResults.flatMap((scenario): readonly Finding[] =>
      scenario.error !== null && scenario.eval_results.alignedResults.length === 0
        ? [{
          group: scenario.scenario_id,
          name: "played",
          status: "unmeasured",
          message: scenario.error,
          durationMs: 0,
        }]
        : findingsOf(scenario.eval_results)
    ),
  ];
}
