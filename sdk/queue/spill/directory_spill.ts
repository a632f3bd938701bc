/**
 * A directory that keeps what queues have not sent.
 *
 * @module
 */

import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { QueueError } from "../errors.ts";
import type { Spill, SpilledQueue } from "../spill.ts";
import { DirectoryLock } from "./directory_lock.ts";
import { QueueFiles } from "./queue_files.ts";

const LOCK = "lock";

/**
 * Keeps every inserted item in a file before `insert` returns, and every batch until it is sent: a process that is killed
 * loses nothing, and the next one on the same directory sends it. Batches may arrive twice, when the process ends between
 * sending and noting it. What the operating system has not written yet is lost when the machine itself loses power.
 *
 * One process uses a directory at a time, and one {@linkcode ScouterQueue}.
 *
 * @example
 * ```ts
 * import { DirectorySpill } from "@scouter/sdk/queue/spill";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 *
 * const spill = new DirectorySpill(mkdtempSync(`${tmpdir()}/queue-`));
 * console.log(spill.unopened()); // []
 * spill.close();
 * ```
 */
export class DirectorySpill implements Spill {
  /** The directory. */
  readonly path: string;
  #lock: DirectoryLock | null = null;
  readonly #queues = new Map<string, QueueFiles>();

  /**
   * Names a directory. It is made and taken when a queue is opened.
   *
   * @param path where
   */
  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Opens what is kept for a queue. @throws {QueueError} `SPILL_FAILED` */
  open(alias: string, uid: string): SpilledQueue {
    if (this.#queues.has(alias)) {
      throw failed(this.path, new Error(`queue "${alias}" is open already`));
    }
    try {
      mkdirSync(this.path, { recursive: true });
      this.#lock ??= new DirectoryLock(join(this.path, LOCK));
      const files = new QueueFiles(join(this.path, folderOf(alias)), uid);
      this.#queues.set(alias, files);
      return files;
    } catch (cause) {
      throw failed(this.path, cause);
    }
  }

  /** Aliases for which something is kept that was not opened. */
  unopened(): readonly string[] {
    if (!existsSync(this.path)) return [];
    const folders = readdirSync(this.path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith(PREFIX))
      .map((entry) => entry.name);
    return folders.filter((name) => readdirSync(join(this.path, name)).length > 0)
      .map(aliasOf).filter((alias) => !this.#queues.has(alias));
  }

  /** Lets others use it. */
  close(): void {
    for (const files of this.#queues.values()) files.close();
    this.#queues.clear();
    this.#lock?.release();
    this.#lock = null;
  }
}

// So that no alias makes a path of its own.
const PREFIX = "queue-";
const folderOf = (alias: string) => PREFIX + encodeURIComponent(alias);
const aliasOf = (folder: string) => decodeURIComponent(folder.slice(PREFIX.length));

function failed(path: string, cause: unknown): QueueError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new QueueError("SPILL_FAILED", `${path} cannot keep what is not sent: ${reason}`, {
    cause,
  });
}
