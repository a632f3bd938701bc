/**
 * One process per directory.
 *
 * @module
 */

import { ScouterError } from "../errors.ts";

/** Holds a directory until released or until the process ends, however it ends. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes an exclusive kernel lock on `path`. The kernel drops it when the process dies, so a lock is never stale;
 * the process id in the file is for the message only.
 *
 * @throws {ScouterError} PRECONDITION_FAILED when another process (or another opening in this one) holds it.
 */
export function lockDirectory(path: string, what: string): DirectoryLock {
  const file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
  if (!file.tryLockSync(true)) {
    const holder = Deno.readTextFileSync(path).trim();
    file.close();
    throw new ScouterError(
      "PRECONDITION_FAILED",
      `${what} is in use by another process${holder ? ` (process id ${holder})` : ""}. ` +
        "Stop that process, choose another SCOUTER_DATA_DIR, or set DATABASE_URI to share a PostgreSQL server.",
    );
  }
  file.truncateSync(0);
  file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  return { release: () => file.close() };
}
