import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { buildUi, BUILT_DIR } from "../../scripts/build_ui.ts";

test("the committed files of the application are those its sources build to", async () => {
  const built = await buildUi();
  assert.deepEqual((await readdir(BUILT_DIR)).sort(), [...built.keys()].sort());
  for (const [name, content] of built) {
    assert.deepEqual(new Uint8Array(await readFile(join(BUILT_DIR, name))), content, name);
  }
});
