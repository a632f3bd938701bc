/**
 * Runs the golden vectors: `deno task vectors`. Reads every `*.json` in this folder, or in the one that `VECTORS_DIR`
 * names, and runs each file's cases through the public API. Ends with `N passed, N failed`, exit code 1 when any failed.
 *
 * A case listed in `deviations.json` here is allowed to differ, and counts as passed as long as it does differ: one
 * that agrees again is reported, so that the list stays true.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { revive } from "./compare.ts";
import type { Deviation, VectorFile, VectorReport } from "./report.ts";
import { SUITES } from "./suites/mod.ts";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.env.VECTORS_DIR || here;
/** Lists beside the vectors that are not vectors. */
const NOT_VECTORS = new Set(["deviations.json"]);

const deviations = JSON.parse(await readFile(join(here, "deviations.json"), "utf8")) as Deviation[];
let passed = 0;
let failed = 0;

const files = await vectorFiles();
for (const fileName of files ?? []) {
  const suite = SUITES[fileName];
  if (suite === undefined) {
    fail(fileName, "", `no suite knows this file; add one to tests/vectors/suites`);
    continue;
  }
  const before = { passed, failed };
  try {
    await suite(await read(fileName), reportOf(fileName));
  } catch (error) {
    fail(fileName, "", `the file could not be run: ${text(error)}`);
  }
  if (passed + failed === before.passed + before.failed) fail(fileName, "", "no case was run");
  console.log(`${fileName}: ${passed - before.passed} passed, ${failed - before.failed} failed`);
}
if (files?.length === 0) fail(folder, "", "there are no vector files");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Names of the vector files; undefined, and a failure, where the folder cannot be read. */
async function vectorFiles(): Promise<string[] | undefined> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(".json") && !NOT_VECTORS.has(name)).sort();
  } catch (error) {
    fail(folder, "", `the folder could not be read: ${text(error)}`);
    return undefined;
  }
}

async function read(fileName: string): Promise<VectorFile> {
  const document = revive(JSON.parse(await readFile(join(folder, fileName), "utf8")));
  if (typeof document !== "object" || document === null || !("cases" in document)) {
    throw new Error(`${fileName} has no "cases"`);
  }
  const { cases } = document;
  if (!Array.isArray(cases)) throw new Error(`"cases" of ${fileName} is not an array`);
  const fields = document as unknown as Record<string, unknown>;
  return {
    fileName,
    about: String(fields.about ?? ""),
    tolerance: typeof fields.tolerance === "number" ? fields.tolerance : undefined,
    cases,
    document: fields,
  };
}

function reportOf(fileName: string): VectorReport {
  return {
    async check(name, run) {
      const deviation = deviations.find((known) => known.file === fileName && known.case === name);
      try {
        await run();
        passed++;
        if (deviation !== undefined) {
          console.log(`note: ${fileName} › ${name} agrees again; take it off deviations.json`);
        }
      } catch (error) {
        if (deviation === undefined) fail(fileName, name, text(error));
        else passed++;
      }
    },
  };
}

function fail(fileName: string, name: string, message: string): void {
  failed++;
  console.log(`FAILED ${fileName}${name === "" ? "" : ` › ${name}`}: ${message}`);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
