import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** Runs an example with the runtime that runs the tests. */
function output(name: string): string {
  const file = fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
  const args = "Deno" in globalThis ? ["run", "-A", file] : [file];
  return execFileSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

test("the PSI example finds that fewer days are called rainy from 2014 on", () => {
  assert.match(output("drift_psi.ts"), /^drifted +weather .*since 2014-01-01/m);
});

test("the control chart example is calm as measured and alarmed by the broken sensor", () => {
  const text = output("drift_spc.ts");
  assert.match(text, /^as measured: \{\}$/m);
  assert.match(text, /^drifted +wind .*since row 5[4-6]\d$/m);
});

test("the data profile example names what the file holds", () => {
  // 1461 days, of which the file calls 641 rainy.
  assert.match(output("drift_profile.ts"), /^weather: rain 641, sun 640/m);
});
