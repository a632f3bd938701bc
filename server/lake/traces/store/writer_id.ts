/**
 * The identity under which a data folder commits to the table.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ScouterError } from "../../../errors.ts";
import { errnoOf } from "../../objects/local_durability.ts";
import { replaceFile } from "./durable_file.ts";
import { parseHotFileName } from "./hot_file_name.ts";

const NAME = "writer-id";

/**
 * Reads the folder's writer id, or makes one; a lost one is taken from the names of the hot files. It is the `appId` of the table's `txn` actions, so it must never be shared
 * by two folders: whoever copies a data folder to run it beside the original must delete this file from the copy.
 *
 * @throws {ScouterError} PRECONDITION_FAILED when the file holds something else.
 */
export async function loadWriterId(dir: string, hotDir: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(join(dir, NAME), "utf8")).trim();
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    const named = (await readdir(hotDir)).map((name) => parseHotFileName(name)?.writerId);
    const [known] = named.filter((id) => id !== undefined);
    const made = known ?? crypto.randomUUID().replaceAll("-", "");
    await replaceFile(dir, NAME, new TextEncoder().encode(made + "\n"));
    return made;
  }
  if (/^[0-9a-f]{32}$/.test(text)) return text;
  throw new ScouterError(
    "PRECONDITION_FAILED",
    `"${join(dir, NAME)}" holds "${text.slice(0, 40)}", expected 32 hexadecimal digits.`,
    {
      suggestedAction:
        "Restore the file from a backup; hot files carry the id at the start of their names.",
    },
  );
}
