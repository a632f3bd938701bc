/**
 * Runs every test: those of the engines, the server and the web application, the examples in the documentation, and the
 * golden vectors. `deno task test tests/sdk` runs only what is named. Types are checked by `deno task check:types`.
 *
 * Two parts run side by side, because much of what the tests do is wait: for brokers, for a killed server, for npm.
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
const TEST = ["test", "-A", "--no-check"];

/** Commands of `deno`, those that take longest first. */
const PARTS: readonly (readonly string[])[] = [
  [...TEST, "tests/e2e"],
  [...TEST, "tests/server"],
  [...TEST, "tests/ui"],
  [...TEST, "tests/package"],
  [...TEST, "tests/sdk"],
  // Types of the examples are checked nowhere else.
  ["test", "-A", "--doc", "sdk"],
  ["run", "-A", "tests/vectors/run.ts"],
];
const SIDE_BY_SIDE = 2;
/** The longest part takes half of it: one that is still running then hangs, and its log says where. */
const PART_LIMIT_MINUTES = 20;

/** Runs a command of `deno`; says whether it succeeded. */
async function run(
  args: readonly string[],
  output: "inherit" | number,
  signal?: AbortSignal,
): Promise<boolean> {
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ["ignore", output, output],
  });
  const kill = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", kill);
  return await new Promise((resolve) =>
    child.once("close", (code) => {
      signal?.removeEventListener("abort", kill);
      resolve(code === 0);
    })
  );
}

/** Shows what a part printed when it is done, so that parts do not mix; what failed comes last. */
async function runAll(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "scouter-test-"));
  const left = [...PARTS.entries()];
  const failed: string[] = [];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, args] = next;
      console.log(`\nstarted: deno ${args.join(" ")}`);
      const log = join(folder, `${index}.log`);
      const file = await open(log, "w");
      const limit = AbortSignal.timeout(PART_LIMIT_MINUTES * 60_000);
      const passed = await run(args, file.fd, limit);
      await file.close();
      const outcome = passed
        ? "passed"
        : limit.aborted
        ? `FAILED, ended after ${PART_LIMIT_MINUTES} minutes`
        : "FAILED";
      console.log(`\n${outcome}: deno ${args.join(" ")}`);
      if (passed) process.stdout.write(await readFile(log));
      else failed.push(log);
    }
  };
  try {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    for (const log of failed) process.stdout.write(await readFile(log));
    return failed.length === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const named = process.argv.slice(2);
const passed = named.length === 0 ? await runAll() : await run(["test", "-A", ...named], "inherit");
process.exitCode = passed ? 0 : 1;
