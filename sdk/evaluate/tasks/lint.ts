/**
 * What can be known to be wrong with a task before any record is seen.
 *
 * @module
 */

import type { AgentAssertionSpec } from "../agent/types.ts";
import { isJsonArray, type JsonValue } from "../json.ts";
import { type JsonKind, kindOf, OPERATOR_TABLE } from "../operators/table.ts";
import { compilePath } from "../path.ts";
import { compilePattern } from "../regex.ts";
import { compileTraceAssertion } from "../trace/extract.ts";
import type { TraceAssertionSpec } from "../trace/types.ts";
import type { EvaluationTask } from "./types.ts";

/** Something wrong with a task. */
export interface TaskProblem {
  /** The task. */
  readonly taskId: string;
  /** What is wrong, and the way out. */
  readonly message: string;
}

/**
 * Finds tasks that can never pass, can never be answered, or do not mean what they seem to.
 *
 * @param tasks the tasks
 * @returns problems; an evaluation with strict rules refuses tasks that have any
 * @example
 * ```ts
 * import { traceAssertion } from "../trace/builders.ts";
 * import { traceAssertionTask } from "./factories.ts";
 * import { lintTasks } from "./lint.ts";
 *
 * lintTasks([traceAssertionTask({
 *   id: "order",
 *   assertion: traceAssertion.spanSequence(["a", "b"]),
 *   operator: "SequenceMatches",
 *   expectedValue: ["a", "b"],
 * })])[0]?.message; // SpanSequence gives true or false …
 * ```
 */
export function lintTasks(tasks: readonly EvaluationTask[]): readonly TaskProblem[] {
  return tasks.flatMap((task) =>
    [...pathProblems(task), ...expectationProblems(task), ...kindProblems(task)]
      .map((message) => ({ taskId: task.id, message }))
  );
}

function* pathProblems(task: EvaluationTask): Iterable<string> {
  const paths: (readonly [string, string | null])[] = [];
  if ("contextPath" in task) paths.push(["context_path", task.contextPath]);
  if (task.taskType === "Assertion") paths.push(["item_context_path", task.itemContextPath]);
  for (const [name, text] of paths) {
    if (text === null) continue;
    const broken = failure(() => compilePath(text));
    if (broken !== undefined) yield `${name}: ${broken}`;
    else if (failure(() => compilePath(text, "strict")) !== undefined) {
      const { segments } = compilePath(text);
      yield `${name} "${text}" is read as ${segments.join(" → ")}: parts of it are skipped; ` +
        'strict rules read quoted keys such as ["a-b"]';
    }
  }
}

const WANTED = {
  number: "a number",
  string: "a string",
  array: "an array",
  numberPair: "two numbers, [a, b]",
} as const;

function* expectationProblems(task: EvaluationTask): Iterable<string> {
  const { operator, expectedValue } = task;
  const { expects } = OPERATOR_TABLE[operator];
  if (isTemplate(expectedValue) || expects === "any") return;
  if (expects === "pattern") {
    if (typeof expectedValue !== "string") yield `${operator} needs a pattern as expected_value`;
    else {
      const broken = failure(() => compilePattern(expectedValue));
      if (broken !== undefined) yield broken;
    }
  } else if (expects === "numberPair") {
    const pair = isJsonArray(expectedValue) && expectedValue.length === 2 &&
      expectedValue.every((item) => typeof item === "number");
    if (!pair) yield `${operator} needs ${WANTED[expects]} as expected_value`;
  } else if (kindOf(expectedValue) !== expects) {
    yield `${operator} needs ${WANTED[expects]} as expected_value, ` +
      `not ${JSON.stringify(expectedValue)}`;
  }
}

function* kindProblems(task: EvaluationTask): Iterable<string> {
  const { operator, expectedValue } = task;
  let kinds: readonly JsonKind[] | undefined;
  let name = "";
  if (task.taskType === "TraceAssertion") {
    const { assertion } = task;
    name = Object.keys(assertion)[0] ?? "";
    kinds = traceKinds(assertion);
    const broken = failure(() => compileTraceAssertion(assertion));
    if (broken !== undefined) yield broken;
  } else if (task.taskType === "AgentAssertion") {
    name = Object.keys(task.assertion)[0] ?? "";
    kinds = agentKinds(task.assertion);
  }
  if (kinds === undefined) return;
  const { accepts } = OPERATOR_TABLE[operator];
  const given = kinds.map((kind) => kind === "boolean" ? "true or false" : `a ${kind}`).join(
    " or ",
  );
  if (!kinds.some((kind) => accepts.includes(kind))) {
    yield `${name} gives ${given}, which ${operator} cannot look at` +
      (kinds[0] === "boolean" ? "; use Equals with true" : "");
  } else if (
    operator === "Equals" && !isTemplate(expectedValue) && !comparable(kinds, expectedValue)
  ) {
    yield `${name} gives ${given}, which never equals ${JSON.stringify(expectedValue)}`;
  }
}

/** Equals also compares numbers with texts that say one. */
function comparable(kinds: readonly JsonKind[], expected: JsonValue): boolean {
  const kind = kindOf(expected);
  if (kinds.includes(kind)) return true;
  return (kind === "string" && kinds.includes("number") && Number.isFinite(Number(expected))) ||
    (kind === "number" && kinds.includes("string"));
}

function isTemplate(value: JsonValue): boolean {
  return JSON.stringify(value).includes("${");
}

/** Kinds of values that an assertion gives; `undefined` when it can be any. */
function traceKinds(spec: TraceAssertionSpec): readonly JsonKind[] | undefined {
  if (
    "SpanSequence" in spec || "SpanSet" in spec || "SpanExists" in spec || "AttributeFilter" in spec
  ) return ["boolean"];
  if ("SpanAttribute" in spec || "TraceAttribute" in spec) return undefined;
  if ("SpanDuration" in spec) return ["number", "array"];
  if ("SpanAggregation" in spec && spec.SpanAggregation.aggregation !== "Count") {
    return ["number", "null"];
  }
  return ["number"];
}

function agentKinds(spec: AgentAssertionSpec): readonly JsonKind[] | undefined {
  if (
    "ToolCalled" in spec || "ToolNotCalled" in spec || "ToolCalledWithArgs" in spec ||
    "ToolCallSequence" in spec
  ) return ["boolean"];
  if ("ToolCallCount" in spec) return ["number"];
  if ("ToolArgument" in spec || "ToolResult" in spec || "ResponseField" in spec) return undefined;
  if (
    "ResponseContent" in spec || "ResponseModel" in spec || "ResponseFinishReason" in spec
  ) return ["string", "null"];
  return ["number", "null"];
}

function failure(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
