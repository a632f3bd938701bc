import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assertionTask,
  EvalOrchestrator,
  EvalRunner,
  type EvalScenario,
  type EvalScenarios,
  parseRecord,
  scenario,
  ScenarioEvalResults,
  traceAssertion,
  traceAssertionTask,
} from "../../../sdk/evaluate/mod.ts";
import { FileScenarioCheckpoint } from "../../../sdk/evaluate/node.ts";

const contains = (id: string, text: string) =>
  assertionTask({ id, contextPath: "response", operator: "Contains", expectedValue: text });

const collection = (...scenarios: EvalScenario[]): EvalScenarios => ({
  collectionId: "c",
  scenarios,
});

describe("playing scenarios", () => {
  it("asks the query, then each turn, and judges the last answer", async () => {
    const heard: string[] = [];
    const results = await new EvalOrchestrator({
      scenarios: collection(
        scenario({
          id: "s",
          initialQuery: "one",
          predefinedTurns: ["two"],
          tasks: [contains("last", "two")],
        }),
      ),
      agentFn: (message) => {
        heard.push(message);
        return `you said ${message}`;
      },
    }).run();
    assert.deepEqual(heard, ["one", "two"]);
    assert.equal(results.metrics.passed_scenarios, 1);
  });

  it("lets a simulated user talk until the signal, and no longer than max_turns", async () => {
    const play = async (signalAt: number, maxTurns: number) => {
      let agentCalls = 0;
      let userCalls = 0;
      const seen: number[] = [];
      const results = await new EvalOrchestrator({
        scenarios: collection(scenario({
          id: "s",
          initialQuery: "hi",
          simulatedUserPersona: "an impatient customer",
          terminationSignal: "DONE",
          maxTurns,
          tasks: [assertionTask({
            id: "turns",
            contextPath: "history",
            operator: "HasLengthGreaterThan",
            expectedValue: 0,
          })],
        })),
        agentFn: () => `answer ${++agentCalls}`,
        simulatedUserFn: ({ history }) => {
          seen.push(history.length);
          return ++userCalls === signalAt ? "thanks, DONE" : "more";
        },
      }).run();
      return { agentCalls, seen, passed: results.metrics.passed_scenarios };
    };
    assert.deepEqual(await play(2, 10), { agentCalls: 2, seen: [0, 1], passed: 1 });
    assert.deepEqual(await play(99, 3), { agentCalls: 3, seen: [0, 1, 2], passed: 1 });
  });

  it("calls the hooks in order", async () => {
    const calls: string[] = [];
    class Hooked extends EvalOrchestrator {
      override onScenarioStart(s: EvalScenario) {
        calls.push(`start ${s.id}`);
      }
      override executeAgent() {
        calls.push("execute");
        return Promise.resolve("x");
      }
      override onScenarioComplete() {
        calls.push("complete");
      }
      override onEvaluationComplete(results: ScenarioEvalResults) {
        calls.push("evaluation_complete");
        return results;
      }
    }
    await new Hooked({ scenarios: collection(scenario({ id: "s", initialQuery: "q" })) }).run();
    assert.deepEqual(calls, ["start s", "execute", "complete", "evaluation_complete"]);
  });

  it("keeps a failing scenario from ending the others", async () => {
    const results = await new EvalOrchestrator({
      scenarios: collection(
        scenario({ id: "bad", initialQuery: "boom", tasks: [contains("t", "x")] }),
        scenario({ id: "good", initialQuery: "fine", tasks: [contains("t", "fine")] }),
      ),
      agentFn: (message) => {
        if (message === "boom") throw new Error("the agent broke");
        return message;
      },
    }).run();
    assert.equal(results.getScenarioDetail("bad")?.status, "unmeasured");
    assert.equal(results.getScenarioDetail("bad")?.error, "the agent broke");
    assert.equal(results.getScenarioDetail("good")?.status, "passed");
    assert.equal(results.metrics.unmeasured_scenarios, 1);
    assert.equal(results.metrics.scenario_pass_rate, 0.5);
  });

  it("names the function that is missing", async () => {
    const results = await new EvalOrchestrator({
      scenarios: collection(scenario({ id: "s", initialQuery: "q", tasks: [contains("t", "x")] })),
    }).run();
    assert.match(results.getScenarioDetail("s")?.error ?? "", /agentFn/);
  });

  it("keeps what scenarios catch apart, also when they are played at once", async () => {
    const ids = Array.from({ length: 6 }, (_, i) => `s${i}`);
    let running = 0;
    let most = 0;
    const results = await new EvalOrchestrator({
      concurrency: 3,
      scenarios: collection(...ids.map((id) => scenario({ id, initialQuery: id }))),
      profiles: { main: { tasks: [contains("mine", "s")] } },
      agentFn: async (message, scope) => {
        most = Math.max(most, ++running);
        scope.insert("main", parseRecord({ id: message, context: { response: message } }));
        await new Promise((resolve) => setTimeout(resolve, 5));
        scope.addSpans([{ span_name: message }]);
        running--;
        return message;
      },
    }).run();
    assert.equal(most, 3);
    const aligned = results.datasetResults.main?.alignedResults ?? [];
    assert.deepEqual(aligned.map((r) => [r.recordId, r.scenarioId]), ids.map((id) => [id, id]));
    for (const result of results.scenarioResults) {
      assert.deepEqual(result.traces.map((span) => span.span_name), [result.scenario_id]);
    }
  });

  it("goes on after a crash where it stopped", async () => {
    const folder = await mkdtemp(join(tmpdir(), "scenario-"));
    const checkpoint = new FileScenarioCheckpoint(join(folder, "run.jsonl"));
    const scenarios = collection(
      ...["a", "b"].map((id) => scenario({ id, initialQuery: id, tasks: [contains("t", id)] })),
    );
    try {
      const played: string[] = [];
      const first = await new EvalOrchestrator({
        scenarios,
        checkpoint,
        agentFn: (message, scope) => {
          played.push(message);
          if (message === "b") throw new Error("crash");
          scope.addSpans([{ span_name: "kept" }]);
          return message;
        },
      }).run();
      assert.equal(first.metrics.passed_scenarios, 1);
      const second = await new EvalOrchestrator({
        scenarios,
        checkpoint,
        agentFn: (message) => {
          played.push(message);
          return message;
        },
      }).run();
      assert.deepEqual(played, ["a", "b", "b"]);
      assert.equal(second.metrics.passed_scenarios, 2);
      assert.deepEqual(second.getScenarioDetail("a")?.traces, [{ span_name: "kept" }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("rates over scenarios", () => {
  it("are means of profiles and the scenarios' own rate", async () => {
    // Counts 3, 5, 2, 0, 1 of at least 1, each beside a check that always passes: 9 of 10.
    // Qualities 8, 9, 7, 4, 6 of at least 7: 3 of 5. All scenarios pass.
    const counts = [3, 5, 2, 0, 1];
    const qualities = [8, 9, 7, 4, 6];
    const least = (id: string, path: string, value: number) =>
      assertionTask({
        id,
        contextPath: path,
        operator: "GreaterThanOrEqual",
        expectedValue: value,
      });
    const runner = new EvalRunner({
      scenarios: collection(
        ...counts.map((_, i) =>
          scenario({ id: `s${i}`, initialQuery: "q", tasks: [contains("any", "ok")] })
        ),
      ),
      profiles: {
        retrieval: {
          tasks: [
            least("count", "count", 1),
            traceAssertionTask({
              id: "spans",
              assertion: traceAssertion.traceSpanCount(),
              operator: "GreaterThan",
              expectedValue: 0,
            }),
          ],
        },
        synthesis: { tasks: [least("quality", "quality", 7)] },
      },
    });
    counts.forEach((count, i) =>
      runner.collect(`s${i}`, {
        response: "ok",
        history: [],
        captured: {
          records: {
            retrieval: [parseRecord({ id: `c${i}`, context: { count } })],
            synthesis: [parseRecord({ id: `q${i}`, context: { quality: qualities[i] ?? 0 } })],
          },
          spans: [{ span_name: "call" }],
          droppedSpans: 0,
        },
      })
    );
    const { metrics } = await runner.evaluate();
    assert.deepEqual(metrics.dataset_pass_rates, { retrieval: 0.9, synthesis: 0.6 });
    assert.equal(metrics.workflow_pass_rate, 0.75);
    assert.equal(metrics.scenario_pass_rate, 1);
    assert.ok(Math.abs(metrics.overall_pass_rate - 2.5 / 3) < 1e-12);
  });

  it("refuse unknown aliases, unknown scenarios and double collection", () => {
    const runner = new EvalRunner({
      scenarios: collection(scenario({ id: "s", initialQuery: "q" })),
    });
    const played = {
      response: null,
      history: [],
      captured: { records: {}, spans: [], droppedSpans: 0 },
    };
    assert.throws(() => runner.collect("t", played), /no scenario "t"/);
    const foreign = { ...played, captured: { ...played.captured, records: { x: [] } } };
    assert.throws(() => runner.collect("s", foreign), /"x", which is no profile/);
    runner.collect("s", played);
    assert.throws(() => runner.collect("s", played), /already/);
  });

  it("make a record of a trace that names the profile and brought none", async () => {
    const uid = "0190a3c4-0000-7000-8000-000000000000";
    const trace_id = "a".repeat(32);
    const runner = new EvalRunner({
      scenarios: collection(scenario({ id: "s", initialQuery: "q" })),
      profiles: {
        main: {
          uid,
          tasks: [traceAssertionTask({
            id: "one",
            assertion: traceAssertion.traceSpanCount(),
            operator: "Equals",
            expectedValue: 1,
          })],
        },
      },
    });
    const attributes = [{ key: `scouter.entity.${uid}`, value: uid }];
    runner.collect("s", {
      response: null,
      history: [],
      captured: {
        records: {},
        spans: [{ span_name: "root", trace_id, attributes }],
        droppedSpans: 0,
      },
    });
    const { datasetResults } = await runner.evaluate();
    const [made] = datasetResults.main?.alignedResults ?? [];
    assert.equal(made?.recordId, `trace-dispatch:${uid}:${trace_id}`);
    assert.equal(made?.evalSet.inner.passed_tasks, 1);
  });
});

describe("comparing scenario runs", () => {
  const run = (answer: string) =>
    new EvalOrchestrator({
      scenarios: collection(
        scenario({ id: "s", initialQuery: "q", tasks: [contains("t", "good")] }),
      ),
      agentFn: () => answer,
    }).run();

  it("calls a scenario that stopped passing a regression, except in reference mode", async () => {
    const before = await run("good");
    const now = await run("bad");
    const reference = now.compareTo(before);
    assert.equal(reference.scenario_deltas[0]?.status_changed, true);
    assert.equal(reference.regressed, false);
    assert.equal(now.compareTo(before, { compatibility: "strict" }).regressed, true);
    assert.equal(before.compareTo(now, { compatibility: "strict" }).regressed, false);
  });

  it("works on stored runs", async () => {
    const before = await run("good");
    const again = ScenarioEvalResults.fromJSON(JSON.parse(JSON.stringify(before)));
    assert.deepEqual(again.metrics, before.metrics);
    assert.equal(
      (await run("good")).compareTo(again, { compatibility: "strict" }).regressed,
      false,
    );
  });
});
