/**
 * The name of this server among those that share a consumer group.
 *
 * @module
 */

import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/**
 * Unique, and the same after a restart on the same data directory: what the server had taken and not acknowledged when
 * it ended is given to it again at once.
 */
export async function instanceId(dataDir: string): Promise<string> {
  const path = join(dataDir, "broker_consumer_id");
  try {
    const known = (await readFile(path, "utf8")).trim();
    if (known !== "") return known;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const id = `${hostname()}-${crypto.randomUUID().slice(0, 8)}`;
  await writeFile(path, `${id}\n`);
  return id;
}
