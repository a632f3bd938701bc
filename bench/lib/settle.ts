/**
 * Waiting until a server rests.
 *
 * @module
 */

import type { ServerProcess } from "../../tests/support/server_process.ts";
import { processUsage } from "./process_usage.ts";

/** Waits until the server has nothing to do any more: sealing goes on after the last answer. */
export async function settle(server: ServerProcess): Promise<void> {
  let before = processUsage(server.pid).cpuSeconds;
  for (let quiet = 0, round = 0; quiet < 2; round++) {
    if (round > 200) throw new Error("the server did not come to rest within 80 s");
    await new Promise((wake) => setTimeout(wake, 400));
    const now = processUsage(server.pid).cpuSeconds;
    quiet = now - before < 0.025 ? quiet + 1 : 0;
    before = now;
  }
}
