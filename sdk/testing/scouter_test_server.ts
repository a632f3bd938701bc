/**
 * A real server for tests.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { HttpConfig } from "../client/config.ts";
import { freePorts } from "./free_ports.ts";
import { type ServerCommand, serverCommand } from "./server_command.ts";

/** What to start. */
export interface ScouterTestServerOptions {
  /** Further settings of the server, such as `SCOUTER_AUTH`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where data lies; kept at the end. A temporary folder that is removed by default. */
  readonly dataDir?: string;
  /** Milliseconds until the server has to be ready; 60,000 by default, for a first start makes a database. */
  readonly readyTimeoutMs?: number;
  /** Program and arguments that start a server; else `SCOUTER_SERVER_COMMAND`, else the server beside the SDK. */
  readonly command?: readonly string[];
}

interface Ports {
  readonly http: number;
  readonly otlpHttp: number;
  readonly grpc: number;
  readonly otlpGrpc: number;
}

const READY_POLL_MS = 25;
const MAX_OUTPUT_CHARS = 200_000;
/** Another process may take a port between its being found free and its being used. */
const ATTEMPTS = 3;

/**
 * A real server in a process of its own, on free ports of this machine, with its own data. Disposing ends it and removes
 * its data.
 *
 * @example
 * ```ts
 * import { ScouterClient } from "@scouter/sdk/client";
 * import { ScouterTestServer } from "@scouter/sdk/testing";
 *
 * async function example(): Promise<void> {
 *   await using server = await ScouterTestServer.start();
 *   const client = await ScouterClient.connect(server.httpConfig);
 *   console.log((await client.recentTraces()).items.length); // 0
 * }
 * console.log(example.length);
 * ```
 */
export class ScouterTestServer implements AsyncDisposable {
  /** Address of the REST interface. */
  readonly httpUrl: string;
  /** Address that takes OTLP over HTTP. */
  readonly otlpHttpUrl: string;
  /** Address that takes gRPC. */
  readonly grpcUrl: string;
  /** Address that takes OTLP over gRPC. */
  readonly otlpGrpcUrl: string;
  /** Where the data lies. */
  readonly dataDir: string;
  readonly #run: Run;
  readonly #removesData: boolean;

  private constructor(run: Run, ports: Ports, dataDir: string, removesData: boolean) {
    this.#run = run;
    this.#removesData = removesData;
    this.dataDir = dataDir;
    this.httpUrl = `http://127.0.0.1:${ports.http}`;
    this.otlpHttpUrl = `http://127.0.0.1:${ports.otlpHttp}`;
    this.grpcUrl = `http://127.0.0.1:${ports.grpc}`;
    this.otlpGrpcUrl = `http://127.0.0.1:${ports.otlpGrpc}`;
  }

  /**
   * Starts a server and waits until it is ready.
   *
   * @param options settings, data, and how to start it
   * @returns the server
   * @throws {Error} with what the server wrote, when it ends or is not ready in time
   */
  static async start(options: ScouterTestServerOptions = {}): Promise<ScouterTestServer> {
    const command = await serverCommand(options.command);
    const dataDir = options.dataDir ?? await mkdtemp(join(tmpdir(), "scouter-test-"));
    const removesData = options.dataDir === undefined;
    try {
      for (let attempt = 1;; attempt++) {
        const [http, otlpHttp, grpc, otlpGrpc] = await freePorts(4) as [
          number,
          number,
          number,
          number,
        ];
        const ports = { http, otlpHttp, grpc, otlpGrpc };
        const run = new Run(command, ports, dataDir, options.env ?? {});
        const problem = await run.ready(http, options.readyTimeoutMs ?? 60_000);
        if (problem === null) return new ScouterTestServer(run, ports, dataDir, removesData);
        await run.stop("SIGKILL");
        if (attempt < ATTEMPTS && /address.*in use|EADDRINUSE/i.test(run.output)) continue;
        throw new Error(`${problem}:\n${run.output}`);
      }
    } catch (error) {
      if (removesData) await rm(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Configuration of a client of this server. */
  get httpConfig(): HttpConfig {
    return { serverUri: this.httpUrl };
  }

  /** The server's process id. */
  get pid(): number {
    return this.#run.pid;
  }

  /** What the server wrote so far. */
  get output(): string {
    return this.#run.output;
  }

  /** Sends a signal and waits until the process has ended; the data stays. */
  stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    return this.#run.stop(signal);
  }

  /** Ends the server and removes its data, unless its folder was given. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run.stop("SIGKILL");
    if (this.#removesData) await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** The server's process. */
class Run {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #problem: string | null = null;
  #output = "";

  constructor(
    command: ServerCommand,
    ports: Ports,
    dataDir: string,
    env: Readonly<Record<string, string>>,
  ) {
    this.#child = spawn(command.program, [...command.args], {
      env: {
        ...process.env,
        NO_COLOR: "1",
        LOG_LEVEL: "warn",
        SCOUTER_DATA_DIR: dataDir,
        SCOUTER_SERVER_PORT: String(ports.http),
        SCOUTER_OTLP_HTTP_PORT: String(ports.otlpHttp),
        SCOUTER_GRPC_PORT: String(ports.grpc),
        SCOUTER_OTLP_GRPC_PORT: String(ports.otlpGrpc),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const decoder = new TextDecoder();
    const collect = (chunk: Uint8Array) => {
      this.#output = (this.#output + decoder.decode(chunk)).slice(-MAX_OUTPUT_CHARS);
    };
    this.#child.stdout?.on("data", collect);
    this.#child.stderr?.on("data", collect);
    const kill = () => void this.#child.kill("SIGKILL");
    // A test run that ends early must not leave servers behind.
    process.once("exit", kill);
    this.#ended = new Promise((resolve) => {
      const end = (problem: string) => {
        this.#problem ??= problem;
        process.off("exit", kill);
        resolve();
      };
      this.#child.once("exit", () => end("the server ended before it was ready"));
      this.#child.once(
        "error",
        (error) => end(`${command.program} cannot be run: ${error.message}`),
      );
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  /** Waits until the server answers. @returns what went wrong, or null */
  async ready(port: number, timeoutMs: number): Promise<string | null> {
    const deadlineMs = Date.now() + timeoutMs;
    while (this.#problem === null) {
      if (await answers(`http://127.0.0.1:${port}/health/ready`)) return null;
      if (Date.now() > deadlineMs) return `the server was not ready within ${timeoutMs} ms`;
      await new Promise((wake) => setTimeout(wake, READY_POLL_MS));
    }
    return this.#problem;
  }

  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.#problem === null) this.#child.kill(signal);
    await this.#ended;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
}
