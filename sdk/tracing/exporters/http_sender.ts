/**
 * Posts bytes until they are taken.
 *
 * @module
 */

import { TracingError } from "../errors.ts";

/** How a {@linkcode HttpSender} sends. */
export interface HttpSenderOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for an export with all its retries. */
  readonly timeoutMs: number;
  readonly compression: "gzip" | "none";
  readonly fetch: typeof globalThis.fetch;
}

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 5_000;
// OTLP/HTTP, "Failures": only these may be sent again.
const RETRYABLE = new Set([429, 502, 503, 504]);

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function retryAfterMs(response: Response): number | null {
  const text = response.headers.get("retry-after");
  if (text === null) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - Date.now());
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(wake, ms);
    function wake() {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    }
    signal.addEventListener("abort", wake);
  });
}

/** Posts bodies to one address, again where the server allows it, with growing and jittered pauses. */
export class HttpSender {
  readonly #options: HttpSenderOptions;
  readonly #close = new AbortController();

  constructor(options: HttpSenderOptions) {
    this.#options = options;
  }

  /**
   * Sends a body.
   *
   * @returns The server's answer
   * @throws {TracingError} `export_failed` when the server refuses it, or does not take it in time
   */
  async send(body: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const { url, timeoutMs, compression } = this.#options;
    const zip = compression === "gzip";
    const bytes = zip ? await gzip(body) : body;
    const signal = AbortSignal.any([this.#close.signal, AbortSignal.timeout(timeoutMs)]);
    let problem = `no answer within ${timeoutMs} ms`;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const answer = await this.#attempt(bytes, zip, signal);
      if (answer instanceof Uint8Array) return answer;
      problem = answer.problem;
      if (!answer.again) break;
      const capMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
      await sleep(answer.afterMs ?? capMs * (0.5 + Math.random() / 2), signal);
    }
    throw new TracingError("export_failed", `POST ${url}: ${problem}`);
  }

  async #attempt(
    body: Uint8Array<ArrayBuffer>,
    zip: boolean,
    signal: AbortSignal,
  ): Promise<Uint8Array | { problem: string; again: boolean; afterMs: number | null }> {
    try {
      const response = await this.#options.fetch(this.#options.url, {
        method: "POST",
        headers: { ...this.#options.headers, ...(zip ? { "content-encoding": "gzip" } : {}) },
        body,
        signal,
      });
      const answer = new Uint8Array(await response.arrayBuffer());
      if (response.ok) return answer;
      return {
        problem: `status ${response.status}`,
        again: RETRYABLE.has(response.status),
        afterMs: retryAfterMs(response),
      };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { problem, again: true, afterMs: null };
    }
  }

  /** Gives up what is being sent. */
  close(): void {
    this.#close.abort();
  }
}
