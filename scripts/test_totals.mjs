// Prints "PASSED FAILED" summed over the totals that test runners wrote into a log, or "- -" when there are none.
// Understands deno test, node --test (spec and TAP), bun test and the plain line "N passed, N failed".
import { readFileSync } from "node:fs";

// deno-lint-ignore no-control-regex
const text = readFileSync(process.argv[2], "utf8").replaceAll(/\u001b\[[0-9;]*m/g, "");
let passed = 0;
let failed = 0;
let seen = false;
const add = (p, f) => {
  passed += p;
  failed += f;
  seen = true;
};

for (
  const match of text.matchAll(/^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed/gm)
) {
  add(Number(match[1]), Number(match[2]));
}
for (const match of text.matchAll(/^(\d+) passed, (\d+) failed\b/gm)) {
  add(Number(match[1]), Number(match[2]));
}
for (const match of text.matchAll(/^(?:ℹ|#) pass (\d+)[\s\S]*?^(?:ℹ|#) fail (\d+)/gm)) {
  add(Number(match[1]), Number(match[2]));
}
for (
  const match of text.matchAll(
    /^\s*(\d+) pass\n(?:\s*\d+ skip\n)?(?:\s*\d+ todo\n)?\s*(\d+) fail$/gm,
  )
) {
  add(Number(match[1]), Number(match[2]));
}
console.log(seen ? `${passed} ${failed}` : "- -");
