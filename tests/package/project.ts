/**
 * Fresh projects that install the packed SDK as a user would.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Folder of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** What `deno task pack` writes. */
export const TARBALL: string = join(ROOT, "dist/scouter-sdk.tgz");

/** What a command printed, after it succeeded. */
export function run(folder: string, program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, npm_config_update_notifier: "false", NO_COLOR: "1" },
  });
  if (error !== undefined) throw error;
  if (status !== 0) {
    throw new Error(
      `${program} ${args.join(" ")} ended with ${status}\n${stdout.slice(-20_000)}\n${
        stderr.slice(-5_000)
      }`,
    );
  }
  return stdout;
}

/** A project in a temporary folder. */
export class Project implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes one with the packed SDK and further packages, each `name@version`. */
  static async with(packages: readonly string[]): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), "scouter-package-")));
    await project.write(
      "package.json",
      '{ "name": "consumer", "private": true, "type": "module" }',
    );
    project.run("npm", "install", "--no-audit", "--no-fund", "--silent", TARBALL, ...packages);
    return project;
  }

  /** Writes a file, and its folder. */
  async write(name: string, text: string): Promise<void> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  /** What a command printed in the project, after it succeeded. */
  run(program: string, ...args: readonly string[]): string {
    return run(this.folder, program, ...args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Sub-paths of the package by the path of their source. */
async function publicModules(): Promise<Map<string, string>> {
  const { exports } = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  const modules = new Map<string, string>();
  for (const [name, path] of Object.entries(exports)) {
    modules.set(String(path).slice(2), `@scouter/sdk${name.slice(1)}`);
  }
  modules.set("sdk/mod.ts", "@scouter/sdk");
  return modules;
}

/** The SDK's tests in a project. */
export interface CopiedTests {
  readonly tests: readonly string[];
  /** Tests of what the package keeps to itself, or of the repository. */
  readonly leftOut: readonly string[];
}

/** Copies the SDK's own tests, and the examples they run, into a project; they import the package there. */
export async function copyTests(project: Project): Promise<CopiedTests> {
  const modules = await publicModules();
  const leftOut: string[] = [];
  const copy = async (file: string): Promise<boolean> => {
    const source = await readFile(join(ROOT, file), "utf8");
    let isPublic = !REPOSITORY.test(source);
    const text = source.replaceAll(OUTSIDE, (_, path: string) => {
      const name = modules.get(join(dirname(file), path));
      if (name === undefined) isPublic = false;
      return JSON.stringify(name ?? path);
    });
    if (isPublic) await project.write(file, text);
    else leftOut.push(file);
    return isPublic;
  };
  for (const file of await readdir(join(ROOT, "examples"))) {
    if (file.endsWith(".ts")) await copy(`examples/${file}`);
  }
  const tests: string[] = [];
  for (const name of (await readdir(join(ROOT, "tests/sdk"), { recursive: true })).sort()) {
    const file = `tests/sdk/${name}`;
    if (file.endsWith(".ts") && await copy(file) && file.endsWith("_test.ts")) tests.push(file);
  }
  for (const folder of ["examples/data", "tests/vectors"]) {
    for (const name of await readdir(join(ROOT, folder))) {
      if (!/\.(csv|json)$/.test(name)) continue;
      await project.write(`${folder}/${name}`, await readFile(join(ROOT, folder, name), "utf8"));
    }
  }
  return { tests, leftOut };
}

/** Modules of the SDK by their place in the repository. */
const OUTSIDE = /"((?:\.\.\/)+(?:sdk|server|support\/|mod\.ts)[^"]*)"/g;

/** What makes a test one of the repository. */
const REPOSITORY = /new URL\("\.\.\/\.\.\/\.\.\/"/;
