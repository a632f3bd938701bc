import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import type { CliIo } from "../../../sdk/cli/io.ts";
import { runCli } from "../../../sdk/cli/main.ts";

/** A world in memory. */
function world(files: Record<string, string>, env: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const written: Record<string, string> = {};
  const io: CliIo = {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    isTty: false,
    env,
    cwd: "/",
    readText(path) {
      const text = written[path] ?? files[path];
      return text === undefined ? Promise.reject(new Error("no such file")) : Promise.resolve(text);
    },
    readBytes: (path) => readFile(path),
    writeText(path, text) {
      written[path] = text;
      return Promise.resolve();
    },
  };
  const run = async (...args: string[]) => {
    out.length = err.length = 0;
    const code = await runCli(["eval", ...args], io);
    return { code, out: out.join(""), err: err.join("") };
  };
  return { run, written, io };
}

const TASKS = JSON.stringify([
  {
    task_type: "Assertion",
    id: "long",
    context_path: "text",
    operator: "HasLengthGreaterThan",
    expected_value: 3,
  },
]);
const GOOD = '{"id":"a","context":{"text":"hello"}}\n{"id":"b","context":{"text":"world"}}\n';
const BAD = '{"id":"a","context":{"text":"hello"}}\n{"id":"b","context":{"text":"<no>"}}\n'
  .replace("<no>", "<&");
const BROKEN = '{"id":"a","context":{}}\n';

const files = { "t.json": TASKS, "good.jsonl": GOOD, "bad.jsonl": BAD, "broken.jsonl": BROKEN };
const on = (records: string): string[] => ["run", "--records", records, "--tasks", "t.json"];

describe("scouter eval run", () => {
  it("exits with 0 when all is well, and says how much was measured", async () => {
    const { code, out } = await world(files).run(...on("good.jsonl"));
    assert.equal(code, 0);
    assert.match(out, /2\/2 task results passed \(100\.0%\), 0 unmeasured/);
  });

  it("exits with 1 when a check fails, unless enough pass", async () => {
    const { run } = world(files);
    assert.equal((await run(...on("bad.jsonl"))).code, 1);
    assert.equal((await run(...on("bad.jsonl"), "--min-pass-rate", "0.5")).code, 0);
  });

  it("exits with 3 when the question could not be answered, unless that is allowed", async () => {
    const { run } = world({
      ...files,
      "mixed.jsonl": GOOD + BROKEN,
    });
    assert.equal((await run(...on("broken.jsonl"))).code, 3);
    assert.equal((await run(...on("mixed.jsonl"))).code, 3);
    assert.equal((await run(...on("mixed.jsonl"), "--allow-unmeasured")).code, 0);
  });

  it("exits with 2 and a reason for wrong usage and wrong files", async () => {
    const { run } = world({
      ...files,
      "circle.json": TASKS.replace("}]", ',"depends_on":["long"]}]'),
    });
    for (
      const [args, reason] of [
        [[], /use run, compare, plan or schema/],
        [["run"], /--records and --tasks/],
        [["run", "--nope"], /nope/],
        [["run", "--records", "gone.json", "--tasks", "t.json"], /gone\.json cannot be read/],
        [["run", "--records", "good.jsonl", "--tasks", "circle.json"], /circle: long → long/],
        [[...on("good.jsonl"), "--min-pass-rate", "2"], /from 0 to 1/],
        [[...on("good.jsonl"), "--judge-mode", "replay"], /needs --judge-store/],
        [["schema", "nope"], /tasks, scenarios, prompt/],
      ] as const
    ) {
      const { code, err } = await run(...args);
      assert.equal(code, 2, args.join(" "));
      assert.match(err, reason);
    }
  });

  it("warns of tasks that cannot work, and refuses them under strict rules", async () => {
    const task = { task_type: "Assertion", id: "x", context_path: "text", operator: "GreaterThan" };
    const tasks = JSON.stringify([{ ...task, expected_value: "4" }]);
    const { run } = world({ ...files, "x.json": tasks });
    const args = ["run", "--records", "good.jsonl", "--tasks", "x.json"];
    const loose = await run(...args);
    assert.equal(loose.code, 1);
    assert.match(loose.err, /warning: x\.json: task "x": GreaterThan needs a number/);
    assert.equal((await run(...args, "--compatibility", "strict")).code, 2);
  });

  it("writes results, JUnit XML and annotations", async () => {
    const { run, written } = world(files, { GITHUB_ACTIONS: "true" });
    const { out } = await run(...on("bad.jsonl"), "--out", "r.json", "--junit", "r.xml");
    const annotation = out.split("\n").find((line) => line.startsWith("::error"));
    assert.match(annotation ?? "", /^::error title=b › long::.*expected 3, got 2$/);
    assert.equal(JSON.parse(written["r.json"] ?? "").aligned_results.length, 2);
    const xml = written["r.xml"] ?? "";
    assert.match(xml, /<testsuites name="scouter eval" tests="2" failures="1" errors="0"/);
    assert.match(xml, /<testsuite name="b" tests="1" failures="1"/);
    assert.match(xml, /<failure message="✗ Assertion &apos;|<failure message="✗ Assertion 'long'/);
  });

  it("prints only the document with --json", async () => {
    const { out, err } = await world(files, { GITHUB_ACTIONS: "true" })
      .run(...on("bad.jsonl"), "--json");
    assert.equal(JSON.parse(out).aligned_results.length, 2);
    assert.match(err, /::error/);
  });

  it("evaluates recorded responses of scenarios", async () => {
    const scenarios = JSON.stringify([
      {
        id: "s1",
        initial_query: "q",
        tasks: [{
          task_type: "AgentAssertion",
          id: "called",
          assertion: { ToolCalled: { name: "search" } },
          operator: "Equals",
          expected_value: true,
          context_path: "response",
        }],
      },
    ]);
    const responses = JSON.stringify({
      s1: { content: "", tool_calls: [{ name: "search", arguments: {} }] },
    });
    const { run } = world({ "s.json": scenarios, "r.json": responses, "none.json": "{}" });
    const good = await run("run", "--scenarios", "s.json", "--responses", "r.json");
    assert.equal(good.code, 0, good.err);
    assert.match(good.out, /Scenarios 1\/1 passed/);
    const bad = await run("run", "--scenarios", "s.json", "--responses", "none.json");
    assert.equal(bad.code, 3);
    assert.match(bad.out, /no response was recorded/);
  });

  it("reads prompt files beside the task file", async () => {
    const tasks = JSON.stringify([{
      task_type: "LLMJudge",
      id: "j",
      prompt: { path: "p.yaml" },
      operator: "IsNumeric",
      context_path: "score",
    }]);
    const yaml = "model: m\nprovider: openai\nmessages: Rate ${text}\n";
    const { run } = world({ ...files, "dir/t.json": tasks, "dir/p.yaml": yaml });
    const { code, out } = await run(
      ...["run", "--records", "good.jsonl", "--tasks", "dir/t.json", "--show-tasks"],
    );
    assert.equal(code, 3);
    assert.match(out, /OPENAI_API_KEY/);
  });
});

