import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { freePorts, startServerProcess } from "../../support/server_process.ts";

const MAIN = fileURLToPath(new URL("../../../server/main.ts", import.meta.url));

/** Runs a command to its end. */
function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(
      Deno.execPath(),
      ["run", "-A", "--quiet", MAIN, ...args],
      { env: { ...Deno.env.toObject(), NO_COLOR: "1", ...env }, timeout: 60_000 },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

async function occupyPort(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return {
    port: address.port,
    [Symbol.asyncDispose]: () => new Promise((closed) => server.close(() => closed())),
  };
}

const SPAN = (id: string) => ({
  resourceSpans: [{
    scopeSpans: [{
      spans: [{
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: id,
        name: "work",
        startTimeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
        endTimeUnixNano: String(BigInt(Date.now()) * 1_000_000n + 5_000_000n),
      }],
    }],
  }],
});

describe("the command line", () => {
  it("prints every setting with --help", async () => {
    const { code, out } = await run(["serve", "--help"]);
    assert.equal(code, 0);
    assert.match(out, /serve \[--mode http\|grpc\|both\]/);
    assert.match(out, /SCOUTER_DATA_DIR/);
  });

  it("names all wrong settings and exits with 2", async () => {
    const { code, err } = await run(["serve"], { SCOUTER_SERVER_PORT: "x", LOG_LEVEL: "loud" });
    assert.equal(code, 2);
    assert.match(err, /SCOUTER_SERVER_PORT: "x"/);
    assert.match(err, /LOG_LEVEL: "loud" is not one of error, warn, info, debug, trace/);
  });

  it("refuses unknown commands and modes", async () => {
    assert.equal((await run(["sevre"])).code, 2);
    const { code, err } = await run(["serve", "--mode", "smoke"]);
    assert.equal(code, 2);
    assert.match(err, /expected http, grpc or both/);
  });
});

describe("serve", () => {
  it("ends with 0 after SIGTERM, even when it comes while starting", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "scouter-serve-"));
    try {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", MAIN, "serve", "--mode", "http"],
        env: {
          NO_COLOR: "1",
          SCOUTER_DATA_DIR: dataDir,
          SCOUTER_SERVER_PORT: String((await freePorts(1))[0]),
          SCOUTER_OTLP_HTTP_PORT: "0",
        },
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      // The data directory is made after the signal handlers are set.
      while (!(await readdir(dataDir)).length) await new Promise((wake) => setTimeout(wake, 20));
      child.kill("SIGTERM");
      const { code, stdout, stderr } = await child.output();
      const text = new TextDecoder();
      assert.equal(code, 0, text.decode(stderr));
      assert.match(text.decode(stdout), /gRPC +off/);
      assert.match(text.decode(stderr), /Stopping on "SIGTERM"/);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it("warns about a taken OTLP port, stores and keeps spans over a restart, stops cleanly", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "scouter-serve-"));
    await using taken = await occupyPort();
    try {
      {
        await using server = await startServerProcess({
          dataDir,
          env: { SCOUTER_OTLP_HTTP_PORT: String(taken.port), SCOUTER_OTLP_GPRC_PORT: "1" },
        });
        assert.match(
          server.output(),
          /SCOUTER_OTLP_GPRC_PORT.*did you mean SCOUTER_OTLP_GRPC_PORT/,
        );
        assert.match(server.output(), new RegExp(`Port ${taken.port} .* is taken`));
        const response = await fetch(`${server.httpUrl}/v1/traces`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(SPAN("b7ad6b7169203331")),
        });
        assert.deepEqual(await response.json(), {});
        // node:child_process reports a process it sent a signal to as ended by it, whatever its exit code.
        await server.stop("SIGTERM");
        assert.ok(!server.output().includes("Stopping failed"), server.output());
      }
      await using server = await startServerProcess({ dataDir });
      const response = await fetch(
        `${server.httpUrl}/scouter/v1/traces/0af7651916cd43dd8448eb211c80319c/spans`,
      );
      const { spans } = await response.json();
      assert.deepEqual(spans.map((span: { span_id: string }) => span.span_id), [
        "b7ad6b7169203331",
      ]);

      const second = await run(["serve"], {
        SCOUTER_DATA_DIR: join(dataDir, "other"),
        SCOUTER_SERVER_PORT: String(taken.port),
        SCOUTER_GRPC_PORT: "0",
        SCOUTER_OTLP_HTTP_PORT: "0",
        SCOUTER_OTLP_GRPC_PORT: "0",
      });
      assert.equal(second.code, 1);
      assert.match(second.err, new RegExp(`Port ${taken.port} on 127.0.0.1 is taken`));
      assert.match(second.err, /SCOUTER_SERVER_PORT/);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
