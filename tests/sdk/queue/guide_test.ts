import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = new URL("../../../", import.meta.url);

test("every program of docs/queues.md prints what the page says", async () => {
  const { exports } = JSON.parse(await readFile(new URL("deno.json", ROOT), "utf8"));
  const text = await readFile(new URL("docs/queues.md", ROOT), "utf8");
  const programs = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  assert.ok(programs.length >= 4);
  // Inside the project, so that packages are found.
  const cache = fileURLToPath(new URL("tests/.cache/", ROOT));
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "queues-guide-"));
  const { log } = console;
  try {
    for (const [at, code] of programs.entries()) {
      const printed: string[] = [];
      const file = join(folder, `program_${at}.ts`);
      await writeFile(
        file,
        code.replace(/"@scouter\/sdk(\/[\w/]+)?"/g, (_, path = "") => {
          assert.ok(exports[`.${path}`], `the package exports .${path}`);
          return JSON.stringify(new URL(exports[`.${path}`], ROOT).href);
        }),
      );
      console.log = (...parts: unknown[]) => void printed.push(parts.map(String).join(" "));
      await import(pathToFileURL(file).href);
      console.log = log;
      const promised = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)];
      assert.ok(promised.length > 0);
      assert.deepEqual(printed, promised.map(([, line]) => line));
    }
  } finally {
    console.log = log;
    await rm(folder, { recursive: true, force: true });
  }
});
