/**
 * Runs every test: those of the engines, the server and the web application, the examples in the documentation, and the
 * golden vectors. `deno task test tests/sdk` runs only what is named.
 *
 * Two lanes run side by side, because much of what the tests do is wait: for brokers, for a killed server, for npm.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const VECTORS = ["run", "-A", "tests/vectors/run.ts"];

/** Commands of `deno`, one after the other in a lane. */
const LANES: readonly (readonly (readonly string[])[])[] = [
  [
    ["test", "-A", "tests/server", "tests/sdk", "tests/ui"],
    ["test", "-A", "--doc", "sdk"],
    VECTORS,
  ],
  [["test", "-A", "tests/e2e", "tests/package"]],
];

/** Runs a lane; later commands run whether or not earlier ones succeed. */
async function runLane(
  commands: readonly (readonly string[])[],
  output: "inherit" | number,
): Promise<boolean> {
  let passed = true;
  for (const args of commands) {
    const child: ChildProcess = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ["ignore", output, output],
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    passed = code === 0 && passed;
  }
  return passed;
}

/** Shows the first lane as it runs, and the others when they are done. */
async function runAll(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "scouter-test-"));
  try {
    const results = await Promise.all(LANES.map(async (commands, lane) => {
      if (lane === 0) return { passed: await runLane(commands, "inherit"), log: null };
      const log = join(folder, `${lane}.log`);
      const file = await open(log, "w");
      const passed = await runLane(commands, file.fd);
      await file.close();
      return { passed, log };
    }));
    for (const { log } of results) {
      if (log !== null) process.stdout.write(await readFile(log));
    }
    return results.every(({ passed }) => passed);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const named = process.argv.slice(2);
const passed = named.length === 0
  ? await runAll()
  : await runLane([["test", "-A", ...named]], "inherit");
process.exitCode = passed ? 0 : 1;
