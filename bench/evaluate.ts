/**
 * Offline evaluation: `deno task bench:evaluate [--records 100000] [--python PATH]`. Simple operators over many
 * records, and trace assertions over one long trace. Beside ours, in the same run, the reference's wheel
 * (`scouter-ml`) where the Python given has it: CPU seconds and the ratio.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  assertionTask,
  compileTraceTask,
  EvalDataset,
  type EvalSpan,
  type EvalSubject,
  spanFilter,
  traceAssertion,
  traceAssertionTask,
} from "../sdk/evaluate/mod.ts";
import { memoryPeak } from "./lib/memory_peak.ts";
import type { Figures } from "./lib/results.ts";
import { round3 } from "./lib/stats.ts";

/** Ten tasks with the operators that people use most. */
const TASKS = [
  assertionTask({
    id: "a",
    contextPath: "score",
    operator: "GreaterThanOrEqual",
    expectedValue: 3,
  }),
  assertionTask({ id: "b", contextPath: "text", operator: "Contains", expectedValue: "answer" }),
  assertionTask({ id: "c", contextPath: "tags", operator: "HasLengthEqual", expectedValue: 2 }),
  assertionTask({ id: "d", contextPath: "meta.lang", operator: "Equals", expectedValue: "en" }),
  assertionTask({ id: "e", contextPath: "meta.deep.n", operator: "IsNumeric" }),
  assertionTask({ id: "f", contextPath: "text", operator: "StartsWith", expectedValue: "the" }),
  assertionTask({ id: "g", contextPath: "score", operator: "InRange", expectedValue: [0, 6] }),
  assertionTask({ id: "h", contextPath: "tags", operator: "ContainsAll", expectedValue: ["a"] }),
  assertionTask({ id: "i", contextPath: "text", operator: "IsNotEmpty" }),
  assertionTask({ id: "j", contextPath: "meta.deep.n", operator: "LessThan", expectedValue: 50 }),
];

function makeRecords(count: number): EvalSubject[] {
  return Array.from({ length: count }, (_, i) => ({
    uid: `u${i}`,
    recordId: `r${i}`,
    sessionId: "s",
    createdAt: new Date(0),
    traceId: null,
    tags: [],
    context: {
      score: i % 7,
      text: `the answer to question ${i}`,
      tags: ["a", "b"],
      meta: { lang: i % 2 === 0 ? "de" : "en", deep: { n: i % 100 } },
    },
  }));
}

function makeTrace(spans: number): EvalSpan[] {
  return Array.from({ length: spans }, (_, i) => ({
    span_name: i % 3 === 0 ? "call_tool" : "run_agent",
    span_order: i,
    depth: i === 0 ? 0 : 1 + i % 5,
    status_code: i % 100 === 0 ? 2 : 1,
    duration_ms: i % 250,
    service_name: `service-${i % 4}`,
    attributes: [
      { key: "model", value: "gpt-4o" },
      { key: "tokens.output", value: i % 500 },
    ],
  }));
}

async function cpuSeconds(work: () => unknown | Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1e6;
}

/** CPU time of assertions over records and of trace assertions over one trace of 10,000 spans. */
export async function benchEvaluate(count: number): Promise<Figures> {
  const heapBefore = process.memoryUsage().heapUsed;
  const records = makeRecords(count);
  const recordBytes = process.memoryUsage().heapUsed - heapBefore;
  const dataset = new EvalDataset(records, TASKS);
  await new EvalDataset(records.slice(0, 5000), TASKS).evaluate();
  // The first round is the one that has to grow the heap.
  const memory = memoryPeak(recordBytes);
  const rounds: number[] = [];
  let peak: number | undefined;
  for (let round = 0; round < 3; round++) {
    rounds.push(await cpuSeconds(() => dataset.evaluate()));
    if (round === 0) peak = memory();
  }
  const best = Math.min(...rounds);
  const worst = Math.max(...rounds);
  const results = await dataset.evaluate();
  const rows = await cpuSeconds(() => {
    for (const result of results.alignedResults) void result.evalSet;
  });
  const trace = makeTrace(10_000);
  const calls = spanFilter.byName("call_tool");
  const assertions = [
    traceAssertion.spanCount(spanFilter.sequence(["call_tool", "run_agent"])),
    traceAssertion.spanCount(spanFilter.byNamePattern("^call_").and(spanFilter.withStatus("Ok"))),
    traceAssertion.spanAggregation(calls, "tokens.output", "Sum"),
    traceAssertion.traceErrorCount(),
    traceAssertion.traceServiceCount(),
    traceAssertion.traceMaxDepth(),
  ].map((assertion, i) =>
    compileTraceTask(
      traceAssertionTask({ id: `t${i}`, assertion, operator: "IsNumeric", expectedValue: null }),
    )
  );
  for (const check of assertions) check(trace, {});
  const traceSeconds = await cpuSeconds(() => {
    for (const check of assertions) check(trace, {});
  });
  return {
    record_task_evaluations: count * TASKS.length,
    evaluations_per_cpu_second: Math.round(count * TASKS.length / best),
    evaluations_per_cpu_second_worst_round: Math.round(count * TASKS.length / worst),
    evaluation_cpu_us: round3(best * 1e6 / (count * TASKS.length)),
    row_writing_cpu_us: round3(rows * 1e6 / (count * TASKS.length)),
    trace_10000_spans_6_assertions_cpu_ms: round3(traceSeconds * 1000),
    // Results of every task on every record are held, beside the records' own heap.
    ...(peak !== undefined && recordBytes > 0 && { peak_memory_over_input: round3(peak) }),
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      records: { type: "string", default: "100000" },
      python: { type: "string" },
    },
  });
  const count = Number(values.records);
  const figures = await benchEvaluate(count);
  for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`);
  if (values.python !== undefined) {
    const script = fileURLToPath(new URL("./evaluate_peers.py", import.meta.url));
    // The reference is slower by an order of magnitude: a tenth of the records tells enough.
    const peer = spawnSync(values.python, [script, String(count / 10)], { encoding: "utf8" });
    if (peer.status !== 0) {
      console.error(peer.stderr);
      process.exitCode = 1;
    } else {
      const theirs = JSON.parse(peer.stdout) as { evaluations_per_cpu_second: number };
      const ours = Number(figures.evaluations_per_cpu_second);
      console.log(`reference_evaluations_per_cpu_second: ${theirs.evaluations_per_cpu_second}`);
      console.log(`ratio: ${round3(ours / theirs.evaluations_per_cpu_second)}`);
    }
  }
}
