import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the fake provider saw it. */
export interface SeenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Record<string, unknown>;
}

/** What the fake provider answers. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Milliseconds before the answer. */
  readonly delayMs?: number;
}

/** A model vendor on an ephemeral loopback port. */
export interface FakeProvider {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** The most requests that were under way at once. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

/** Starts one; `answer` is called with each request and its number from 0. */
export async function fakeProvider(
  answer: (request: SeenRequest, index: number) => FakeAnswer,
): Promise<FakeProvider> {
  const seen: SeenRequest[] = [];
  let running = 0;
  let most = 0;
  const server = createServer(async (request, response) => {
    most = Math.max(most, ++running);
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>;
    const one = { url: request.url ?? "", headers: request.headers, body };
    const { status = 200, headers = {}, body: content, delayMs = 0 } = answer(one, seen.length);
    seen.push(one);
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    running--;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof content === "string" ? content : JSON.stringify(content ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An OpenAI chat completion with this text. */
export function completion(text: string, inputTokens = 10, outputTokens = 5): FakeAnswer {
  return {
    body: {
      model: "m",
      choices: [{ message: { role: "assistant", content: text }, finish_reason: "stop" }],
      usage: {
        prompt_tokens: inputTokens,
        completion_tokens: outputTokens,
        total_tokens: inputTokens + outputTokens,
      },
    },
  };
}
