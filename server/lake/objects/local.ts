/**
 * The object store in a local folder.
 *
 * @module
 */

import { copyFile, link, open, opendir, readdir, readFile, rename, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkKey, compareKeys, TEMPORARY_PREFIX } from "./keys.ts";
import {
  errnoOf,
  makeDirectory,
  removeIfPresent,
  storageError,
  syncDirectory,
  syncFile,
  writeTemporary,
} from "./local_durability.ts";
import type { ObjectInfo, ObjectStore } from "./store.ts";

/** True for errors that say "there is no such object". */
const isMissing = (error: unknown): boolean => {
  const code = errnoOf(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
};

/**
 * An {@linkcode ObjectStore} in a folder of a local POSIX file system: a key is a path below the folder. Writes go to a
 * temporary file in the target's folder, are synced, get their name by `rename(2)` or (put-if-absent) `link(2)`, and
 * the folder is synced. Several processes may use one folder. Symbolic links inside the folder are not followed when
 * listing.
 *
 * @example
 * ```ts
 * const store = new LocalObjectStore("/var/lib/scouter/lake");
 * await store.putIfAbsent("t/_delta_log/00000000000000000000.json", bytes); // true once, then false
 * ```
 */
export class LocalObjectStore implements ObjectStore {
  readonly uri: string;
  /** The folder's absolute path. */
  readonly root: string;

  /** @param root Folder; made at the first write when missing. */
  constructor(root: string) {
    this.root = resolve(root);
    this.uri = pathToFileURL(this.root).href;
  }

  /**
   * Where an object lies on disk, for readers that want a path (DuckDB).
   *
   * @throws {ScouterError} BAD_REQUEST for a malformed key.
   */
  path(key: string): string {
    return join(this.root, checkKey(key));
  }

  async get(key: string): Promise<Uint8Array | null> {
    const path = this.path(key);
    try {
      return await readFile(path);
    } catch (error) {
      if (isMissing(error)) return null;
      throw storageError("read", path, error);
    }
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array | null> {
    const path = this.path(key);
    if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end)) {
      throw new RangeError(
        `getRange of "${key}": expected 0 <= start <= end, got ${start}, ${end}`,
      );
    }
    try {
      const handle = await open(path, "r");
      try {
        const { size } = await handle.stat();
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await handle.read(
            bytes,
            filled,
            bytes.length - filled,
            start + filled,
          );
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return filled === bytes.length ? bytes : bytes.subarray(0, filled);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (isMissing(error)) return null;
      throw storageError("read", path, error);
    }
  }

  async head(key: string): Promise<ObjectInfo | null> {
    const path = this.path(key);
    try {
      const found = await stat(path);
      if (!found.isFile()) return null;
      return { key, sizeBytes: found.size, modifiedMs: Math.floor(found.mtimeMs) };
    } catch (error) {
      if (isMissing(error)) return null;
      throw storageError("read", path, error);
    }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.path(key);
    try {
      await this.#name(await writeTemporary(dirname(path), bytes), path);
    } catch (error) {
      throw storageError("write", path, error);
    }
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const path = this.path(key);
    try {
      const temporary = await writeTemporary(dirname(path), bytes);
      let won = true;
      try {
        await link(temporary, path);
      } catch (error) {
        if (errnoOf(error) !== "EEXIST") throw error;
        won = false;
      } finally {
        await removeIfPresent(temporary);
      }
      await syncDirectory(dirname(path));
      return won;
    } catch (error) {
      throw storageError("write", path, error);
    }
  }

  async putFile(key: string, sourcePath: string): Promise<void> {
    const path = this.path(key);
    try {
      await syncFile(sourcePath);
      await makeDirectory(dirname(path));
      try {
        await this.#name(sourcePath, path, false);
      } catch (error) {
        if (errnoOf(error) !== "EXDEV") throw error;
        // Another file system: copy beside the target first, so that the object still appears whole.
        const temporary = join(dirname(path), TEMPORARY_PREFIX + crypto.randomUUID());
        try {
          await copyFile(sourcePath, temporary);
          await syncFile(temporary);
        } catch (copyError) {
          await removeIfPresent(temporary);
          throw copyError;
        }
        await this.#name(temporary, path);
        await removeIfPresent(sourcePath);
      }
    } catch (error) {
      throw storageError("write", path, error);
    }
  }

  async *list(prefix: string, startAfter?: string): AsyncIterable<ObjectInfo> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    if (folder !== "") checkKey(folder.slice(0, -1));
    yield* this.#walk(folder, prefix, startAfter ?? "");
  }

  async delete(key: string): Promise<void> {
    const path = this.path(key);
    try {
      if (await removeIfPresent(path)) await syncDirectory(dirname(path));
    } catch (error) {
      throw storageError("delete", path, error);
    }
  }

  /**
   * Removes what writers that died half-way left behind.
   *
   * @param olderThanMs Age below which a temporary file may belong to a running writer.
   * @returns How many files were removed.
   */
  async removeStaleTemporaries(olderThanMs: number): Promise<number> {
    let removed = 0;
    const before = Date.now() - olderThanMs;
    const sweep = async (folder: string): Promise<void> => {
      for await (const entry of await opendir(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) await sweep(path);
        else if (entry.name.startsWith(TEMPORARY_PREFIX)) {
          const found = await stat(path).catch((error: unknown) => {
            if (isMissing(error)) return null;
            throw error;
          });
          if (found !== null && found.mtimeMs < before && await removeIfPresent(path)) removed++;
        }
      }
    };
    try {
      await sweep(this.root);
    } catch (error) {
      if (!isMissing(error)) throw storageError("clean up", this.root, error);
    }
    return removed;
  }

  /** Gives a synced file its final name, durably; removes it when that fails. */
  async #name(from: string, to: string, removeOnFailure = true): Promise<void> {
    try {
      await rename(from, to);
    } catch (error) {
      if (removeOnFailure) await removeIfPresent(from);
      throw error;
    }
    await syncDirectory(dirname(to));
  }

  async *#walk(folder: string, prefix: string, after: string): AsyncIterable<ObjectInfo> {
    const path = join(this.root, folder);
    let entries;
    try {
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return;
      throw storageError("list", path, error);
    }
    // A folder sorts as its name with a slash, because that is how the keys below it begin.
    const keys = entries
      .filter((entry) => !entry.name.startsWith(TEMPORARY_PREFIX))
      .filter((entry) => entry.isDirectory() || entry.isFile())
      .map((entry) => folder + entry.name + (entry.isDirectory() ? "/" : ""))
      .filter((key) => key.endsWith("/") ? overlaps(key, prefix) : key.startsWith(prefix))
      .filter((key) => compareKeys(key, after) > 0 || (key.endsWith("/") && after.startsWith(key)))
      .sort(compareKeys);
    for (const key of keys) {
      if (key.endsWith("/")) yield* this.#walk(key, prefix, after);
      else {
        const info = await this.head(key);
        if (info !== null) yield info;
      }
    }
  }
}

/** Whether a folder can hold keys that start with the prefix. */
const overlaps = (folder: string, prefix: string): boolean =>
  folder.startsWith(prefix) || prefix.startsWith(folder);
