import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AssertionTask,
  assertionTask,
  buildPlan,
  EvalDataset,
  EvalResults,
  Evaluation,
  EvaluationError,
  type JsonValue,
  type Judge,
  llmJudgeTask,
  parseRecord,
  planAsMermaid,
  planAsText,
  prompt,
} from "../../../sdk/evaluate/mod.ts";

type TaskOptions = Parameters<typeof assertionTask>[0];
const task = (id: string, options: Partial<TaskOptions> = {}): AssertionTask =>
  assertionTask({ id, contextPath: "n", operator: "GreaterThan", expectedValue: 0, ...options });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof EvaluationError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

const evaluate = (
  tasks: readonly AssertionTask[],
  context: JsonValue,
  compatibility: "reference" | "strict" = "reference",
): Promise<EvalResults> =>
  new EvalDataset([parseRecord({ id: "r", context })], tasks).evaluate({ compatibility });

describe("plans", () => {
  it("tell unknown, duplicate and circular tasks apart, by name", () => {
    assert.match(codeOf(() => buildPlan([task("a"), task("A")])), /^DUPLICATE_TASK_ID.*"a"/);
    assert.match(
      codeOf(() => buildPlan([task("a", { dependsOn: ["ghost"] })])),
      /^UNKNOWN_DEPENDENCY.*"ghost"/,
    );
    const circle = [
      task("x", { dependsOn: ["a"] }),
      task("a", { dependsOn: ["c"] }),
      task("b", { dependsOn: ["a"] }),
      task("c", { dependsOn: ["b"] }),
    ];
    assert.match(codeOf(() => buildPlan(circle)), /^CIRCULAR_DEPENDENCY.*a → c → b → a/);
    assert.match(codeOf(() => new EvalDataset([], [])), /^EMPTY_TASK_LIST/);
  });

  it("print as text and as Mermaid", () => {
    const tasks = [task("gate", { condition: true }), task("leaf", { dependsOn: ["gate"] })];
    assert.equal(
      planAsText(tasks),
      "Stage 1\n  gate  [Assertion (gate)]\nStage 2\n  leaf  [Assertion]  ← gate\n",
    );
    assert.match(planAsMermaid(tasks), /t0 -->\|if passed\| t1/);
    assert.match(planAsMermaid([task('say "hi"')]), /say &quot;hi&quot;/);
  });
});

describe("three states", () => {
  it("keep what was measured beside what was not (strict)", async () => {
    const tasks = [task("good"), task("bad", { contextPath: "gone" })];
    const result = (await evaluate(tasks, { n: 1 }, "strict")).get("r");
    assert.equal(result?.success, false);
    assert.deepEqual(result?.evalSet.records.map((row) => row.task_id), ["good"]);
    assert.deepEqual(result?.unmeasured.map((t) => [t.task_id, t.reason]), [["bad", "error"]]);
    assert.equal(result?.evalSet.inner.pass_rate, 1);
    assert.equal(result?.evalSet.inner.unmeasured_tasks, 1);
  });

  it("lose the record's rows to one error in reference mode, but not its outcomes", async () => {
    const tasks = [task("good"), task("bad", { contextPath: "gone" })];
    const result = (await evaluate(tasks, { n: 1 })).get("r");
    assert.match(result?.errorMessage ?? "", /^Evaluation failed: .*'bad'/);
    assert.deepEqual(result?.evalSet.records, []);
    assert.deepEqual(result?.outcomes.map((o) => o.check?.status), ["passed", "unmeasured"]);
  });

  it("say gated for everything behind a failed gate", async () => {
    const tasks = [
      task("gate", { condition: true, expectedValue: 5 }),
      task("next", { dependsOn: ["gate"] }),
      task("far", { dependsOn: ["next"] }),
      task("free"),
    ];
    const result = (await evaluate(tasks, { n: 1 })).get("r");
    assert.deepEqual(result?.unmeasured.map((t) => `${t.task_id} ${t.reason}`), [
      "next gated",
      "far gated",
    ]);
    assert.equal(result?.evalSet.inner.total_tasks, 1);
    assert.equal(result?.success, true);
  });

  it("have no rate when nothing was measured, except in reference mode", async () => {
    const tasks = [
      task("gate", { condition: true, expectedValue: 5 }),
      task("next", { dependsOn: ["gate"] }),
    ];
    assert.equal((await evaluate(tasks, { n: 1 })).get("r")?.evalSet.inner.pass_rate, 0);
    const strict = await evaluate(tasks, { n: 1 }, "strict");
    assert.equal(strict.get("r")?.evalSet.inner.pass_rate, null);
    assert.equal(strict.summary().passRate, null);
  });

  it("do not measure what depends on an error", async () => {
    const tasks = [task("bad", { contextPath: "gone" }), task("next", { dependsOn: ["bad"] })];
    const result = (await evaluate(tasks, { n: 1 }, "strict")).get("r");
    assert.match(result?.unmeasured[1]?.message ?? "", /depends on 'bad'/);
  });

  it("survive being stored", async () => {
    const results = await evaluate(
      [task("a"), task("b", { contextPath: "gone" })],
      { n: 1 },
      "strict",
    );
    const again = EvalResults.fromJSON(JSON.stringify(results));
    assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(results)));
    assert.equal(again.get("r")?.unmeasured[0]?.reason, "error");
    assert.throws(() => EvalResults.fromJSON({}), /aligned_results/);
    assert.throws(() => EvalResults.fromJSON({ aligned_results: [{}] }), /record_uid/);
  });
});

