import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { ScouterTestServer } from "../../../sdk/testing/mod.ts";

/** A program that stands in for a server. */
async function standIn(code: string, test: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "scouter-stand-in-"));
  try {
    const file = join(folder, "server.mjs");
    await writeFile(file, code);
    await test(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How this runtime runs a file. */
const RUN = "Deno" in globalThis ? [process.execPath, "run", "-A", "--quiet"] : [process.execPath];

const READY = `
  import { createServer } from "node:http";
  import process from "node:process";
  console.log("data in", process.env.SCOUTER_DATA_DIR, process.env.SCOUTER_AUTH);
  createServer((request, response) => {
    response.writeHead(request.url === "/health/ready" ? 200 : 404).end();
  }).listen(Number(process.env.SCOUTER_SERVER_PORT), "127.0.0.1");
`;

describe("the test server", () => {
  it("waits until the server is ready, and ends it and its data when disposed", async () => {
    await standIn(READY, async (file) => {
      const command = [...RUN, file];
      const server = await ScouterTestServer.start({ command, env: { SCOUTER_AUTH: "off" } });
      assert.equal((await fetch(`${server.httpUrl}/health/ready`)).status, 200);
      assert.equal(server.httpConfig.serverUri, server.httpUrl);
      assert.match(server.output, new RegExp(`data in ${server.dataDir} off`));
      assert.deepEqual(await readdir(server.dataDir), []);
      await server[Symbol.asyncDispose]();
      await assert.rejects(readdir(server.dataDir), { code: "ENOENT" });
      await assert.rejects(fetch(`${server.httpUrl}/health/ready`));
    });
  });

  it("gives every server ports and data of its own", async () => {
    await standIn(READY, async (file) => {
      const command = [...RUN, file];
      const servers = await Promise.all([1, 2].map(() => ScouterTestServer.start({ command })));
      assert.equal(new Set(servers.map((server) => server.httpUrl)).size, 2);
      assert.equal(new Set(servers.map((server) => server.dataDir)).size, 2);
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    });
  });

  it("keeps data whose folder was given", async () => {
    await standIn(READY, async (file) => {
      const dataDir = await mkdtemp(join(tmpdir(), "scouter-given-"));
      const server = await ScouterTestServer.start({ command: [...RUN, file], dataDir });
      await server[Symbol.asyncDispose]();
      assert.deepEqual(await readdir(dataDir), []);
      await rm(dataDir, { recursive: true });
    });
  });

  it("tells what a server wrote that did not start", async () => {
    await standIn('console.error("no such setting"); process.exit(2);', async (file) => {
      await assert.rejects(
        ScouterTestServer.start({ command: [...RUN, file] }),
        /the server ended before it was ready:[^]*no such setting/,
      );
    });
  });

  it("tells when the program cannot be run at all", async () => {
    await assert.rejects(
      ScouterTestServer.start({ command: ["/nowhere/scouter"] }),
      /\/nowhere\/scouter cannot be run/,
    );
  });

  it("does not wait for ever", async () => {
    await standIn("setInterval(() => {}, 1000);", async (file) => {
      await assert.rejects(
        ScouterTestServer.start({ command: [...RUN, file], readyTimeoutMs: 300 }),
        /not ready within 300 ms/,
      );
    });
  });
});
