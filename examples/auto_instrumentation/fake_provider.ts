/**
 * A language model that needs no key: a local server with the interface of OpenAI's chat completions, whole and streamed.
 *
 * @module
 */

import { createServer, type IncomingMessage } from "node:http";

/** A running provider. */
export interface FakeProvider {
  /** What a client is given as its base URL. */
  readonly baseURL: string;
  /** Ends it. */
  close(): void;
}

const ANSWER = ["Your order", " is on", " its way."];
const USAGE = { prompt_tokens: 14, completion_tokens: 7, total_tokens: 21 };

async function bodyOf(request: IncomingMessage): Promise<{ model: string; stream?: boolean }> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

/** Starts a provider on a free port of this machine. */
export async function startFakeProvider(): Promise<FakeProvider> {
  const server = createServer(async (request, response) => {
    const { model, stream } = await bodyOf(request);
    const common = { id: "chatcmpl-1", created: 1_767_607_200, model };
    if (stream !== true) {
      const message = { role: "assistant", content: ANSWER.join(""), refusal: null };
      response.setHeader("content-type", "application/json").end(JSON.stringify({
        ...common,
        object: "chat.completion",
        choices: [{ index: 0, message, finish_reason: "stop", logprobs: null }],
        usage: USAGE,
      }));
      return;
    }
    response.setHeader("content-type", "text/event-stream");
    const send = (chunk: object) =>
      response.write(
        `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", ...chunk })}\n\n`,
      );
    for (const content of ANSWER) {
      const delta = { role: "assistant", content };
      send({ choices: [{ index: 0, delta, finish_reason: null }] });
    }
    send({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    send({ choices: [], usage: USAGE });
    response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    baseURL: `http://127.0.0.1:${address.port}/v1`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
