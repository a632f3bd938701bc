/**
 * What the Delta tests share: tables in temporary folders, Parquet by DuckDB, and delta-rs as the other engine.
 *
 * @module
 */

import { DuckDBInstance } from "@duckdb/node-api";
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Action, addFile, type PartitionValues } from "../../../server/lake/delta/mod.ts";
import { LocalObjectStore } from "../../../server/lake/objects/local.ts";
import type { ObjectInfo, ObjectStore } from "../../../server/lake/objects/store.ts";

const run = promisify(execFile);

/** A store in a folder that goes away after the test. */
export async function withStore(
  test: (store: LocalObjectStore, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "delta-test-"));
  try {
    await test(new LocalObjectStore(folder), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

let duckdb: Promise<DuckDBInstance> | undefined;

/** Writes the rows of a query as a Parquet file and returns how many there were. */
export async function writeParquet(path: string, query: string): Promise<number> {
  duckdb ??= DuckDBInstance.create(":memory:");
  await mkdir(dirname(path), { recursive: true });
  const connection = await (await duckdb).connect();
  try {
    const reader = await connection.runAndReadAll(
      `COPY (${query}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`,
    );
    return Number(reader.getRows()[0]?.[0]);
  } finally {
    connection.closeSync();
  }
}

/** Writes a Parquet file into a table's folder and returns the action that adds it. */
export async function parquetFile(
  store: LocalObjectStore,
  table: string,
  key: string,
  query: string,
  partitionValues: PartitionValues = {},
): Promise<Action> {
  const path = store.path(`${table}/${key}`);
  const numRecords = await writeParquet(path, query);
  const { size, mtimeMs } = await stat(path);
  return addFile({
    key,
    partitionValues,
    sizeBytes: size,
    modificationTimeMs: Math.floor(mtimeMs),
    stats: JSON.stringify({ numRecords }),
  });
}

/** An add action for a file that nobody reads. */
export function fakeFile(key: string, partitionValues: PartitionValues = {}): Action {
  return addFile({ key, partitionValues, sizeBytes: 1, modificationTimeMs: 1_700_000_000_000 });
}

let python: Promise<string> | undefined;

/** Path of a Python with deltalake and polars, installed when missing. */
export function pythonWithDeltalake(): Promise<string> {
  const script = fileURLToPath(new URL("../../services/delta-read.sh", import.meta.url));
  python ??= run(script, ["python"]).then(({ stdout }) => stdout.trim());
  return python;
}

/** Runs a Python program with deltalake; its last line of output is JSON. Arguments are in `sys.argv[1:]`. */
export async function deltaRs(program: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await run(await pythonWithDeltalake(), ["-c", program, ...args], {
    maxBuffer: 64 << 20,
  });
  const lines = stdout.trim().split("\n");
  return JSON.parse(lines[lines.length - 1] ?? "");
}

/** Starts a program of this folder in a process of its own. */
export function startScript(name: string, ...args: string[]): ReturnType<typeof spawn> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return spawn(Deno.execPath(), ["run", "-A", path, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Counts the operations on a store. */
export class CountingStore implements ObjectStore {
  readonly counts = new Map<string, number>();
  readonly uri: string;
  readonly #inner: ObjectStore;

  constructor(inner: ObjectStore) {
    this.#inner = inner;
    this.uri = inner.uri;
  }

  /** The counts since the last call, by method. */
  take(): Record<string, number> {
    const taken = Object.fromEntries([...this.counts].sort(([a], [b]) => a < b ? -1 : 1));
    this.counts.clear();
    return taken;
  }

  #count(method: string): ObjectStore {
    this.counts.set(method, (this.counts.get(method) ?? 0) + 1);
    return this.#inner;
  }

  get(key: string): Promise<Uint8Array | null> {
    return this.#count("get").get(key);
  }
  getRange(key: string, start: number, end: number): Promise<Uint8Array | null> {
    return this.#count("getRange").getRange(key, start, end);
  }
  head(key: string): Promise<ObjectInfo | null> {
    return this.#count("head").head(key);
  }
  put(key: string, bytes: Uint8Array): Promise<void> {
    return this.#count("put").put(key, bytes);
  }
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    return this.#count("putIfAbsent").putIfAbsent(key, bytes);
  }
  putFile(key: string, sourcePath: string): Promise<void> {
    return this.#count("putFile").putFile(key, sourcePath);
  }
  list(prefix: string, startAfter?: string): AsyncIterable<ObjectInfo> {
    return this.#count("list").list(prefix, startAfter);
  }
  delete(key: string): Promise<void> {
    return this.#count("delete").delete(key);
  }
}
