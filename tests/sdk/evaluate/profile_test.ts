import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  agentAlertConfig,
  AgentEvalConfig,
  AlertCondition,
  slack,
} from "../../../sdk/drift/mod.ts";
import {
  agentAssertion,
  agentAssertionTask,
  AgentEvalProfile,
  assertionTask,
  llmJudgeTask,
  prompt,
  SCORE_SCHEMA,
  traceAssertion,
  traceAssertionTask,
} from "../../../sdk/evaluate/mod.ts";

const gate = assertionTask({
  id: "Some",
  contextPath: "answer",
  operator: "IsNotEmpty",
  condition: true,
});
const judge = (id: string, dependsOn: string[]) =>
  llmJudgeTask({
    id,
    prompt: prompt({
      model: "m",
      provider: "openai",
      messages: "Rate ${answer}",
      systemInstructions: "Be fair",
      responseSchema: SCORE_SCHEMA,
    }),
    contextPath: "score",
    operator: "GreaterThanOrEqual",
    expectedValue: 4,
    dependsOn,
  });
const all = [
  judge("style", ["helpful"]),
  agentAssertionTask({
    id: "searched",
    assertion: agentAssertion.toolCalled("search"),
    operator: "Equals",
    expectedValue: true,
    contextPath: "response",
  }),
  traceAssertionTask({
    id: "quick",
    assertion: traceAssertion.traceDuration(),
    operator: "LessThan",
    expectedValue: 900,
  }),
  gate,
  judge("helpful", ["some"]),
];
const config = () =>
  new AgentEvalConfig({
    space: "support",
    name: "triage",
    version: "1.2.0",
    uid: "0190-x",
    sampleRatio: 0.25,
    alertConfig: agentAlertConfig({
      dispatchConfig: slack("#agents"),
      alertCondition: new AlertCondition({
        baselineValue: 0.9,
        alertThreshold: "Below",
        delta: 0.05,
      }),
    }),
  });

describe("agent evaluation profiles", () => {
  it("have the wire form of profile files", () => {
    const profile = new AgentEvalProfile([gate], { config: config(), scouterVersion: "9" });
    assert.deepEqual(JSON.parse(JSON.stringify(profile)), {
      config: {
        sample_ratio: 0.25,
        space: "support",
        name: "triage",
        version: "1.2.0",
        uid: "0190-x",
        alert_config: {
          dispatch_config: { Slack: { channel: "#agents" } },
          schedule: "0 0 0 * * *",
          alert_condition: { baseline_value: 0.9, alert_threshold: "Below", delta: 0.05 },
        },
        drift_type: "Agent",
      },
      tasks: {
        assertion: [{
          id: "some",
          context_path: "answer",
          item_context_path: null,
          operator: "IsNotEmpty",
          expected_value: null,
          description: null,
          depends_on: [],
          task_type: "Assertion",
          condition: true,
        }],
        judge: [],
        trace: [],
        agent: [],
      },
      scouter_version: "9",
      workflow: null,
      task_ids: ["some"],
      alias: null,
    });
  });

  it("tell which kinds of task they have, and plan them", () => {
    const profile = new AgentEvalProfile(all);
    assert.deepEqual([profile.config.space, profile.config.name], [
      "default",
      "default_genai_profile",
    ]);
    assert.ok(profile.hasLlmTasks && profile.hasAssertions);
    assert.ok(profile.hasTraceAssertions && profile.hasAgentAssertions);
    assert.deepEqual(profile.taskIds, ["helpful", "quick", "searched", "some", "style"]);
    assert.deepEqual(profile.llmJudgeTasks.map((task) => task.id), ["style", "helpful"]);
    assert.deepEqual(profile.getExecutionPlan().stages, [
      ["searched", "quick", "some"],
      ["helpful"],
      ["style"],
    ]);
    assert.match(profile.planAsText(), /some {2}\[Assertion \(gate\)\]/);
    assert.equal(new AgentEvalProfile([gate]).hasLlmTasks, false);
  });

  it("survive their file, wrapped or bare, with the same ids", () => {
    const profile = new AgentEvalProfile(all, { config: config(), alias: "triage" });
    const saved = JSON.stringify(profile);
    assert.equal(JSON.stringify(AgentEvalProfile.fromJSON(saved)), saved);
    const wrapped = AgentEvalProfile.fromJSON({ Agent: JSON.parse(saved) });
    assert.equal(JSON.stringify(wrapped), saved);
    assert.deepEqual(wrapped.tasks, profile.tasks);
    assert.equal(wrapped.alias, "triage");
  });

  it("carry judges as a workflow in the order they run", () => {
    const { workflow } = JSON.parse(JSON.stringify(new AgentEvalProfile(all)));
    assert.deepEqual(workflow.task_list.execution_order, ["helpful", "style"]);
    const { helpful, style } = workflow.task_list.tasks;
    // The gate is no judge and so not part of the workflow.
    assert.deepEqual([helpful.dependencies, style.dependencies], [[], ["helpful"]]);
    assert.deepEqual(helpful.prompt.messages, ["Rate ${answer}"]);
    assert.equal(helpful.agent_id, style.agent_id);
    // Spelled as scouter-ml reads it: the provider's enumerated name, instructions with the prompts.
    assert.deepEqual(workflow.agents, {
      [helpful.agent_id]: { id: helpful.agent_id, provider: "OpenAI", system_instruction: [] },
    });
  });

  it("take over what the server chose", () => {
    const profile = new AgentEvalProfile([gate], { config: config() });
    profile.updateConfigArgs({ version: "1.3.0", uid: "0191-y" });
    assert.deepEqual([profile.config.version, profile.uid, profile.config.space], [
      "1.3.0",
      "0191-y",
      "support",
    ]);
  });

  it("name what is missing or wrong", () => {
    const good = JSON.parse(JSON.stringify(new AgentEvalProfile([gate])));
    for (const key of ["config", "tasks", "scouter_version", "task_ids"]) {
      const { [key]: _gone, ...rest } = good;
      assert.throws(() => AgentEvalProfile.fromJSON(rest), {
        code: "INVALID_FILE",
        message: new RegExp(`"${key}" is missing`),
      });
    }
    const tasks = { ...good.tasks, trace: undefined };
    assert.throws(
      () => AgentEvalProfile.fromJSON({ ...good, tasks }),
      /"tasks.trace" has to be a list/,
    );
    assert.throws(
      () => AgentEvalProfile.fromJSON({ ...good, config: { ...good.config, drift_type: "Psi" } }),
      /drift_type is "Psi"/,
    );
    assert.throws(() => new AgentEvalProfile([]), { code: "EMPTY_TASK_LIST" });
    assert.throws(() => new AgentEvalProfile([gate, gate]), { code: "DUPLICATE_TASK_ID" });
  });
});
