import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs a program with the runtime of this test, in the project's folder so that packages are found. */
async function run(file: string): Promise<number | null> {
  const runtime = "Deno" in globalThis
    ? ["run", "-A", "--quiet", "--config", join(ROOT, "deno.json")]
    : [];
  const child = spawn(process.execPath, [...runtime, file], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return await new Promise((done) => child.once("exit", done));
}

describe("a program that just ends", () => {
  it("sends the spans that wait", async () => {
    const bodies: string[] = [];
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      response.end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const folder = await mkdtemp(join(tmpdir(), "scouter-exit-"));
    try {
      const file = join(folder, "program.ts");
      await writeFile(
        file,
        `import { initTracer } from ${JSON.stringify(join(ROOT, "sdk/tracing/mod.ts"))};
const transport = { endpoint: "http://127.0.0.1:${address.port}" };
const batch = { scheduledDelayMs: 600_000 };
initTracer({ serviceName: "short", transport, batch }).withSpan("last words", () => {});
`,
      );
      assert.equal(await run(file), 0);
      assert.equal(bodies.length, 1);
      assert.ok(bodies[0]?.includes("last words"));
    } finally {
      await rm(folder, { recursive: true, force: true });
      await new Promise((done) => server.close(done));
    }
  });
});
