/**
 * Suites for evaluation. They run in reference mode: the vectors are what the reference answered.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  compileAgentAssertion,
  compileAssertion,
  compileTraceTask,
  EvalDataset,
  type EvalResults,
  type EvalSpan,
  type EvaluationError,
  type JsonValue,
  parseRecord,
  parseTask,
  parseTasks,
  type TaskCheck,
} from "../../../sdk/evaluate/mod.ts";
import { assertClose } from "../compare.ts";
import type { VectorFile, VectorReport, VectorSuite } from "../report.ts";

type Case = Readonly<Record<string, unknown>>;

interface Expected {
  readonly passed?: boolean;
  readonly actual?: JsonValue;
  readonly expected?: JsonValue;
  readonly error?: string;
}

function compareCheck(check: TaskCheck, expected: Expected): void {
  if (expected.error !== undefined) {
    assert.equal(check.reason, "error", `answered: ${check.message}`);
    return;
  }
  assert.notEqual(check.status, "unmeasured", check.message);
  assert.equal(check.passed, expected.passed);
  assert.deepEqual(check.actual, expected.actual);
  if ("expected" in expected) assert.deepEqual(check.expected, expected.expected);
  assert.notEqual(check.message, "");
}

const operators: VectorSuite = async (file, report) => {
  for (const [index, vector] of file.cases.entries()) {
    const task = parseTask(vector.task);
    assert.equal(task.taskType, "Assertion");
    if (task.taskType !== "Assertion") continue;
    await report.check(`${index} ${task.operator}`, () => {
      const check = compileAssertion(task).evaluate(vector.context as JsonValue);
      compareCheck(check, vector.expected as Expected);
    });
  }
};

const traces: VectorSuite = async (file, report) => {
  const spans = file.document.traces as Record<string, readonly EvalSpan[]>;
  for (const [index, vector] of file.cases.entries()) {
    await report.check(`${index} ${vector.trace}`, () => {
      const task = parseTask(vector.task);
      assert.ok(task.taskType === "TraceAssertion");
      const check = compileTraceTask(task)(spans[String(vector.trace)] ?? [], {});
      compareCheck(check, vector.expected as Expected);
    });
  }
};

/** A vendor's response that the reference's parser refuses because of a detail. */
function refusedByStrictness(response: unknown, expected: Expected): boolean {
  if (!expected.error?.includes("Failed to parse provider response")) return false;
  if (typeof response !== "object" || response === null) return false;
  return ["choices", "candidates", "content", "output", "messages", "response"].some((key) =>
    key in response
  );
}

const agents: VectorSuite = async (file, report) => {
  const responses = file.document.responses as Record<string, JsonValue>;
  for (const [index, vector] of file.cases.entries()) {
    const response = responses[String(vector.response)] ?? null;
    const expected = vector.expected as Expected;
    const name = refusedByStrictness(response, expected)
      ? "a known vendor's response with details that the reference refuses"
      : `${index} ${vector.response}`;
    await report.check(name, () => {
      const task = parseTask(vector.task);
      assert.ok(task.taskType === "AgentAssertion");
      compareCheck(compileAgentAssertion(task)(response), expected);
    });
  }
};

/** Evaluates; tasks that cannot be planned are an error of every record in the reference. */
async function evaluate(
  vector: Case,
  records: unknown,
): Promise<EvalResults | EvaluationError> {
  const subjects = (records as readonly unknown[]).map((record) => parseRecord(record));
  try {
    return await new EvalDataset(subjects, parseTasks(vector.tasks)).evaluate();
  } catch (error) {
    return error as EvaluationError;
  }
}

interface ExpectedRecord {
  readonly success: boolean;
  readonly error: boolean;
  readonly stages: readonly (readonly string[])[];
  readonly nodes: Readonly<Record<string, { parents: string[]; children: string[] }>>;
  readonly tasks: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;
  readonly [count: string]: unknown;
}

const workflows: VectorSuite = async (file, report) => {
  for (const [index, vector] of file.cases.entries()) {
    const results = await evaluate(vector, vector.records);
    const expected = vector.expected as Readonly<Record<string, ExpectedRecord>>;
    for (const [id, record] of Object.entries(expected)) {
      await report.check(`${index} ${id}`, () => compareRecord(results, id, record));
    }
  }
};

function compareRecord(
  results: EvalResults | EvaluationError,
  id: string,
  expected: ExpectedRecord,
): void {
  if (results instanceof Error) {
    assert.ok(expected.error, results.message);
    return;
  }
  const result = results.get(id);
  assert.ok(result !== undefined, `no result for ${id}`);
  assert.equal(result.success, expected.success);
  assert.equal(result.errorMessage !== null, expected.error);
  const { records, inner } = result.evalSet;
  for (const count of ["total_tasks", "passed_tasks", "failed_tasks", "pass_rate"] as const) {
    assert.equal(inner[count], expected[count], count);
  }
  if (expected.error) {
    assert.equal(records.length, 0);
    return;
  }
  const { stages, nodes } = inner.execution_plan;
  assert.deepEqual(stages.map((stage) => [...stage].sort()), expected.stages);
  for (const [task, node] of Object.entries(expected.nodes)) {
    const ours = nodes[task];
    assert.ok(ours !== undefined, `no node ${task}`);
    const sorted = (list: readonly string[]) => [...list].sort();
    assert.deepEqual(
      { ...ours, parents: sorted(ours.parents), children: sorted(ours.children) },
      { id: task, ...node, parents: sorted(node.parents), children: sorted(node.children) },
    );
  }
  assert.deepEqual(records.map((row) => row.task_id).sort(), Object.keys(expected.tasks).sort());
  for (const row of records) {
    const want = expected.tasks[row.task_id] ?? {};
    for (const [key, value] of Object.entries(want)) {
      assert.deepEqual(row[key as keyof typeof row], value, `${row.task_id}.${key}`);
    }
  }
}

const comparisons: VectorSuite = async (file: VectorFile, report: VectorReport) => {
  for (const [index, vector] of file.cases.entries()) {
    await report.check(`${index}`, async () => {
      const baseline = await evaluate(vector, vector.baseline);
      const comparison = await evaluate(vector, vector.comparison);
      assert.ok(!(baseline instanceof Error) && !(comparison instanceof Error));
      const threshold = Number(vector.threshold ?? 0.05);
      const { data } = comparison.compareTo(baseline, { regressionThreshold: threshold });
      const expected = vector.expected as Readonly<Record<string, unknown>>;
      for (const [key, value] of Object.entries(expected)) {
        let ours: unknown = data[key as keyof typeof data];
        if (key === "workflow_comparisons") {
          ours = data.workflow_comparisons.toSorted((a, b) =>
            a.baseline_id < b.baseline_id ? -1 : 1
          );
        }
        assertClose(ours, value, 1e-12, key);
      }
    });
  }
};

/** Suites by file name. */
export const EVALUATION_SUITES: Readonly<Record<string, VectorSuite>> = {
  "evaluation_operators.json": operators,
  "evaluation_workflow.json": workflows,
  "evaluation_comparison.json": comparisons,
  "trace_assertions.json": traces,
  "agent_assertions.json": agents,
};