describe("contexts", () => {
  it("give dependents the values of what they depend on, and nothing else", async () => {
    const tasks = [
      task("len", { contextPath: "text", operator: "HasLengthGreaterThan", expectedValue: 0 }),
      task("uses", {
        contextPath: "len",
        operator: "Equals",
        expectedValue: 5,
        dependsOn: ["len"],
      }),
      task("other", { contextPath: "len", dependsOn: [] }),
    ];
    const result = (await evaluate(tasks, { text: "hello" }, "strict")).get("r");
    assert.equal(result?.evalSet.records.find((row) => row.task_id === "uses")?.passed, true);
    assert.equal(result?.unmeasured[0]?.task_id, "other");
  });

  it("wrap a context that is no object", async () => {
    const tasks = [
      task("a", { contextPath: null }),
      task("b", { contextPath: "context", dependsOn: ["a"] }),
    ];
    const result = (await evaluate(tasks, 7)).get("r");
    assert.deepEqual(result?.evalSet.records.map((row) => row.actual), [7, 7]);
  });
});

describe("judges in the plan", () => {
  const answering = (value: JsonValue): Judge & { asked: number } => {
    const judge = {
      asked: 0,
      ask() {
        judge.asked++;
        const usage = { inputTokens: 1, outputTokens: 1, costUsd: null };
        return Promise.resolve({ value, usage, attempts: 1, cached: false });
      },
    };
    return judge;
  };
  const judgeTask = (options: Partial<Parameters<typeof llmJudgeTask>[0]> = {}) =>
    llmJudgeTask({
      id: "judge",
      prompt: prompt({ model: "m", provider: "openai", messages: "${text}" }),
      contextPath: "score",
      operator: "GreaterThanOrEqual",
      expectedValue: 4,
      ...options,
    });

  it("are not paid for when a gate before them fails", async () => {
    const judge = answering({ score: 5 });
    const gate = assertionTask({
      id: "gate",
      contextPath: "text",
      operator: "IsNotEmpty",
      condition: true,
    });
    const dataset = new EvalDataset(
      [
        parseRecord({ id: "empty", context: { text: "" } }),
        parseRecord({ id: "full", context: { text: "x" } }),
      ],
      [gate, judgeTask({ dependsOn: ["gate"] })],
    );
    const results = await dataset.evaluate({ judge });
    assert.equal(judge.asked, 1);
    assert.equal(results.get("empty")?.unmeasured[0]?.reason, "gated");
    assert.equal(results.get("full")?.evalSet.inner.passed_tasks, 1);
  });

  it("hand their whole answer to dependents", async () => {
    const dependent = assertionTask({
      id: "reason",
      contextPath: "judge.reason",
      operator: "IsString",
      dependsOn: ["judge"],
    });
    const dataset = new EvalDataset(
      [parseRecord({ id: "r", context: { text: "x" } })],
      [dependent, judgeTask()],
    );
    const results = await dataset.evaluate({ judge: answering({ score: 4, reason: "good" }) });
    assert.equal(results.get("r")?.evalSet.inner.passed_tasks, 2);
  });

  it("are errors of their own when nobody is there to ask, or a value is missing", async () => {
    const dataset = new EvalDataset([parseRecord({ id: "r", context: {} })], [judgeTask()]);
    assert.match((await dataset.evaluate()).get("r")?.errorMessage ?? "", /no judge is configured/);
    const judge = answering({});
    assert.match((await dataset.evaluate({ judge })).get("r")?.errorMessage ?? "", /\$\{text\}/);
    assert.equal(judge.asked, 0);
    assert.throws(() => new Evaluation([judgeTask()]).run({}), /runAsync/);
  });
});
