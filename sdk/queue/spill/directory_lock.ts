/**
 * One process at a time.
 *
 * @module
 */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";

/** Locks this process holds: its own id alone does not tell it from an earlier process that had the same. */
const held = new Set<string>();

/** A file that names the process that uses a directory. One left by a process that is gone counts for nothing. */
export class DirectoryLock {
  readonly #path: string;

  /** @throws {Error} when another process, or this one, has it */
  constructor(path: string) {
    this.#path = path;
    if (held.has(path)) throw new Error("this process uses it already");
    for (let attempt = 0;; attempt++) {
      try {
        writeFileSync(path, mark(process.pid), { flag: "wx" });
        break;
      } catch (error) {
        if (!isCode(error, "EEXIST") || attempt > 2) throw error;
        const owner = ownerOf(path);
        if (owner !== null) throw new Error(`process ${owner} uses it`);
        rmSync(path, { force: true });
      }
    }
    held.add(path);
  }

  /** Lets others have it. */
  release(): void {
    if (held.delete(this.#path)) rmSync(this.#path, { force: true });
  }
}

/** The living process that holds a lock; null when there is none. */
function ownerOf(path: string): number | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
  const pid = Number(text.split(" ")[0]);
  // What has this process's id and is not held by it was left by an earlier one, as in a container that starts anew.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid || !isAlive(pid)) return null;
  return mark(pid) === text ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and belongs to somebody else.
    return isCode(error, "EPERM");
  }
}

/** A process and, where the system tells, when it started: ids are used again. */
function mark(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold anything; the start is the 20th field after it.
    return `${pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    // No such files on this system.
    return `${pid}`;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
