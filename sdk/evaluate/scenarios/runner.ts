/**
 * Evaluates what scenarios left behind: the records of every profile, the tasks of every scenario,
 * and rates over both.
 *
 * @module
 */

import { EvalDataset, type EvaluationConfig } from "../dataset.ts";
import { EvaluationError } from "../errors.ts";
import { type JsonObject, toJsonValue } from "../json.ts";
import { type EvalSubject, parseRecord } from "../record.ts";
import { EvalResults } from "../results/results.ts";
import type { EvaluationTask } from "../tasks/types.ts";
import { attributeOf } from "../trace/filter.ts";
import type { EvalSpan } from "../trace/types.ts";
import { type CapturedData, tagged } from "./capture.ts";
import { type EvalMetrics, ScenarioEvalResults, type ScenarioResult } from "./results.ts";
import type { EvalScenario, EvalScenarios } from "./scenario.ts";

/** The tasks that are asked of the records of one part of an agent. */
export interface EvalProfile {
  /** The tasks. */
  readonly tasks: readonly EvaluationTask[];
  /** The profile's uid on the server, by which spans name it. */
  readonly uid?: string;
}

/** One exchange of an interactive scenario. */
export interface Exchange {
  /** What the user said. */
  readonly user: string;
  /** What the agent answered. */
  readonly agent: unknown;
}

/** A scenario that was played. */
export interface PlayedScenario {
  /** The last response; what the tasks look at under `response`. */
  readonly response: unknown;
  /** The exchanges of an interactive scenario. */
  readonly history: readonly Exchange[];
  /** What was caught. */
  readonly captured: CapturedData;
  /** Why it could not be played to its end. */
  readonly error?: string;
}

/** Options of {@linkcode EvalRunner}. */
export interface EvalRunnerOptions {
  /** The scenarios. */
  readonly scenarios: EvalScenarios;
  /** Profiles by alias. */
  readonly profiles?: Readonly<Record<string, EvalProfile>>;
}

/**
 * Evaluates played scenarios.
 *
 * @example
 * ```ts
 * import { assertionTask } from "../tasks/factories.ts";
 * import { EvalRunner } from "./runner.ts";
 * import { scenario } from "./scenario.ts";
 *
 * const greets = assertionTask({
 *   id: "greets",
 *   contextPath: "response",
 *   operator: "Contains",
 *   expectedValue: "Hello",
 * });
 * const runner = new EvalRunner({
 *   scenarios: {
 *     collectionId: "c",
 *     scenarios: [scenario({ id: "s", initialQuery: "Hi", tasks: [greets] })],
 *   },
 * });
 * runner.collect("s", {
 *   response: "Hello!",
 *   history: [],
 *   captured: { records: {}, spans: [], droppedSpans: 0 },
 * });
 * (await runner.evaluate()).metrics.scenario_pass_rate; // 1
 * ```
 */
export class EvalRunner {
  readonly #scenarios: ReadonlyMap<string, EvalScenario>;
  readonly #profiles: Readonly<Record<string, EvalProfile>>;
  readonly #played = new Map<string, PlayedScenario>();

  /**
   * Makes a runner.
   *
   * @param options see {@linkcode EvalRunnerOptions}
   */
  constructor(options: EvalRunnerOptions) {
    this.#scenarios = new Map(options.scenarios.scenarios.map((item) => [item.id, item]));
    this.#profiles = options.profiles ?? {};
  }

