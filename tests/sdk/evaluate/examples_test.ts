import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";

/** Runs an example in this process and gives what it printed. */
async function output(name: string): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  const { exitCode } = process;
  console.log = (...parts: unknown[]) => void lines.push(parts.map(String).join(" "));
  try {
    await import(`../../../examples/${name}.ts`);
  } finally {
    console.log = log;
    process.exitCode = exitCode;
  }
  return lines.join("\n");
}

describe("evaluation examples", () => {
  it("gate on recorded responses of three vendors", async () => {
    assert.match(await output("eval_ci_gate"), /6 passed, 0 failed, 0 unmeasured/);
  });

  it("stop a canary that got worse", async () => {
    assert.match(await output("eval_canary"), /Stop the roll-out: correct, just-a-number/);
  });

  it("talk to a scripted user", async () => {
    assert.match(await output("eval_interactive"), /Scenarios 2\/2 passed.*lookup 100\.0%/);
  });

  it("replay a judge and show where it wavers", async () => {
    const text = await output("eval_nightly");
    assert.match(text, /clear: helpful passed, 3 of 3 votes/);
    assert.match(text, /vague: helpful unsure, 2 of 3 votes/);
    assert.match(text, /empty +helpful +LLMJudge +false +∅ gated/);
  });
});
