/**
 * One process per data folder.
 *
 * @module
 */

import { ScouterError } from "../../../errors.ts";

/** Holds a folder until released or until the process ends, however it ends. */
export interface StoreLock {
  release(): void;
}

/**
 * Takes an exclusive kernel lock. The kernel drops it with the process, so it is never stale; the process id in the
 * file is there for the message only.
 *
 * @throws {ScouterError} PRECONDITION_FAILED when somebody holds it.
 */
export function lockStore(path: string, dir: string): StoreLock {
  const file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
  if (!file.tryLockSync(true)) {
    const holder = Deno.readTextFileSync(path).trim();
    file.close();
    throw new ScouterError(
      "PRECONDITION_FAILED",
      `The span store "${dir}" is in use by another process${
        holder === "" ? "" : ` (process id ${holder})`
      }.`,
      { suggestedAction: "Stop that process, or choose another SCOUTER_DATA_DIR." },
    );
  }
  file.truncateSync(0);
  file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  let held = true;
  return {
    release() {
      if (held) file.close();
      held = false;
    },
  };
}
