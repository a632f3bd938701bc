/**
 * Durable files: on disk, under their name, before the call returns.
 *
 * @module
 */

import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { crc32 } from "node:zlib";
import { errnoOf, syncDirectory } from "../../objects/local_durability.ts";

const FOOTER_BYTES = 8;
const MAGIC = [0x50, 0x41, 0x52, 0x31];

/**
 * Writes a new file and syncs its data; the folder is left to the caller, who may have written several. No temporary
 * name is needed: a file that is not whole is recognised by its checksum, and was never acknowledged.
 */
export async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "w", 0o644);
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Replaces a small file whole and durably. */
export async function replaceFile(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, `.tmp-${name}`);
  await writeSynced(temporary, bytes);
  await rename(temporary, join(folder, name));
  await syncDirectory(folder);
}

/** Removes a file that may be gone already. */
export async function removeFileIfPresent(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

/** Why a file is not the whole Parquet file its name promises, or undefined when it is. */
export async function damageOf(path: string, crc: number): Promise<string | undefined> {
  const bytes = await readFile(path);
  if (bytes.length < MAGIC.length + FOOTER_BYTES) return `only ${bytes.length} bytes`;
  if (!MAGIC.every((byte, i) => bytes[i] === byte && bytes[bytes.length - 4 + i] === byte)) {
    return "no Parquet footer";
  }
  if (crc32(bytes) !== crc) return "wrong checksum";
  return undefined;
}

/** Moves a file that cannot be used into a folder where nothing reads or deletes it. */
export async function quarantine(path: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const target = join(folder, `${Date.now()}-${basename(path)}`);
  await rename(path, target);
  return target;
}
