/**
 * Queues whose items and batches survive the process: for Deno, Node and Bun.
 *
 * @example
 * ```ts
 * import { MockTransport, ScouterQueue } from "@scouter/sdk/queue";
 * import { DirectorySpill } from "@scouter/sdk/queue/spill";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 *
 * const spill = new DirectorySpill(mkdtempSync(`${tmpdir()}/queue-`));
 * const queue = await ScouterQueue.fromProfile({}, { transport: new MockTransport(), spill });
 * await queue.shutdown();
 * ```
 *
 * @module
 */

export { DirectorySpill } from "./directory_spill.ts";
