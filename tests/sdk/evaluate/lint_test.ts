import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  agentAssertion,
  agentAssertionTask,
  assertionTask,
  Evaluation,
  EvaluationError,
  type EvaluationTask,
  lintTasks,
  spanFilter,
  traceAssertion,
  traceAssertionTask,
} from "../../../sdk/evaluate/mod.ts";

const messages = (task: EvaluationTask): readonly string[] =>
  lintTasks([task]).map((problem) => problem.message);

describe("tasks that cannot work", () => {
  it("ask an operator about what it cannot look at", () => {
    const task = traceAssertionTask({
      id: "order",
      assertion: traceAssertion.spanSequence(["a"]),
      operator: "SequenceMatches",
      expectedValue: ["a"],
    });
    assert.match(messages(task)[0] ?? "", /SpanSequence gives true or false.*use Equals with true/);
    assert.throws(
      () => new Evaluation([task], { compatibility: "strict" }),
      (error) => error instanceof EvaluationError && error.code === "OPERATOR_MISMATCH",
    );
    assert.doesNotThrow(() => new Evaluation([task]));
  });

  it("expect what never comes", () => {
    const task = agentAssertionTask({
      id: "t",
      assertion: agentAssertion.toolCalled("f"),
      operator: "Equals",
      expectedValue: "yes",
    });
    assert.match(messages(task)[0] ?? "", /never equals "yes"/);
  });

  it("give an operator the wrong kind of expectation", () => {
    const of = (operator: "GreaterThan" | "InRange" | "Matches" | "ContainsAll", value: unknown) =>
      messages(assertionTask({ id: "t", operator, expectedValue: value }));
    assert.match(of("GreaterThan", "4")[0] ?? "", /needs a number/);
    assert.match(of("InRange", [1])[0] ?? "", /two numbers/);
    assert.match(of("Matches", "(?=a)")[0] ?? "", /RE2/);
    assert.match(of("ContainsAll", "a")[0] ?? "", /needs an array/);
    assert.deepEqual(of("GreaterThan", "${limit}"), []);
  });

  it("use paths of which parts are skipped, or filters where they do not belong", () => {
    const task = assertionTask({ id: "t", contextPath: "items.0.a-b", operator: "IsNull" });
    assert.match(messages(task)[0] ?? "", /read as items → a → b/);
    const sequence = traceAssertionTask({
      id: "t",
      assertion: traceAssertion.spanExists(spanFilter.sequence(["a"])),
      operator: "Equals",
      expectedValue: true,
    });
    assert.match(messages(sequence)[0] ?? "", /Sequence/);
  });

  it("are none of the tasks that do", () => {
    const good = [
      assertionTask({ id: "a", contextPath: "x.y[0]", operator: "Equals", expectedValue: null }),
      traceAssertionTask({
        id: "b",
        assertion: traceAssertion.spanDuration(spanFilter.byName("x")),
        operator: "LessThan",
        expectedValue: 100,
      }),
      agentAssertionTask({
        id: "c",
        assertion: agentAssertion.responseContent(),
        operator: "Contains",
        expectedValue: "x",
      }),
      agentAssertionTask({
        id: "d",
        assertion: agentAssertion.responseTotalTokens(),
        operator: "Equals",
        expectedValue: "60",
      }),
    ];
    assert.deepEqual(lintTasks(good), []);
  });
});