  /**
   * Takes what a scenario left behind.
   *
   * @param scenarioId the scenario
   * @param played response, exchanges, records, spans
   * @throws EvaluationError `INVALID_TASK` for an unknown alias or scenario, or one played twice
   */
  collect(scenarioId: string, played: PlayedScenario): void {
    if (!this.#scenarios.has(scenarioId)) {
      throw new EvaluationError("INVALID_TASK", `There is no scenario "${scenarioId}"`);
    }
    if (this.#played.has(scenarioId)) {
      throw new EvaluationError("INVALID_TASK", `Scenario "${scenarioId}" was played already`);
    }
    for (const alias of Object.keys(played.captured.records)) {
      if (!Object.hasOwn(this.#profiles, alias)) {
        throw new EvaluationError(
          "INVALID_TASK",
          `Scenario "${scenarioId}" has records for "${alias}", which is no profile; known: ` +
            (Object.keys(this.#profiles).join(", ") || "none"),
        );
      }
    }
    this.#played.set(scenarioId, played);
  }

  /**
   * Evaluates everything that was collected.
   *
   * @param config as for data sets
   * @returns results by profile and scenario
   */
  async evaluate(config: EvaluationConfig = {}): Promise<ScenarioEvalResults> {
    const strict = config.compatibility === "strict";
    const pooled = [...this.#played.values()].flatMap((played) => played.captured.spans);
    const datasets: Record<string, EvalResults> = {};
    for (const [alias, profile] of Object.entries(this.#profiles)) {
      const records: EvalSubject[] = [];
      const spansOf = new Map<string, readonly EvalSpan[]>();
      for (const [id, played] of this.#played) {
        const mine = (played.captured.records[alias] ?? []).map((record) => tagged(record, id));
        mine.push(...dispatched(profile, id, played.captured.spans, mine));
        for (const record of mine) {
          // Strictly, a record's trace is its own; in the reference all spans are one pool.
          spansOf.set(record.uid, strict ? ownSpans(record, played.captured.spans) : pooled);
        }
        records.push(...mine);
      }
      datasets[alias] = records.length === 0
        ? new EvalResults([], config.compatibility)
        : await new EvalDataset(records, profile.tasks).evaluate({
          ...config,
          spans: (record) => spansOf.get(record.uid),
        });
    }
    const scenarios: ScenarioResult[] = [];
    for (const [id, scenario] of this.#scenarios) {
      scenarios.push(await evaluateScenario(scenario, this.#played.get(id), config));
    }
    const withTasks = new Set(
      [...this.#scenarios.values()].filter((s) => s.tasks.length > 0).map((s) => s.id),
    );
    const metrics = metricsOf(
      datasets,
      scenarios.filter((s) => withTasks.has(s.scenario_id)),
      strict,
    );
    return new ScenarioEvalResults(datasets, scenarios, metrics);
  }
}

function ownSpans(record: EvalSubject, spans: readonly EvalSpan[]): readonly EvalSpan[] {
  if (record.traceId === null) return spans;
  const own = spans.filter((span) => span.trace_id === record.traceId);
  return own.length > 0 ? own : spans;
}

/** Records for traces that name the profile but were not accompanied by a record. */
function dispatched(
  profile: EvalProfile,
  scenarioId: string,
  spans: readonly EvalSpan[],
  records: readonly EvalSubject[],
): readonly EvalSubject[] {
  const { uid } = profile;
  if (uid === undefined || !profile.tasks.some((task) => task.taskType === "TraceAssertion")) {
    return [];
  }
  const traces = new Map<string, EvalSpan[]>();
  for (const span of spans) {
    if (span.trace_id === undefined) continue;
    const trace = traces.get(span.trace_id);
    if (trace === undefined) traces.set(span.trace_id, [span]);
    else trace.push(span);
  }
  const made: EvalSubject[] = [];
  for (const [traceId, trace] of traces) {
    if (records.some((record) => record.traceId === traceId)) continue;
    if (!trace.some((span) => namesEntity(span, uid)) || trace.some(hasQueueMarker)) continue;
    const id = `trace-dispatch:${uid}:${traceId}`;
    made.push(
      tagged(
        parseRecord({ record_id: id, session_id: id, trace_id: traceId, context: {} }),
        scenarioId,
      ),
    );
  }
  return made;
}

function namesEntity(span: EvalSpan, uid: string): boolean {
  return (span.attributes ?? []).some((attribute) =>
    attribute.key.startsWith("scouter.entity") && attribute.value === uid
  );
}

function hasQueueMarker(span: EvalSpan): boolean {
  return attributeOf(span, "scouter.queue.record") !== undefined ||
    (span.events ?? []).some((event) =>
      (event.attributes ?? []).some((attribute) => attribute.key === "scouter.queue.record")
    );
}

async function evaluateScenario(
  scenario: EvalScenario,
  played: PlayedScenario | undefined,
  config: EvaluationConfig,
): Promise<ScenarioResult> {
  const base = {
    scenario_id: scenario.id,
    initial_query: scenario.initialQuery,
    traces: played?.captured.spans ?? [],
  };
  const nothing = { eval_results: new EvalResults([], config.compatibility), task_results: [] };
  const unmeasured = (error: string): ScenarioResult => ({
    ...base,
    ...nothing,
    status: "unmeasured",
    passed: false,
    pass_rate: 0,
    error,
  });
  if (played === undefined) return unmeasured("the scenario was not played");
  if (played.error !== undefined) return unmeasured(played.error);
  if (scenario.tasks.length === 0) {
    return { ...base, ...nothing, status: "passed", passed: false, pass_rate: 0, error: null };
  }
  const record = tagged(
    parseRecord({ record_id: scenario.id, context: contextOf(scenario, played) }),
    scenario.id,
  );
  const results = await new EvalDataset([record], scenario.tasks).evaluate({
    ...config,
    spans: () => played.captured.spans,
  });
  const [result] = results.alignedResults;
  const rows = result?.evalSet.records ?? [];
  const counted = config.compatibility === "strict" ? rows.filter((row) => !row.condition) : rows;
  const passes = counted.filter((row) => row.passed).length;
  const error = result?.errorMessage ?? null;
  const passed = error === null && counted.length > 0 && passes === counted.length;
  return {
    ...base,
    eval_results: results,
    task_results: rows.map(({ task_id, passed, value }) => ({ task_id, passed, value })),
    status: error !== null || counted.length === 0 ? "unmeasured" : passed ? "passed" : "failed",
    passed,
    pass_rate: counted.length === 0 ? 0 : passes / counted.length,
    error,
  };
}

/** What a scenario's tasks look at. */
function contextOf(scenario: EvalScenario, played: PlayedScenario): JsonObject {
  return {
    response: toJsonValue(played.response),
    expected_outcome: scenario.expectedOutcome,
    metadata: scenario.metadata,
    initial_query: scenario.initialQuery,
    turns: [...scenario.predefinedTurns],
    history: toJsonValue(played.history),
  };
}

function metricsOf(
  datasets: Readonly<Record<string, EvalResults>>,
  scenarios: readonly ScenarioResult[],
  strict: boolean,
): EvalMetrics {
  const rates: Record<string, number> = {};
  for (const [alias, results] of Object.entries(datasets)) {
    const rows = results.alignedResults.flatMap((result) => result.evalSet.records)
      .filter((row) => !strict || !row.condition);
    rates[alias] = rows.length === 0 ? 0 : rows.filter((row) => row.passed).length / rows.length;
  }
  const list = Object.values(rates);
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  const passed = scenarios.filter((scenario) => scenario.passed).length;
  const scenarioRate = scenarios.length === 0 ? 0 : passed / scenarios.length;
  return {
    dataset_pass_rates: rates,
    workflow_pass_rate: mean(list),
    total_scenarios: scenarios.length,
    passed_scenarios: passed,
    unmeasured_scenarios: scenarios.filter((scenario) => scenario.status === "unmeasured").length,
    scenario_pass_rate: scenarioRate,
    overall_pass_rate: mean(scenarios.length === 0 ? list : [...list, scenarioRate]),
    scenario_task_pass_rates: Object.fromEntries(
      scenarios.map((scenario) => [
        scenario.scenario_id,
        Object.fromEntries(scenario.task_results.map((task) => [task.task_id, task.value])),
      ]),
    ),
  };
}
