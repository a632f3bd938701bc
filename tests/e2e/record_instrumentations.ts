/**
 * Runs every instrumentation once more and records the OTLP requests it sends, for the tests that do without the
 * packages: `deno run -A tests/e2e/record_instrumentations.ts`.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { startFakeProvider } from "../support/fake_provider.ts";
import {
  INSTALLED,
  installInstrumentations,
  INSTRUMENTATIONS,
  runInstrumentation,
  type Runtime,
} from "../support/instrumentations.ts";

const RECORDED = new URL("../server/genai/recorded/", import.meta.url);

/** Stack traces name the folder; another text of the same length keeps every length of the message right. */
function withoutFolder(body: Buffer): Buffer {
  const text = body.toString("latin1");
  const neutral = "/app".padEnd(INSTALLED.length, "/");
  return Buffer.from(text.replaceAll(INSTALLED, neutral), "latin1");
}

async function record(runtime: Runtime, folder: string, name: string): Promise<number> {
  const requests: { path: string; body: string }[] = [];
  const sink = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const sent = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
      requests.push({
        path: request.url ?? "",
        body: withoutFolder(body).toString("base64"),
      });
      response.writeHead(200, { "content-type": "application/x-protobuf" });
      response.end();
    });
  });
  await new Promise<void>((listening) => sink.listen(0, "127.0.0.1", listening));
  const address = sink.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  await using provider = await startFakeProvider();
  const endpoint = `http://127.0.0.1:${address.port}`;
  await runInstrumentation(runtime, folder, name, endpoint, provider.baseUrl);
  sink.close();
  sink.closeAllConnections();
  const file = fileURLToPath(new URL(`${runtime}_${name}.json`, RECORDED));
  await writeFile(file, JSON.stringify(requests, null, 1) + "\n");
  return requests.length;
}

for (const runtime of ["node", "python"] as const) {
  const folder = await installInstrumentations(runtime);
  if (folder === null) continue;
  for (const name of INSTRUMENTATIONS[runtime]) {
    console.log(`${runtime}_${name}: ${await record(runtime, folder, name)} requests`);
  }
}
