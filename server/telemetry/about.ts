/**
 * What this process is made of and runs on.
 *
 * @module
 */

import { statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import process from "node:process";
import { sql } from "kysely";
import type { Database } from "../db/database.ts";

/** A part with a version of its own. */
export interface ComponentVersion {
  readonly name: string;
  readonly version: string;
}

/** Names and versions of runtime, engine and store. */
export async function componentVersions(database: Database): Promise<ComponentVersion[]> {
  const { deno, v8, typescript } = Deno.version;
  // Not above: at the start this native code loads beside the database, not before it.
  const { version: duckDbVersion } = await import("@duckdb/node-api");
  const found = await sql<{ version: string }>`select version() as version`.execute(database.db);
  return [
    { name: "deno", version: deno },
    { name: "v8", version: v8 },
    { name: "typescript", version: typescript },
    { name: "duckdb", version: duckDbVersion() },
    { name: database.kind, version: found.rows[0]?.version ?? "unknown" },
  ];
}

/** Facts of the process and its machine. */
export function processFacts() {
  return {
    platform: `${process.platform} ${process.arch}`,
    cpus: availableParallelism(),
    memoryRssBytes: BigInt(process.memoryUsage().rss),
    pid: process.pid,
    startedMs: Date.now() - performance.now(),
    uptimeMs: performance.now(),
  };
}

/** Size of the relational store in bytes; null when it does not say. */
export async function databaseSize(database: Database): Promise<number | null> {
  const found = await sql<{ size: string | number }>`
    select pg_database_size(current_database()) as size`.execute(database.db);
  const size = Number(found.rows[0]?.size);
  return Number.isFinite(size) ? size : null;
}

/** Room on the disk that holds a folder; nulls where the system does not say. */
export async function diskRoom(
  folder: string,
): Promise<{ readonly freeBytes: number | null; readonly sizeBytes: number | null }> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
  } catch {
    // Not every file system answers; the numbers are a convenience.
    return { freeBytes: null, sizeBytes: null };
  }
}
