// Runs the SDK's tests on the Node that executes this script, straight from the TypeScript sources.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";

const files = globSync("tests/sdk/**/*_test.ts").sort();
if (files.length === 0) throw new Error("no SDK test was found under tests/sdk");
// Left alone, Node keeps one processor free.
const sideBySide = `--test-concurrency=${availableParallelism()}`;
const run = spawnSync(process.execPath, ["--test", sideBySide, ...files], { stdio: "inherit" });
process.exit(run.status ?? 1);
