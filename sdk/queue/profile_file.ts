/**
 * Files of profiles, where there are files.
 *
 * @module
 */

import { QueueError } from "./errors.ts";

interface FileSystem {
  readFile(path: string, encoding: "utf8"): Promise<string>;
}

function isFileSystem(value: unknown): value is FileSystem {
  return typeof value === "object" && value !== null && "readFile" in value &&
    typeof value.readFile === "function";
}

/** Files without importing them: browsers load this module too. */
function fileSystem(): FileSystem {
  const process: unknown = Reflect.get(globalThis, "process");
  const load: unknown = typeof process === "object" && process !== null
    ? Reflect.get(process, "getBuiltinModule")
    : undefined;
  const found: unknown = typeof load === "function" ? load("node:fs/promises") : undefined;
  if (isFileSystem(found)) return found;
  throw new QueueError(
    "INVALID_ARGUMENT",
    "this runtime has no files: read the profile yourself and use fromProfile",
  );
}

/** The text of a profile's file. @throws {QueueError} `INVALID_PROFILE` when it cannot be read */
export async function readText(path: string): Promise<string> {
  const files = fileSystem();
  try {
    return await files.readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new QueueError("INVALID_PROFILE", `${path} could not be read: ${reason}`, { cause });
  }
}
