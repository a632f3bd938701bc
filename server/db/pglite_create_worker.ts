/**
 * Creates a database in a folder, in a thread of its own: creating takes several times the memory of running, and a
 * thread gives it back when it ends. Gets the folder as its message, and answers null or the reason of its failure.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

self.onmessage = async (event: MessageEvent<string>) => {
  try {
    const fresh = await PGlite.create({ fs: new NodeFS(event.data) });
    await fresh.close();
    self.postMessage(null);
  } catch (error) {
    self.postMessage(error instanceof Error ? error.message : String(error));
  }
};
