/**
 * Seals segments in a worker thread, so that compression never delays an acknowledgement.
 *
 * @module
 */
import { ScouterError } from "../../../errors.ts";
import type { DetachedSegment, SealedFile } from "../contract.ts";
import type { SealReply } from "./seal_worker.ts";

/** A running seal worker. */
export interface Sealer {
  /**
   * Seals a detached segment; its buffers are transferred and unusable afterwards.
   *
   * @throws ScouterError INTERNAL_ERROR when sealing fails or the worker dies
   */
  seal(detached: DetachedSegment): Promise<SealedFile[]>;
  /** Stops the worker; unfinished seals fail. */
  close(): void;
}

interface Waiting {
  resolve(files: SealedFile[]): void;
  reject(error: ScouterError): void;
}

/** Starts a seal worker. A worker that dies is replaced at the next seal. */
export function createSealer(): Sealer {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let closed = false;
  let nextId = 0;

  const fail = (message: string) => {
    worker?.terminate();
    worker = null;
    for (const { reject } of waiting.values()) reject(new ScouterError("INTERNAL_ERROR", message));
    waiting.clear();
  };

  const start = (): Worker => {
    const started = new Worker(new URL("./seal_worker.ts", import.meta.url), { type: "module" });
    started.onmessage = (event: MessageEvent<SealReply>) => {
      const reply = event.data;
      const waiter = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ("files" in reply) waiter?.resolve(reply.files);
      else {
        waiter?.reject(
          new ScouterError("INTERNAL_ERROR", `Sealing a segment failed: ${reply.error}`),
        );
      }
    };
    started.onerror = (event) => {
      event.preventDefault();
      fail(`The seal worker died: ${event.message}`);
    };
    return started;
  };

  return {
    seal({ payload, transfer }) {
      if (closed) return Promise.reject(new ScouterError("UNAVAILABLE", "The sealer is closed"));
      const active = worker ??= start();
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        active.postMessage({ id, payload }, transfer);
      });
    },
    close() {
      closed = true;
      fail("The sealer was closed before the segment was sealed");
    },
  };
}
