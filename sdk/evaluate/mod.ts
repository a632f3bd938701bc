/**
 * Offline and online evaluation of models and agents: assertions, judges, traces, scenarios.
 *
 * Everything here is pure or takes its effects as arguments; files and servers are elsewhere.
 *
 * ## Two sets of rules
 *
 * `compatibility: "reference"`, the default, passes and fails exactly what the original passes and
 * fails: task files and thresholds move between the two, and a change of engine is never a change
 * of verdict. `"strict"` answers what the words mean; choose it for new tasks. Drift and profiling
 * default to `"strict"`: their files are read as they stand in either mode, and the reference's
 * numbers are wrong where the two differ (`docs/drift.md` has the decisions side by side). They
 * differ here:
 *
 * | Case | reference | strict |
 * | --- | --- | --- |
 * | an operator that goes item by item meets an empty array | passed | unmeasured |
 * | `Equals` with an expected array | each item is compared with the whole array | arrays are compared |
 * | `NotContains` on an array | each item is searched as text | the opposite of `Contains` |
 * | `${path}` | only as the whole expected value | anywhere in it, per item too |
 * | paths | unknown characters are skipped | refused; quoted keys and negative indexes |
 * | tasks that cannot work | found by `lintTasks` | refused |
 * | one task's error | voids the record's rows | is that task's own |
 * | rate of a record with nothing measured | 0 | null |
 * | gates in comparisons, profile and scenario rates | counted | not counted |
 * | a trace task without spans | failed | unmeasured |
 * | an attribute that no matching span has | empty array (passes many operators) | null |
 * | spans that a record's trace tasks see | those of all scenarios | those of its own trace |
 * | a scenario that stopped passing | no regression | a regression |
 * | last histogram bin | open at its lower edge | closed at both ends |
 * | embeddings | cosine distance, both orders | cosine similarity, once |
 *
 * In both, errors are outcomes (`unmeasured`, with a reason) and never exceptions, and vendors'
 * responses are read tolerantly.
 *
 * @example
 * ```ts
 * import { assertionTask, EvalDataset, parseRecord } from "./mod.ts";
 *
 * const dataset = new EvalDataset(
 *   [parseRecord({ id: "q1", context: { answer: "Paris" } })],
 *   [assertionTask({
 *     id: "capital",
 *     contextPath: "answer",
 *     operator: "Equals",
 *     expectedValue: "Paris",
 *   })],
 * );
 * console.log((await dataset.evaluate()).toTable());
 * ```
 *
 * @module
 */

export {
  type AgentAlertConfig,
  agentAlertConfig,
  AgentEvalConfig,
  type AgentEvalConfigOptions,
} from "../drift/agent_config.ts";
export { AlertCondition, AlertThreshold } from "../drift/alert_condition.ts";
export { consoleDispatch, type DispatchConfig, opsGenie, slack } from "../drift/dispatch.ts";
export type { Identity } from "../drift/identity.ts";
export { agentAssertion, type AgentAssertionBuilders } from "./agent/builders.ts";
export { compileAgentAssertion, type ResponseCache } from "./agent/compile.ts";
export { normaliseResponse } from "./agent/normalise.ts";
export type {
  AgentAssertionSpec,
  AgentResponse,
  Provider,
  TokenUsage,
  ToolCall,
} from "./agent/types.ts";
export { type AssertionSpec, compileAssertion, type CompiledAssertion } from "./assertion.ts";
export {
  type AssertionResult,
  type CheckKind,
  TaskCheck,
  type TaskStatus,
  type UnmeasuredReason,
} from "./check.ts";
export { type ComparableRun, type CompareOptions, compareResults } from "./compare/compare.ts";
export * from "./compare/results.ts";
export { EvalDataset, type EvaluationConfig } from "./dataset.ts";
export { cosineSimilarity, type Embedder } from "./embeddings.ts";
export { EvaluationError, type EvaluationErrorCode } from "./errors.ts";
export {
  Evaluation,
  type EvaluationOptions,
  type Judgement,
  type RecordCounts,
  type RecordState,
  type TaskOutcome,
} from "./evaluation.ts";
export { fileSchema, parseRecords, parseText, type SchemaName } from "./files.ts";
export type { JsonObject, JsonValue } from "./json.ts";
export {
  type JudgeMode,
  type JudgeTotals,
  LlmJudge,
  type LlmJudgeOptions,
  type ModelPrice,
} from "./judge/llm_judge.ts";
export {
  type AnswerIssue,
  type AnswerSchema,
  isStandardSchema,
  jsonSchemaOf,
  type StandardAnswerSchema,
} from "./judge/answer_schema.ts";
export * from "./judge/prompt.ts";
export { type JudgeStore, MemoryJudgeStore, type StoredAnswer } from "./judge/store.ts";
export type { Sleep } from "./judge/limiter.ts";
export type { Env, ProviderSettings } from "./judge/providers/types.ts";
export * from "./scenarios/capture.ts";
export * from "./scenarios/orchestrator.ts";
export * from "./scenarios/results.ts";
export * from "./scenarios/runner.ts";
export {
  type EvalScenario,
  type EvalScenarios,
  parseScenario,
  parseScenarios,
  scenario,
  type ScenarioMode,
  type ScenarioOptions,
  serialiseScenario,
} from "./scenarios/scenario.ts";
export { type Stability, weighVotes, wilsonInterval } from "./judge/stability.ts";
export type { Judge, JudgeAnswer, JudgeRequest, JudgeUsage } from "./judge/types.ts";
export { ComparisonOperator, isComparisonOperator, OPERATORS } from "./operators/names.ts";
export { type Compatibility, type CompiledPath, compilePath, type PathSegment } from "./path.ts";
export { buildPlan, type ExecutionPlan, type PlannedTask, type PlanNode } from "./plan/plan.ts";
export { planAsMermaid, planAsText } from "./plan/render.ts";
export { AgentEvalProfile, type AgentEvalProfileOptions } from "./profile.ts";
export { type EvalSubject, mergeContext, parseRecord } from "./record.ts";
export { compilePattern, type SafePattern } from "./regex.ts";
export { type Histogram, histogram } from "./results/histogram.ts";
export { AlignedEvalResult } from "./results/record_result.ts";
export { EvalResults, type EvalResultsJson, type EvalSummary } from "./results/results.ts";
export type { ResultColumns } from "./results/columns.ts";
export type * from "./results/rows.ts";
export { bootstrapMean, holm, pairedPermutationTest } from "./stats/paired.ts";
export { mcnemarExact } from "./stats/mcnemar.ts";
export { type Random, seededRandom } from "./stats/random.ts";
export * from "./tasks/factories.ts";
export {
  parsePrompt,
  parseTask,
  parseTasks,
  type ParseTasksOptions,
  serialiseTask,
} from "./tasks/parse.ts";
export { lintTasks, type TaskProblem } from "./tasks/lint.ts";
export type * from "./tasks/types.ts";
export * from "./trace/builders.ts";
export { compileTraceTask } from "./trace/compile.ts";
export { attributeOf, compileSpanFilter, type SpanPredicate, statusOf } from "./trace/filter.ts";
export type * from "./trace/types.ts";
