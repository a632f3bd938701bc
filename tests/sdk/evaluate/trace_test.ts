import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  assertionTask,
  attributeFilterTask,
  type Compatibility,
  compileTraceTask,
  EvalDataset,
  type EvalSpan,
  type JsonValue,
  parseRecord,
  spanFilter,
  type TaskCheck,
  traceAssertion,
  type TraceAssertionSpec,
  traceAssertionTask,
} from "../../../sdk/evaluate/mod.ts";

const span = (span_name: string, span_order: number, more: Partial<EvalSpan> = {}): EvalSpan => ({
  span_name,
  span_order,
  depth: span_order === 0 ? 0 : 1,
  status_code: 1,
  duration_ms: 10,
  ...more,
});

const TRACE: readonly EvalSpan[] = [
  span("start", 0, {
    start_time: "2026-01-01T00:00:00.000900Z",
    end_time: "2026-01-01T00:00:01.000000Z",
    attributes: [{ key: "user", value: "ada" }],
  }),
  span("call", 1, {
    start_time: "2026-01-01T00:00:00.500000Z",
    end_time: "2026-01-01T00:00:02.500800Z",
    attributes: [{ key: "n", value: 3 }, { key: "out", value: '{"ok":true}' }],
  }),
  span("call", 2, { attributes: [{ key: "n", value: "7" }] }),
  span("call", 3, { status_code: 2, duration_ms: 500 }),
];

function value(
  assertion: TraceAssertionSpec,
  spans: readonly EvalSpan[] = TRACE,
  compatibility: Compatibility = "reference",
): JsonValue | string {
  const task = traceAssertionTask({ id: "t", assertion, operator: "IsNull" });
  const check = compileTraceTask(task, compatibility)(spans, {});
  return check.reason === "error" ? `error: ${check.message}` : check.actual;
}

describe("trace assertions", () => {
  const calls = spanFilter.byName("call");

  it("look at spans in the order of the walk, whatever order they come in", () => {
    const names = ["start", "call", "call", "call"];
    assert.equal(value(traceAssertion.spanSequence(names), TRACE.toReversed()), true);
    assert.equal(value(traceAssertion.spanSequence(names.slice(1))), false);
  });

  it("count overlapping windows of adjacent names", () => {
    assert.equal(value(traceAssertion.spanCount(spanFilter.sequence(["call", "call"]))), 2);
    assert.equal(value(traceAssertion.spanCount(spanFilter.sequence([]))), 0);
  });

  it("measure the trace to the microsecond before cutting to milliseconds", () => {
    // 2.5008 s − 0.0009 s = 2.4999 s.
    assert.equal(value(traceAssertion.traceDuration()), 2499);
  });

  it("aggregate numbers only", () => {
    assert.equal(value(traceAssertion.spanAggregation(calls, "n", "Count")), 2);
    assert.equal(value(traceAssertion.spanAggregation(calls, "n", "Sum")), 3);
    assert.equal(value(traceAssertion.spanAggregation(calls, "gone", "Sum")), null);
  });

  it("give an empty list for an attribute that no matching span has, null under strict rules", () => {
    const assertion = traceAssertion.spanAttribute(calls, "gone");
    assert.deepEqual(value(assertion), []);
    assert.equal(value(assertion, TRACE, "strict"), null);
    assert.equal(value(traceAssertion.spanAttribute(spanFilter.byName("x"), "n")), null);
  });

  it("parse attributes that hold JSON before asking about them", () => {
    const ok = attributeFilterTask.assertion(
      assertionTask({ id: "i", contextPath: "ok", operator: "Equals", expectedValue: true }),
    );
    assert.equal(value(traceAssertion.attributeFilter("out", ok, "All")), true);
    assert.equal(value(traceAssertion.attributeFilter("gone", ok, "All")), false);
    assert.match(String(value(traceAssertion.attributeFilter("n", ok))), /^error: .*"call"/);
  });

  it("need a root for attributes of the trace", () => {
    assert.equal(value(traceAssertion.traceAttribute("user")), "ada");
    assert.match(String(value(traceAssertion.traceAttribute("gone"))), /no attribute "gone"/);
    assert.match(String(value(traceAssertion.traceAttribute("user"), [])), /no root span/);
  });

  it("fail without spans in reference mode, and are not measured under strict rules", async () => {
    const task = traceAssertionTask({
      id: "t",
      assertion: traceAssertion.traceErrorCount(),
      operator: "Equals",
      expectedValue: 0,
    });
    const dataset = new EvalDataset([parseRecord({ id: "r", context: {} })], [task]);
    const reference = (await dataset.evaluate()).get("r");
    assert.equal(reference?.evalSet.inner.failed_tasks, 1);
    const strict = (await dataset.evaluate({ compatibility: "strict" })).get("r");
    assert.equal(strict?.unmeasured[0]?.reason, "empty");
    const withSpans = await dataset.evaluate({ spans: () => TRACE.slice(0, 2) });
    assert.equal(withSpans.get("r")?.evalSet.inner.passed_tasks, 1);
  });

  it("take expectations from the record", () => {
    const task = traceAssertionTask({
      id: "t",
      assertion: traceAssertion.traceSpanCount(),
      operator: "LessThanOrEqual",
      expectedValue: "${limits.spans}",
    });
    const check: TaskCheck = compileTraceTask(task)(TRACE, { limits: { spans: 4 } });
    assert.equal(check.passed, true);
  });
});
