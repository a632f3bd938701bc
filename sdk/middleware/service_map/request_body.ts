/**
 * Looking at a body while the handler reads it. Nothing is read ahead and nothing is kept back, so that a handler sees the
 * same body at the same time as without.
 *
 * @module
 */

import { inferSchema } from "./record.ts";

/** Whether a body is JSON, and not known to be too long. */
export function isWatchable(
  type: string | null | undefined,
  length: string | null | undefined,
  maxBytes: number,
): boolean {
  const media = type?.split(";", 1)[0]?.trim().toLowerCase();
  // A length that is no number says nothing; the bytes are counted as well.
  return media === "application/json" && !(Number(length ?? 0) > maxBytes);
}

/** Keeps what was read of a body, up to a limit. */
export class SeenBody {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #complete = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Keeps a part. */
  add(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes <= this.#maxBytes) this.#chunks.push(chunk);
    else this.#chunks = [];
  }

  /** Says that there is no more. */
  finish(): void {
    this.#complete = true;
  }

  /** Names and types of its fields; null when it was not read to its end, is too long, or no JSON object. */
  schema(): Readonly<Record<string, string>> | null {
    if (!this.#complete || this.#bytes > this.#maxBytes || this.#bytes === 0) return null;
    const decoder = new TextDecoder();
    const text = this.#chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
    return inferSchema(text + decoder.decode());
  }
}

/** A request whose body is watched, if it is one to be watched. */
export function watchRequest(
  request: Request,
  maxBytes: number,
): { readonly request: Request; readonly seen: SeenBody | null } {
  const { headers, body } = request;
  if (
    body === null || request.bodyUsed ||
    !isWatchable(headers.get("content-type"), headers.get("content-length"), maxBytes)
  ) return { request, seen: null };
  const seen = new SeenBody(maxBytes);
  const watched = body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        seen.add(chunk);
        controller.enqueue(chunk);
      },
      flush: () => seen.finish(),
    }),
  );
  // Node wants `duplex` for bodies that are streams; the types of Deno do not know it.
  const init: RequestInit & { duplex: "half" } = { body: watched, duplex: "half" };
  return { request: new Request(request, init), seen };
}
