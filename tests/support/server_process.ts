/**
 * Starts the real server in a child process on free ports with a data directory of its own, for tests and benchmarks
 * that look at it from outside.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../server/main.ts", import.meta.url));

/** A running server. Disposing kills it and removes the data directory if it was made for it. */
export interface ServerProcess extends AsyncDisposable {
  readonly httpUrl: string;
  readonly otlpHttpUrl: string;
  readonly grpcPort: number;
  readonly otlpGrpcPort: number;
  readonly dataDir: string;
  readonly pid: number;
  /** Everything the process wrote so far. */
  output(): string;
  /** Sends a signal and resolves when the process has ended. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** What to start. */
export interface ServerProcessOptions {
  /** Kept after disposal when given; a temporary one is made and removed otherwise. */
  readonly dataDir?: string;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds to wait for readiness; 60,000 by default (a first start creates the database). */
  readonly readyTimeoutMs?: number;
}

/** Finds ports that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port was given");
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Starts a server and waits until it is ready. */
export async function startServerProcess(
  options: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const ownDir = options.dataDir === undefined;
  const dataDir = options.dataDir ?? await mkdtemp(join(tmpdir(), "scouter-server-"));
  const [http, otlpHttp, grpc, otlpGrpc] = await freePorts(4) as [number, number, number, number];
  const child: ChildProcess = spawn(
    Deno.execPath(),
    ["run", "-A", "--quiet", MAIN, "serve"],
    {
      env: {
        ...Deno.env.toObject(),
        NO_COLOR: "1",
        SCOUTER_DATA_DIR: dataDir,
        SCOUTER_SERVER_PORT: String(http),
        SCOUTER_OTLP_HTTP_PORT: String(otlpHttp),
        SCOUTER_GRPC_PORT: String(grpc),
        SCOUTER_OTLP_GRPC_PORT: String(otlpGrpc),
        LOG_LEVEL: "warn",
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const collect = (chunk: Uint8Array) => {
    output = (output + new TextDecoder().decode(chunk)).slice(-200_000);
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let ended = false;
  exited.then(() => ended = true);

  const stop = async (signal: "SIGTERM" | "SIGKILL" = "SIGTERM") => {
    if (!ended) child.kill(signal);
    await exited;
  };
  const cleanUp = async () => {
    await stop("SIGKILL");
    if (ownDir) await rm(dataDir, { recursive: true, force: true });
  };

  const httpUrl = `http://127.0.0.1:${http}`;
  const deadline = Date.now() + (options.readyTimeoutMs ?? 60_000);
  for (;;) {
    if (ended) throw new Error(`the server ended before it was ready:\n${output}`);
    const ready = await fetch(`${httpUrl}/health/ready`).then(async (response) => {
      await response.body?.cancel();
      return response.ok;
    }, () => false);
    if (ready) break;
    if (Date.now() > deadline) {
      await cleanUp();
      throw new Error(`the server was not ready in time:\n${output}`);
    }
    await new Promise((wake) => setTimeout(wake, 20));
  }

  return {
    httpUrl,
    otlpHttpUrl: `http://127.0.0.1:${otlpHttp}`,
    grpcPort: grpc,
    otlpGrpcPort: otlpGrpc,
    dataDir,
    pid: child.pid ?? 0,
    output: () => output,
    stop,
    [Symbol.asyncDispose]: cleanUp,
  };
}
