import type { CompareOptions } from "../../evaluate/compare/compare.ts";
import { isJsonObject } from "../../evaluate/json.ts";
import { EvalResults } from "../../evaluate/results/results.ts";
import { ScenarioEvalResults } from "../../evaluate/scenarios/results.ts";
import { numberOption, parseCommandLine, textOption, wordOption } from "../args.ts";
import { type CliIo, EXIT, type ExitCode, UsageError } from "../io.ts";
import type { Finding } from "../output/findings.ts";
import { githubAnnotations } from "../output/github.ts";
import { junitXml } from "../output/junit.ts";
import { asUsage, loadData } from "./load.ts";

/** What is told of a comparison. */
interface Comparison {
  readonly stored: unknown;
  readonly table: string;
  readonly regressed: boolean;
  readonly significant: boolean;
  readonly findings: readonly Finding[];
  readonly pairs: number;
}

/**
 * Runs `scouter eval compare`.
 *
 * @param args what followed `compare`
 * @param io the world
 * @returns 0 without a regression, 1 with one, 3 when the runs have nothing in common
 * @throws UsageError
 */
export async function runCompare(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = parseCommandLine(args, {
    threshold: { type: "string" },
    alpha: { type: "string" },
    "fail-on": { type: "string" },
    compatibility: { type: "string" },
    out: { type: "string" },
    junit: { type: "string" },
    json: { type: "boolean" },
    github: { type: "boolean" },
  });
  const [baselinePath, currentPath, extra] = parsed.positionals;
  if (baselinePath === undefined || currentPath === undefined || extra !== undefined) {
    throw new UsageError("two result files are needed: the baseline, then the current one");
  }
  const threshold = numberOption(parsed, "threshold", { min: 0, max: 1 });
  const alpha = numberOption(parsed, "alpha", { min: 1e-9, max: 0.5 });
  const compatibility = wordOption(parsed, "compatibility", ["reference", "strict"]);
  const failOn = wordOption(parsed, "fail-on", ["regression", "significant"]) ?? "regression";
  const options: CompareOptions = {
    ...(threshold === undefined ? {} : { regressionThreshold: threshold }),
    ...(alpha === undefined ? {} : { alpha }),
    ...(compatibility === undefined ? {} : { compatibility }),
  };
  const baseline = await loadData(io, baselinePath);
  const current = await loadData(io, currentPath);
  const comparison = asUsage(() =>
    isJsonObject(current) && "scenario_results" in current
      ? compareScenarios(baseline, current, options)
      : compareRecords(baseline, current, options)
  );
  const out = textOption(parsed, "out");
  const junit = textOption(parsed, "junit");
  if (out !== undefined) await io.writeText(out, `${JSON.stringify(comparison.stored, null, 2)}\n`);
  if (junit !== undefined) {
    await io.writeText(junit, junitXml("scouter eval compare", comparison.findings));
  }
  const json = parsed.values.json === true;
  io.stdout(json ? `${JSON.stringify(comparison.stored)}\n` : comparison.table);
  if (parsed.values.github === true || io.env.GITHUB_ACTIONS === "true") {
    (json ? io.stderr : io.stdout)(githubAnnotations(comparison.findings));
  }
  if (comparison.pairs === 0) return EXIT.unmeasured;
  const bad = failOn === "significant" ? comparison.significant : comparison.regressed;
  return bad ? EXIT.failure : EXIT.ok;
}

function compareRecords(baseline: unknown, current: unknown, options: CompareOptions): Comparison {
  const comparison = EvalResults.fromJSON(current).compareTo(
    EvalResults.fromJSON(baseline),
    options,
  );
  const { data } = comparison;
  return {
    stored: data,
    table: comparison.toTable(),
    regressed: data.regressed,
    significant: data.statistics.significant_regression ||
      data.statistics.regressed_tasks.length > 0,
    pairs: data.total_workflows,
    findings: data.workflow_comparisons.map((workflow) => ({
      group: "compare",
      name: workflow.baseline_id,
      status: workflow.is_regression ? "failed" : "passed",
      message: `pass rate ${workflow.baseline_pass_rate} → ${workflow.comparison_pass_rate}: ` +
        workflow.task_comparisons.filter((task) => task.baseline_passed && !task.comparison_passed)
          .map((task) => task.task_id).join(", "),
      durationMs: 0,
    })),
  };
}

function compareScenarios(
  baseline: unknown,
  current: unknown,
  options: CompareOptions,
): Comparison {
  const data = ScenarioEvalResults.fromJSON(current).compareTo(
    ScenarioEvalResults.fromJSON(baseline),
    options,
  );
  const worse = data.scenario_deltas.filter((d) => d.baseline_passed && !d.comparison_passed);
  const percent = (rate: number): string => `${(rate * 100).toFixed(1)}%`;
  const lines = [
    `Overall ${percent(data.baseline_overall_pass_rate)} → ` +
    percent(data.comparison_overall_pass_rate),
    ...data.scenario_deltas.filter((delta) => delta.status_changed).map((delta) =>
      `  ${delta.scenario_id}: ${delta.baseline_passed ? "passed → failed" : "failed → passed"}`
    ),
    ...data.regressed_aliases.map((alias) => `  profile ${alias} regressed`),
    ...data.removed_scenarios.map((id) => `  ${id}: only in the baseline`),
    ...data.new_scenarios.map((id) => `  ${id}: new`),
    data.regressed || worse.length > 0 ? "Regressed" : "No regression",
    "",
  ];
  return {
    stored: data,
    table: lines.join("\n"),
    // A scenario that stopped passing is a regression to whoever gates on this command.
    regressed: data.regressed || worse.length > 0,
    significant: Object.values(data.dataset_comparisons).some((comparison) =>
      comparison.statistics.significant_regression
    ),
    pairs: data.scenario_deltas.length + Object.keys(data.dataset_comparisons).length,
    findings: data.scenario_deltas.map((delta) => ({
      group: "compare",
      name: delta.scenario_id,
      status: delta.baseline_passed && !delta.comparison_passed ? "failed" : "passed",
      message: `pass rate ${delta.baseline_pass_rate} → ${delta.comparison_pass_rate}`,
      durationMs: 0,
    })),
  };
}
