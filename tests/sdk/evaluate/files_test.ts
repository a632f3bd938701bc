import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  agentAssertion,
  agentAssertionTask,
  assertionTask,
  attributeFilterTask,
  fileSchema,
  llmJudgeTask,
  parseRecords,
  parseScenarios,
  parseTask,
  parseTasks,
  parseText,
  prompt,
  serialiseTask,
  spanFilter,
  traceAssertion,
  traceAssertionTask,
} from "../../../sdk/evaluate/mod.ts";

const YAML = `
tasks:
  - task_type: Assertion
    id: Short
    context_path: text
    operator: HasLengthLessThan
    expected_value: 10
  - task_type: TraceAssertion
    id: calls
    assertion: {SpanCount: {filter: {And: {filters: [{ByName: {name: call}}, {WithStatus: {status: Ok}}]}}}}
    operator: Equals
    expected_value: 1
    depends_on: [Short]
`;

describe("task files", () => {
  it("are read from YAML and JSON, ids in lower case wherever they occur", () => {
    const tasks = parseTasks(parseText(YAML, "tasks.yaml"));
    assert.deepEqual(tasks.map((task) => task.id), ["short", "calls"]);
    assert.deepEqual(tasks[1]?.dependsOn, ["short"]);
  });

  it("may be lists by kind, as profiles keep them", () => {
    const [task] = parseTasks({
      assertion: [{ id: "a", operator: "IsNull", expected_value: null }],
      judge: [],
      trace: [],
      agent: [],
    });
    assert.equal(task?.taskType, "Assertion");
  });

  it("say which task and which field is wrong", () => {
    const wrong = (task: unknown): string => {
      try {
        parseTasks([{ task_type: "Assertion", id: "ok", operator: "IsNull" }, task], {
          source: "t.json",
        });
      } catch (error) {
        return error instanceof Error ? error.message : "";
      }
      return "accepted";
    };
    assert.match(
      wrong({ task_type: "Assertion", id: "x", operator: "equals" }),
      /t\.json\[1\]\.operator \(id "x"\)/,
    );
    assert.match(
      wrong({ task_type: "Nope", id: "x", operator: "Equals" }),
      /t\.json\[1\]\.task_type/,
    );
    assert.match(wrong({ task_type: "Assertion", operator: "Equals" }), /t\.json\[1\]\.id/);
    assert.match(wrong("text"), /t\.json\[1\]/);
    assert.throws(() => parseTasks({ no: 1 }), /expected a list of tasks/);
  });

  it("round-trip through their file form", () => {
    const inner = attributeFilterTask.agentAssertion(
      agentAssertionTask({
        id: "in",
        assertion: agentAssertion.toolCalled("f"),
        operator: "Equals",
        expectedValue: true,
      }),
    );
    const tasks = [
      assertionTask({ id: "a", contextPath: "x", operator: "InRange", expectedValue: [1, 2] }),
      traceAssertionTask({
        id: "t",
        assertion: traceAssertion.attributeFilter("gen_ai.response", inner, "All"),
        operator: "Equals",
        expectedValue: true,
      }),
      traceAssertionTask({
        id: "d",
        assertion: traceAssertion.spanAggregation(
          spanFilter.withDuration({ minMs: 5 }).or(spanFilter.sequence(["x"])),
          "k",
          "Sum",
        ),
        operator: "GreaterThan",
        expectedValue: 1,
      }),
      llmJudgeTask({
        id: "j",
        prompt: prompt({ model: "m", provider: "anthropic", messages: "${x}" }),
        operator: "IsString",
        repeat: 3,
      }),
    ];
    for (const task of tasks) {
      const again = parseTask(JSON.parse(JSON.stringify(serialiseTask(task))));
      if (task.taskType === "LLMJudge" && again.taskType === "LLMJudge") {
        assert.equal(again.repeat, 3);
        assert.equal(again.prompt.provider, "anthropic");
      } else assert.deepEqual(again, task);
    }
  });

  it("flatten combined filters of the same kind", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => spanFilter.byName(name));
    assert.ok(a && b && c);
    assert.deepEqual(a.and(b).and(c).spec, { And: { filters: [a.spec, b.spec, c.spec] } });
    assert.deepEqual(a.and(b).or(c).spec, { Or: { filters: [a.and(b).spec, c.spec] } });
  });
});

describe("other files", () => {
  it("name file and line of a broken JSON line", () => {
    assert.throws(() => parseText('{"a":1}\n\n{oops\n', "d.jsonl"), /d\.jsonl:3/);
    assert.throws(() => parseText("x", "d.txt"), /\.json, \.jsonl, \.yaml/);
  });

  it("give records with names, numbers as names too", () => {
    const records = parseRecords({ records: [{ id: 7, context: 1 }, { context: {} }] });
    assert.deepEqual(records.map((record) => record.recordId), ["7", ""]);
    assert.throws(() => parseRecords([{}], "d.json"), /d\.json\[0\].*"context"/);
  });

  it("give scenarios, from lists and collections, each id once", () => {
    const { scenarios, collectionId } = parseScenarios({
      collection_id: "mine",
      scenarios: [{
        id: "s",
        initial_query: "q",
        simulated_user_persona: "p",
        tasks: { tasks: [{ task_type: "Assertion", id: "A", operator: "IsNull" }] },
      }],
    });
    assert.equal(collectionId, "mine");
    assert.equal(scenarios[0]?.mode, "interactive");
    assert.equal(scenarios[0]?.tasks[0]?.id, "a");
    const twice = [{ id: "s", initial_query: "q" }, { id: "s", initial_query: "q" }];
    assert.throws(() => parseScenarios(twice), /two scenarios are called "s"/);
    assert.throws(() => parseScenarios([{ id: "s" }]), /initial_query/);
  });

  it("have JSON Schemas that know operators and kinds of tasks", () => {
    for (const name of ["tasks", "scenarios", "prompt"] as const) {
      const schema = fileSchema(name);
      assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
    }
    const text = JSON.stringify(fileSchema("tasks"));
    for (const word of ["HasLengthGreaterThanOrEqual", "SpanAggregation", "LLMJudge"]) {
      assert.ok(text.includes(word), word);
    }
  });
});
