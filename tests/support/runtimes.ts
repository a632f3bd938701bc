/**
 * Node and Bun for tests that start programs on them.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const NODE_VERSION = "22.23.3";
const BUN_VERSION = "1.3.14";

/** A command line that runs a TypeScript file. */
export type RuntimeCommand = readonly [string, ...string[]];

async function output(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await run(program, [...args], { timeout: 120_000 });
    return stdout.trim();
  } catch {
    // Not installed, or the registry cannot be reached: the caller says so.
    return null;
  }
}

/** Node, which reads TypeScript from 22.18 on: the one that is installed, or else one from npm. Null when there is none. */
export async function nodeCommand(): Promise<RuntimeCommand | null> {
  const [major = 0, minor = 0] = (await output("node", ["-p", "process.versions.node"]) ?? "")
    .split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return ["node", "--no-warnings"];
  const path = await output("npx", ["-y", `node@${NODE_VERSION}`, "-p", "process.execPath"]);
  return path === null ? null : [path, "--no-warnings"];
}

/** Bun: the one that is installed, or else one from npm. Null when there is none. */
export async function bunCommand(): Promise<RuntimeCommand | null> {
  if (await output("bun", ["--version"]) !== null) return ["bun"];
  const script = "console.log(process.execPath)";
  const path = await output("npx", ["-y", `bun@${BUN_VERSION}`, "-e", script]);
  return path === null ? null : [path];
}

/** This Deno. */
export function denoCommand(): RuntimeCommand {
  return [Deno.execPath(), "run", "-A", "--quiet"];
}
