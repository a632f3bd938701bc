/** A real PostgreSQL server for tests: one per process, a database of its own per test. */

import pg from "pg";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SCRIPT = new URL("../services/postgres.sh", import.meta.url).pathname;

/** A running server. */
export interface TestPostgres {
  /** Makes an empty database and returns its URI. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}

/** Starts a server, or says why it cannot be had. */
export async function startPostgres(): Promise<TestPostgres | { readonly unavailable: string }> {
  const directory = await mkdtemp(join(tmpdir(), "scouter-postgres-"));
  let uri: string;
  try {
    const started = await run("bash", [SCRIPT, "start", directory, String(await freePort())]);
    uri = started.stdout.trim();
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    console.warn(`PostgreSQL cannot be started, tests on it are skipped: ${reason}`);
    return { unavailable: reason };
  }
  let databases = 0;
  return {
    async createDatabase() {
      const name = `test_${++databases}`;
      const client = new pg.Client({ connectionString: uri });
      await client.connect();
      try {
        await client.query(`create database ${name}`);
      } finally {
        await client.end();
      }
      return uri.replace(/\/postgres$/, `/${name}`);
    },
    async stop() {
      await run("bash", [SCRIPT, "stop", directory]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
