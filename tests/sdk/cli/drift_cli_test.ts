import assert from "node:assert/strict";
import { test } from "node:test";
import { driftCommand } from "../../../sdk/cli/drift.ts";
import {
  type CliCommand,
  type CliIo,
  EXIT,
  type ExitCode,
  UsageError,
} from "../../../sdk/cli/io.ts";
import { profileCommand } from "../../../sdk/cli/profile.ts";

/** A world in memory. */
function world(files: Record<string, string>) {
  const written: Record<string, string> = { ...files };
  const out = { stdout: "", stderr: "" };
  const io: CliIo = {
    stdout: (text) => void (out.stdout += text),
    stderr: (text) => void (out.stderr += text),
    isTty: false,
    env: {},
    cwd: "/",
    readText: (path) =>
      written[path] === undefined
        ? Promise.reject(new Error("no such file"))
        : Promise.resolve(written[path]),
    readBytes: () => Promise.reject(new Error("not used")),
    writeText: (path, text) => Promise.resolve(void (written[path] = text)),
  };
  const run = async (command: CliCommand, line: string): Promise<ExitCode> => {
    out.stdout = out.stderr = "";
    return await command.run(line.split(" "), io);
  };
  return { run, out, written };
}

const csv = (shift: number, rows = 1000) =>
  [
    "at,x,plan",
    ...Array.from({ length: rows }, (_, i) => {
      const at = new Date(Date.UTC(2025, 0, 1) + i * 3_600_000).toISOString();
      return `${at},${(i * 7919) % 500 + (i >= rows / 2 ? shift : 0)},${
        i % 3 === 0 ? "pro" : "free"
      }`;
    }),
  ].join("\n");

test("profile makes a baseline, check passes on the same data and fails on shifted data", async () => {
  const { run, out, written } = world({ "base.csv": csv(0), "new.csv": csv(300) });
  const make =
    "profile base.csv --out p.json --space s --name n --version 1.0.0 --time-column at --bins 5";
  assert.equal(await run(driftCommand, make), EXIT.ok);
  assert.match(out.stderr, /Psi baseline of 2 features, 1000 rows: p\.json/);
  const profile = JSON.parse(written["p.json"] ?? "");
  assert.deepEqual([profile.config.space, profile.features.x.bins.length], ["s", 5]);
  assert.equal(
    await run(driftCommand, "check base.csv --profile p.json --time-column at"),
    EXIT.ok,
  );
  const check =
    "check new.csv --profile p.json --time-column at --html r.html --junit r.xml --github";
  assert.equal(await run(driftCommand, check), EXIT.failure);
  assert.match(out.stdout, /drifted +x .*since 2025-01-21T20:00:00\.000Z/);
  assert.match(out.stdout, /^::error title=drift s\/n\/1\.0\.0 › x::PSI /m);
  assert.match(written["r.html"] ?? "", /^<!doctype html>/);
  assert.match(written["r.xml"] ?? "", /tests="2" failures="1" errors="0"/);
  assert.equal(
    await run(driftCommand, "check new.csv --profile p.json --time-column at --json"),
    EXIT.failure,
  );
  assert.equal(
    JSON.parse(out.stdout).features.find((f: { feature: string }) => f.feature === "x").status,
    "drifted",
  );
});

test("too few rows to measure anything are exit code 3", async () => {
  const { run, written } = world({ "base.csv": csv(0), "few.csv": csv(0, 20) });
  await run(driftCommand, "profile base.csv --out p.json --time-column at");
  written["plan.json"] = '{"plan": ["pro", "free"]}';
  assert.equal(await run(driftCommand, "check plan.json --profile p.json"), EXIT.unmeasured);
  // 30 values are enough for the three bins of plan, not for the ten of x.
  written["thirty.csv"] = csv(0, 30);
  assert.equal(
    await run(driftCommand, "check thirty.csv --profile p.json --time-column at"),
    EXIT.ok,
  );
  assert.equal(
    await run(driftCommand, "check thirty.csv --profile p.json --time-column at --require-all"),
    EXIT.unmeasured,
  );
});

