import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tableFromIPC, tableToIPC } from "apache-arrow";
import { recordsToArrow, resultsToArrow } from "../../../sdk/evaluate/arrow.ts";
import { assertionTask, EvalDataset, EvalResults, parseRecord } from "../../../sdk/evaluate/mod.ts";
import { EvalRecord } from "../../../sdk/records/mod.ts";

const tasks = [
  assertionTask({
    id: "long",
    contextPath: "answer",
    operator: "HasLengthGreaterThan",
    expectedValue: 3,
  }),
  assertionTask({ id: "paris", contextPath: "answer", operator: "Equals", expectedValue: "Paris" }),
];

describe("Arrow tables", () => {
  it("hold a row per task result and survive the IPC format", async () => {
    const records = [
      parseRecord({ id: "q1", context: { answer: "Paris" } }),
      parseRecord({ id: "q2", context: { answer: "Oslo" } }),
    ];
    const results = await new EvalDataset(records, tasks).evaluate();
    const table = tableFromIPC(tableToIPC(resultsToArrow(results)));
    const rows = table.toArray().map((row) => row?.toJSON());
    assert.deepEqual(
      rows.map((row) => [row?.record_id, row?.task_id, row?.task_passed, row?.task_expected]),
      [
        ["q1", "long", true, "3"],
        ["q1", "paris", true, '"Paris"'],
        ["q2", "long", true, "3"],
        ["q2", "paris", false, '"Paris"'],
      ],
    );
    assert.deepEqual(rows.map((row) => row?.workflow_pass_rate), [1, 1, 0.5, 0.5]);
    assert.equal(rows[0]?.context, '{"answer":"Paris"}');
    assert.equal(rows[0]?.workflow_error, null);
    const [created] = results.toColumns().created_at;
    assert.equal(Number(rows[0]?.created_at), Date.parse(created ?? ""));
    assert.equal(String(table.schema.fields[0]?.type), "Timestamp<MILLISECOND, UTC>");
  });

  it("have the same schema without rows", async () => {
    const results = await new EvalDataset([parseRecord({ context: { answer: "x" } })], tasks)
      .evaluate();
    const schemaOf = (made: EvalResults) => String(resultsToArrow(made).schema);
    assert.equal(resultsToArrow(new EvalResults([])).numRows, 0);
    assert.equal(schemaOf(new EvalResults([])), schemaOf(results));
    assert.equal(
      String(recordsToArrow([]).schema),
      String(recordsToArrow([new EvalRecord()]).schema),
    );
  });

  it("hold records with their tags and absent traces", () => {
    const table = tableFromIPC(tableToIPC(recordsToArrow([
      parseRecord({ id: "a", context: { n: 1 }, tags: ["k=v", "x=y"] }),
      new EvalRecord({ id: "b", traceId: "0af7651916cd43dd8448eb211c80319c" }),
    ])));
    const [a, b] = table.toArray().map((row) => row?.toJSON());
    assert.deepEqual([...a?.tags], ["k=v", "x=y"]);
    assert.deepEqual([...b?.tags], []);
    assert.equal(a?.context, '{"n":1}');
    assert.equal(a?.trace_id, null);
    assert.equal(b?.trace_id, "0af7651916cd43dd8448eb211c80319c");
    assert.equal(String(table.schema.fields[3]?.type), "Timestamp<MILLISECOND, UTC>");
  });
});
