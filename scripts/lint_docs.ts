/**
 * Checks the documentation comments of every module that `deno.json` exports.
 *
 * @example
 * ```sh
 * deno task doc:lint
 * ```
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const root = fileURLToPath(new URL("..", import.meta.url));
const { exports } = z.object({ exports: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(`${root}/deno.json`, "utf8")));
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  ["doc", "--lint", ...Object.values(exports)],
  { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
);
// Types of packages come into it where our own name them; how those are documented is theirs.
const findings = stderr.split(/^(?=error)/m).filter((part) => part.startsWith("error["));
const ours = findings.filter((finding) => !/^\s*--> .*node_modules/m.test(finding));
process.stdout.write(stdout + ours.join("\n"));
if (status !== 0 && findings.length === 0) {
  process.stderr.write(stderr);
  process.exit(1);
}
process.stdout.write(
  `${Object.keys(exports).length} modules, ${ours.length} findings\n`,
);
process.exit(ours.length === 0 ? 0 : 1);