test("control charts from the command line, times from JSON text", async () => {
  const rows = Array.from(
    { length: 200 },
    (_, i) => ({ at: new Date(i * 60_000).toISOString(), x: i % 10 }),
  );
  const shifted = rows.map((row, i) => ({ ...row, x: row.x + (i >= 100 ? 50 : 0) }));
  const lines = (records: object[]) => records.map((record) => JSON.stringify(record)).join("\n");
  const { run, out } = world({ "base.jsonl": lines(rows), "new.jsonl": lines(shifted) });
  await run(
    driftCommand,
    "profile base.jsonl --out p.json --type spc --sample-size 10 --time-column at",
  );
  assert.equal(
    await run(driftCommand, "check base.jsonl --profile p.json --time-column at"),
    EXIT.ok,
  );
  assert.equal(
    await run(driftCommand, "check new.jsonl --profile p.json --time-column at"),
    EXIT.failure,
  );
  assert.match(out.stdout, /OutOfBounds in Zone4.*since 1970-01-01T01:40:00\.000Z/);
});

test("mistakes on the command line and in files are usage errors that say what is wrong", async () => {
  const { run } = world({ "base.csv": csv(0), "bad.csv": "a,b\n1", "p.json": "{}", "t.txt": "" });
  const cases: [string, RegExp][] = [
    ["", /use profile or check/],
    ["watch x", /unknown sub-command "watch"/],
    ["profile base.csv", /--out/],
    ["profile --out p.json", /name the data file/],
    ["profile base.csv base.csv --out p.json", /one data file/],
    ["profile none.csv --out p.json", /none\.csv could not be read/],
    ["profile bad.csv --out p.json", /bad\.csv: Record 1/],
    ["profile t.txt --out p.json", /must end with/],
    ["profile base.csv --out p.json --bins many", /--bins must be a number/],
    ["profile base.csv --out p.json --bins 1", /At least 2 bins/],
    ["profile base.csv --out p.json --type ks", /--type must be psi or spc/],
    ["profile base.csv --out p.json --nope", /nope/],
    ["profile base.csv --out p.json --features y", /featuresToMonitor names y/],
    ["check base.csv", /--profile/],
    ["check base.csv --profile p.json", /p\.json: profile\.config/],
    ["check base.csv --profile none.json", /none\.json could not be read/],
  ];
  for (const [line, message] of cases) {
    await assert.rejects(run(driftCommand, line), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});

test("scouter profile prints a table or JSON", async () => {
  const { run, out, written } = world({ "base.csv": csv(0) });
  assert.equal(await run(profileCommand, "base.csv"), EXIT.ok);
  assert.match(out.stdout, /^1000 rows, 3 columns$/m);
  assert.match(out.stdout, /^x +0 % +500 +mean 250 ± 144, 0 … 250 … 499$/m);
  assert.match(out.stdout, /^plan +0 % +2 +"free" 66\.6 %, "pro" 33\.4 %$/m);
  assert.match(out.stdout, /^at +0 % +1000 +2025-01-01T00:00:00\.000Z …/m);
  assert.equal(
    await run(profileCommand, "base.csv --json --out o.json --correlations --bin-size 5"),
    EXIT.ok,
  );
  const profile = JSON.parse(out.stdout);
  assert.equal(profile.features.x.numeric_stats.histogram.bins.length, 5);
  assert.equal(written["o.json"], out.stdout);
  await assert.rejects(run(profileCommand, "base.csv --bin-size 0"), UsageError);
  await assert.rejects(run(profileCommand, "base.csv --what"), UsageError);
});

test("a data file without rows is profiled as not measured", async () => {
  const { run, out } = world({ "empty.csv": "x,plan\n" });
  assert.equal(await run(profileCommand, "empty.csv"), EXIT.unmeasured);
  assert.match(out.stderr, /empty\.csv has no rows/);
});

test("check refuses the profile of an agent and names the command that takes it", async () => {
  const agent = {
    config: { space: "s", name: "n", drift_type: "Agent" },
    tasks: {
      assertion: [{ id: "a", operator: "IsNotEmpty" }],
      judge: [],
      trace: [],
      agent: [],
    },
    scouter_version: "0.25.0",
    task_ids: ["a"],
  };
  const { run } = world({ "agent.json": JSON.stringify(agent), "data.csv": csv(0) });
  await assert.rejects(
    run(driftCommand, "check data.csv --profile agent.json"),
    (error) => error instanceof UsageError && /scouter eval run --tasks agent/.test(error.message),
  );
});
