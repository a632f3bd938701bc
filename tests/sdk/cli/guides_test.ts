import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { CliIo } from "../../../sdk/cli/io.ts";
import { runCli } from "../../../sdk/cli/main.ts";
import { processIo } from "../../../sdk/cli/process_io.ts";
import { fileSchema } from "../../../sdk/evaluate/mod.ts";

const ROOT = new URL("../../../", import.meta.url);
const BLOCK = /(?:<!-- file: (\S+) -->\s*)?^```(\w+)\n([\s\S]*?)^```$/gm;

let folder = "";
let exports: Readonly<Record<string, string>> = {};

before(async () => {
  // Inside the repository, so that packages resolve.
  const cache = fileURLToPath(new URL("tests/.cache/", ROOT));
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, "guides-"));
  exports = JSON.parse(await readFile(new URL("deno.json", ROOT), "utf8")).exports;
});
after(() => rm(folder, { recursive: true, force: true }));

/** Runs a program of a guide; gives what it printed and what its comments say that it prints. */
async function play(
  code: string,
  file: string,
): Promise<{ printed: string[]; promised: string[] }> {
  const local = code.replace(/"@scouter\/sdk(\/[\w/]+)?"/g, (_whole, path = "") => {
    const target = exports[`.${path}`];
    assert.ok(target, `the package exports ${path}`);
    return JSON.stringify(new URL(target, ROOT).href);
  });
  await writeFile(file, local);
  const printed: string[] = [];
  const { log } = console;
  console.log = (...parts: unknown[]) => void printed.push(parts.map(String).join(" "));
  try {
    await import(`file://${file}`);
  } finally {
    console.log = log;
  }
  const promised = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map((m) => m[1] ?? "");
  return { printed, promised };
}

/** The world of a command, with files in the folder and nothing printed. */
function quiet(): CliIo {
  return { ...processIo(), stdout: () => {}, stderr: () => {} };
}

for (const guide of ["drift", "evaluation"]) {
  test(`every program and command line of docs/${guide}.md does what the page says`, async () => {
    const text = await readFile(new URL(`docs/${guide}.md`, ROOT), "utf8");
    const files = new Set<string>();
    let programs = 0;
    let commands = 0;
    for (const [, name, language, content = ""] of text.matchAll(BLOCK)) {
      if (name !== undefined) {
        files.add(name);
        await writeFile(join(folder, name), content);
      } else if (language === "ts") {
        const file = join(folder, `${guide}_${programs++}.ts`);
        const { printed, promised } = await play(content, file);
        assert.ok(promised.length > 0, content);
        assert.deepEqual(printed, promised);
      } else if (language === "sh") {
        for (const line of content.trim().split("\n")) {
          const [, command = "", code] = /^scouter (.*?) +# exit (\d)$/.exec(line) ?? [];
          assert.ok(code, line);
          const args = command.split(" ");
          for (const [i, arg] of args.entries()) if (arg === "--out") files.add(args[i + 1] ?? "");
          const placed = args.map((arg) =>
            files.has(arg)
              ? join(folder, arg)
              : arg.startsWith("examples/")
              ? fileURLToPath(new URL(arg, ROOT))
              : arg
          );
          assert.equal(await runCli(placed, quiet()), Number(code), line);
          commands++;
        }
      } else {
        assert.fail(`a ${language} block that nothing checks: ${content}`);
      }
    }
    assert.ok(programs >= 3 && commands >= 4);
  });
}

test("the JSON Schemas published for editors are those of the library", async () => {
  for (const name of ["tasks", "scenarios", "prompt"] as const) {
    const text = await readFile(new URL(`docs/schemas/${name}.json`, ROOT), "utf8");
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(fileSchema(name))));
  }
});
