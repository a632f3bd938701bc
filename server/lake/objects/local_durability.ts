/**
 * Durable writes on a POSIX file system: data is synced before it gets its name, and the folder after.
 *
 * @module
 */

import { mkdir, open, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ScouterError } from "../../errors.ts";
import { TEMPORARY_PREFIX } from "./keys.ts";

/** The system error code (`ENOENT`, `ENOSPC`, …) of an error, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Syncs the content of a file. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Syncs a folder, so that the names in it survive a power loss. */
export const syncDirectory = (path: string): Promise<void> => syncFile(path);

/** Makes a folder and its parents, durably. */
export async function makeDirectory(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true });
  if (firstMade === undefined) return;
  const top = dirname(firstMade);
  for (let folder = path;; folder = dirname(folder)) {
    await syncDirectory(folder);
    if (folder === top || folder === dirname(folder)) return;
  }
}

/**
 * Writes bytes to a new, synced file with a temporary name in a folder, making the folder when missing.
 *
 * @returns The file's path; the caller gives it its name or removes it.
 */
export async function writeTemporary(folder: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, TEMPORARY_PREFIX + crypto.randomUUID());
  let handle;
  try {
    handle = await open(path, "wx", 0o644);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    await makeDirectory(folder);
    handle = await open(path, "wx", 0o644);
  }
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } catch (error) {
    await handle.close();
    await removeIfPresent(path);
    throw error;
  }
  await handle.close();
  return path;
}

/** Removes a file; a missing one is fine. Returns whether it was there. */
export async function removeIfPresent(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return false;
    throw error;
  }
}

/** What to do about the system errors an operator can meet, in their words. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free space or move the folder to a larger disk",
  EDQUOT: "the disk quota is used up: free space or raise the quota",
  EROFS: "the file system is read-only: remount it writable",
  EACCES: "permission was denied: give the server's user read and write access",
  EPERM: "the file system refused (no permission, or no hard links): use a local POSIX file system",
  ENOTSUP: "the file system has no hard links: use a local POSIX file system",
  EMFILE: "too many files are open: raise the limit (ulimit -n)",
  EIO: "the disk reported an error: check it",
  EISDIR: "a folder stands where an object was expected",
  ENOTDIR: "a file stands where a folder was expected",
};

/**
 * Translates a system error of a file operation.
 *
 * @param action What was being done, e.g. `write`.
 * @param path File concerned.
 * @param error What was thrown.
 * @returns A ScouterError UNAVAILABLE that may be retried; errors of ours are passed on.
 */
export function storageError(action: string, path: string, error: unknown): ScouterError {
  if (error instanceof ScouterError) return error;
  const code = errnoOf(error);
  const wayOut = (code !== undefined && WAYS_OUT[code]) || String(error);
  return new ScouterError("UNAVAILABLE", `cannot ${action} ${path}: ${wayOut}`, {
    cause: error,
    retry: true,
    retryAfterSeconds: 5,
  });
}
