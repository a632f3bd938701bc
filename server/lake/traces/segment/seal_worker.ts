/**
 * Worker entry: seals segments off the main thread. Takes `{ id, payload }`, answers `{ id, files }` or
 * `{ id, error }`.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { sealSegment } from "./seal.ts";

/** What the worker answers. */
export type SealReply =
  | { readonly id: number; readonly files: ReturnType<typeof sealSegment> }
  | { readonly id: number; readonly error: string };

self.onmessage = (event: MessageEvent<{ id: number; payload: unknown }>) => {
  const { id, payload } = event.data;
  let reply: SealReply;
  const transfer: Transferable[] = [];
  try {
    const files = sealSegment(payload);
    for (const { bytes, traceHashes } of files) {
      if (bytes.buffer instanceof ArrayBuffer) transfer.push(bytes.buffer);
      if (traceHashes.buffer instanceof ArrayBuffer) transfer.push(traceHashes.buffer);
    }
    reply = { id, files };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
  self.postMessage(reply, transfer);
};
