/** Real message brokers for tests: Kafka, RabbitMQ and Redis, each on free ports with data of its own. */

import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The brokers there are scripts for. */
export type BrokerKind = "kafka" | "rabbitmq" | "redis";

/** A running broker. Disposing stops it and removes its data. */
export interface TestBroker extends AsyncDisposable {
  /** What a client connects to: `host:port` for Kafka, a URI for the others. Stays the same over restarts. */
  readonly uri: string;
  /** Where its data is. */
  readonly directory: string;
  /** Stops it in order; its data stays. */
  stop(): Promise<void>;
  /** Kills it at once, as a crash would. */
  crash(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Makes it hang: connections stay open and nothing is answered. */
  pause(): Promise<void>;
  /** Lets it go on. */
  resume(): Promise<void>;
}

/** Starts a broker, or says why it cannot be had (after printing it, so that a skipped test is seen). */
export async function startBroker(
  kind: BrokerKind,
  env: Readonly<Record<string, string>> = {},
): Promise<TestBroker | { readonly unavailable: string }> {
  const script = fileURLToPath(new URL(`../services/${kind}.sh`, import.meta.url));
  const directory = await mkdtemp(join(tmpdir(), `scouter-${kind}-`));
  const port = String(await freePortRun(3));
  const start = async () => {
    const { stdout } = await run("bash", [script, "start", directory, port], {
      env: { ...process.env, ...env },
    });
    return stdout.trim();
  };
  const signal = async (name: "SIGKILL" | "SIGSTOP" | "SIGCONT") => {
    const [pid] = (await readFile(join(directory, "service.pid"), "utf8")).split(" ");
    process.kill(Number(pid), name);
  };
  const stop = () => run("bash", [script, "stop", directory]);
  let uri: string;
  try {
    uri = await start();
  } catch (error) {
    await stop().catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    console.warn(`${kind} cannot be started, tests on it are skipped: ${reason}`);
    return { unavailable: reason };
  }
  return {
    uri,
    directory,
    stop: async () => void await stop(),
    start: async () => void await start(),
    async crash() {
      await signal("SIGKILL");
      await stop();
    },
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The first of several ports in a row that are free, below the range the system hands out for outgoing connections. */
async function freePortRun(count: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = 15_000 + Math.floor(Math.random() * 15_000);
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(base + i)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no ${count} free ports in a row between 15000 and 30000`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
