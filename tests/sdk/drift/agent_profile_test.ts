import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { loadProfile, saveProfile } from "../../../sdk/drift/files.ts";
import {
  AgentEvalConfig,
  Drifter,
  DriftError,
  parseDriftProfile,
  PsiDriftConfig,
} from "../../../sdk/drift/mod.ts";
import {
  AgentEvalProfile,
  assertionTask,
  llmJudgeTask,
  parseRecord,
  prompt,
} from "../../../sdk/evaluate/mod.ts";

const tasks = [
  assertionTask({
    id: "answered",
    contextPath: "answer",
    operator: "IsNotEmpty",
    condition: true,
  }),
  assertionTask({
    id: "number",
    contextPath: "answer",
    operator: "Matches",
    expectedValue: "^\\d+$",
    dependsOn: ["answered"],
  }),
];
const config = () => new AgentEvalConfig({ space: "support", name: "triage", uid: "u-1" });
const record = (answer: unknown) => parseRecord({ context: { answer } });

/** A profile file as another implementation writes it. */
const FILE = {
  config: {
    sample_ratio: 1,
    space: "support",
    name: "triage",
    version: "0.0.0",
    uid: "u-1",
    alert_config: {
      dispatch_config: { Console: { enabled: true } },
      schedule: "0 0 0 * * *",
      alert_condition: null,
    },
    drift_type: "Agent",
  },
  tasks: {
    assertion: [{
      id: "number",
      context_path: "answer",
      operator: "Matches",
      expected_value: "^\\d+$",
      task_type: "Assertion",
      depends_on: [],
      condition: false,
    }],
    judge: [],
    trace: [],
    agent: [],
  },
  scouter_version: "0.25.0",
  workflow: null,
  task_ids: ["number"],
  alias: "triage",
};