describe("scouter eval compare", () => {
  it("exits with 1 on a regression, or only on one beyond chance", async () => {
    const { run } = world(files);
    await run(...on("good.jsonl"), "--out", "before.json");
    await run(...on("bad.jsonl"), "--out", "now.json");
    const { code, out } = await run("compare", "before.json", "now.json");
    assert.equal(code, 1);
    assert.match(out, /regressed, though chance alone could explain the mean/);
    const significant = ["compare", "before.json", "now.json", "--fail-on", "significant"];
    assert.equal((await run(...significant)).code, 0);
    assert.equal((await run("compare", "now.json", "before.json")).code, 0);
  });

  it("exits with 3 when the runs have nothing in common", async () => {
    const { run } = world({ ...files, "other.jsonl": GOOD.replaceAll('"id":"', '"id":"x') });
    await run(...on("good.jsonl"), "--out", "before.json");
    await run(...on("other.jsonl"), "--out", "now.json");
    assert.equal((await run("compare", "before.json", "now.json")).code, 3);
  });
});

describe("scouter eval plan and schema", () => {
  it("print plans and schemas", async () => {
    const { run } = world(files);
    assert.match((await run("plan", "t.json")).out, /Stage 1\n {2}long/);
    assert.match((await run("plan", "t.json", "--mermaid")).out, /^flowchart TD/);
    assert.deepEqual(JSON.parse((await run("plan", "t.json", "--json")).out).stages, [["long"]]);
    assert.equal(JSON.parse((await run("schema", "tasks")).out).title, "scouter tasks file");
  });
});

describe("scouter", () => {
  it("helps, and knows what it does not know", async () => {
    const { io } = world({});
    const text: string[] = [];
    const listening = {
      ...io,
      stdout: (t: string) => void text.push(t),
      stderr: (t: string) => void text.push(t),
    };
    assert.equal(await runCli(["--help"], listening), 0);
    assert.equal(await runCli(["eval", "run", "--help"], listening), 0);
    assert.equal(await runCli(["nope"], listening), 2);
    assert.equal(await runCli(["constructor"], listening), 2);
    assert.match(text.join(""), /scouter eval compare BASELINE CURRENT/);
    assert.match(text.join(""), /Unknown command "nope"/);
  });
});