const fails = (work: () => unknown, code: string, message: RegExp) =>
  assert.throws(work, (error) => {
    assert.ok(error instanceof DriftError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

describe("profiles of agents among drift profiles", () => {
  it("are told by config.drift_type, bare or wrapped in their kind", () => {
    for (const input of [FILE, JSON.stringify(FILE), { Agent: FILE }]) {
      const profile = parseDriftProfile(input);
      assert.ok(profile instanceof AgentEvalProfile);
      assert.equal(profile.driftType, "Agent");
      assert.equal(profile.config.space, "support");
      assert.deepEqual(profile.taskIds, ["number"]);
      assert.equal(profile.alias, "triage");
    }
  });

  it("keep every field of the file through a reading and a writing", () => {
    const written = JSON.parse(JSON.stringify(parseDriftProfile(FILE)));
    const [task] = FILE.tasks.assertion;
    assert.deepEqual(written, {
      ...FILE,
      tasks: {
        ...FILE.tasks,
        assertion: [{ ...task, description: null, item_context_path: null }],
      },
    });
  });

  it("written by scouter-ml 0.25.0, which calls them GenAI, are read with their judges", () => {
    const score = { type: "object", title: "Score", properties: { score: { type: "integer" } } };
    const judgePrompt = {
      request: {
        model: "gpt-4o-mini",
        messages: [
          { role: "developer", content: [{ text: "be fair", type: "text" }] },
          { role: "user", content: [{ text: "Rate ${text}", type: "text" }] },
        ],
        response_format: {
          json_schema: { name: "Score", schema: score, strict: true },
          type: "json_schema",
        },
      },
      model: "gpt-4o-mini",
      provider: "OpenAI",
      version: "0.19.0",
      parameters: ["text"],
      response_type: "Score",
    };
    const judge = {
      id: "j",
      prompt: judgePrompt,
      context_path: "score",
      expected_value: 4,
      operator: "GreaterThanOrEqual",
      task_type: "LLMJudge",
      depends_on: [],
      max_retries: 3,
      description: null,
      condition: false,
    };
    const workflow = { id: "w", name: "eval_workflow", task_list: {}, agents: {} };
    const file = {
      ...FILE,
      config: { ...FILE.config, drift_type: "GenAI" },
      tasks: { ...FILE.tasks, judge: [judge] },
      workflow,
      task_ids: ["j", "number"],
    };
    for (const input of [file, { GenAI: file }]) {
      const profile = parseDriftProfile(input);
      assert.ok(profile instanceof AgentEvalProfile);
      const [read] = profile.llmJudgeTasks;
      assert.deepEqual(read?.prompt.messages, ["Rate ${text}"]);
      assert.deepEqual(read?.prompt.systemInstructions, ["be fair"]);
      assert.deepEqual(read?.prompt.responseSchema, score);
      assert.equal(profile.config.toJSON().drift_type, "Agent");
      assert.deepEqual(profile.toJSON().workflow, workflow);
    }
  });

  it("that cannot be read are drift errors which say what is wrong", () => {
    fails(
      () => parseDriftProfile({ ...FILE, task_ids: undefined }),
      "INVALID_PROFILE",
      /task_ids/,
    );
    fails(
      () => parseDriftProfile({ ...FILE, tasks: { ...FILE.tasks, trace: 1 } }),
      "INVALID_PROFILE",
      /tasks\.trace/,
    );
    fails(
      () => parseDriftProfile({ config: { drift_type: "agent" } }),
      "INVALID_PROFILE",
      /Psi, Spc, Custom, Agent, GenAI/,
    );
  });

  it("are saved under their own default name and loaded as what they are", async () => {
    const folder = await mkdtemp(join(tmpdir(), "profile-"));
    const before = process.cwd();
    try {
      process.chdir(folder);
      const profile = new Drifter().createAgentDriftProfile(tasks, { config: config() });
      const path = await saveProfile(profile);
      assert.equal(path, "agent_eval_profile.json");
      const loaded = await loadProfile(path);
      assert.ok(loaded instanceof AgentEvalProfile);
      assert.deepEqual(loaded.toJSON(), profile.toJSON());
    } finally {
      process.chdir(before);
      await rm(folder, { recursive: true });
    }
  });

  it("with judges keep their workflow's ids when saved twice", async () => {
    const folder = await mkdtemp(join(tmpdir(), "profile-"));
    try {
      const judge = llmJudgeTask({
        id: "fair",
        prompt: prompt({ model: "m", provider: "openai", messages: "Rate ${answer}" }),
        operator: "IsNotEmpty",
      });
      const profile = new Drifter().createAgentDriftProfile([judge], { alias: "judged" });
      const first = await loadProfile(await saveProfile(profile, join(folder, "one")));
      const second = await loadProfile(await saveProfile(first, join(folder, "two.json")));
      assert.deepEqual(JSON.parse(JSON.stringify(second)), JSON.parse(JSON.stringify(profile)));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("a drifter with tasks", () => {
  it("makes a profile of an agent where the configuration says so", () => {
    const profile = new Drifter().createDriftProfile(tasks, config());
    assert.equal(profile.driftType, "Agent");
    assert.deepEqual(profile.taskIds, ["answered", "number"]);
    assert.equal(profile.config.name, "triage");
  });

  it("asks an agent profile's tasks of the records", async () => {
    const drifter = new Drifter();
    const profile = drifter.createAgentDriftProfile(tasks);
    const results = await drifter.computeDrift([record("42"), record("?"), record("")], profile);
    assert.deepEqual(
      results.alignedResults.map(({ counts }) => counts),
      [
        { passed: 1, failed: 0, unmeasured: 0 },
        { passed: 0, failed: 1, unmeasured: 0 },
        { passed: 0, failed: 0, unmeasured: 1 },
      ],
    );
    assert.deepEqual(
      results.alignedResults.map(({ evalSet }) => evalSet.inner.pass_rate),
      [1, 0, 0],
    );
  });

  it("takes a single record, and its own compatibility", async () => {
    const strict = new Drifter({ compatibility: "strict" });
    const profile = strict.createAgentDriftProfile(tasks);
    const results = await strict.computeDrift(record(""), profile);
    // Nothing was measured, so there is no rate.
    assert.equal(results.alignedResults[0]?.evalSet.inner.pass_rate, null);
  });

  it("tells tasks, columns and records apart", () => {
    const drifter = new Drifter();
    const unchecked = drifter.createDriftProfile.bind(drifter) as (
      ...given: readonly unknown[]
    ) => unknown;
    fails(() => unchecked({ x: [1, 2] }, config()), "WRONG_TYPE", /evaluation tasks/);
    fails(() => unchecked(tasks, new PsiDriftConfig()), "INVALID_CONFIG", /AgentEvalConfig/);
    const compute = drifter.computeDrift.bind(drifter) as (
      ...given: readonly unknown[]
    ) => unknown;
    const profile = drifter.createAgentDriftProfile(tasks);
    fails(() => compute([{ answer: 1 }], profile), "WRONG_TYPE", /number 0/);
  });
});
